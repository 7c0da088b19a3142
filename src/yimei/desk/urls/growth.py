"""Addresses of segments, tags, flows and the numbers that a hospital sets itself."""

from django.urls import path

from yimei.desk.views import flows, numbers, segments

urlpatterns = [
    path("segments/", segments.index, name="segments"),
    path("segments/new/", segments.new, name="segment-new"),
    path("segments/tags/", segments.tags, name="tags"),
    path("segments/<uuid:segment_id>/", segments.detail, name="segment"),
    path("segments/<uuid:segment_id>/count/", segments.count, name="segment-count"),
    path("segments/<uuid:segment_id>/archive/", segments.archive, name="segment-archive"),
    path("segments/<uuid:segment_id>/explain/", segments.explain, name="segment-explain"),
    path("growth/numbers/", numbers.growth, name="growth-numbers"),
    path("journey/numbers/", numbers.journey, name="journey-numbers"),
    path("flows/", flows.index, name="flows"),
    path("flows/new/", flows.new, name="flow-new"),
    path("flows/file/", flows.bring_in, name="flow-bring-in"),
    path("flows/tasks/", flows.tasks, name="flow-tasks"),
    path("flows/tasks/<uuid:task_id>/done/", flows.task_done, name="flow-task-done"),
    path("flows/<uuid:flow_id>/", flows.detail, name="flow"),
    path("flows/<uuid:flow_id>/edit/", flows.edit, name="flow-edit"),
    path("flows/<uuid:flow_id>/publish/", flows.publish, name="flow-publish"),
    path("flows/<uuid:flow_id>/turn/", flows.turn, name="flow-turn"),
    path("flows/<uuid:flow_id>/copy/", flows.copy, name="flow-copy"),
    path("flows/<uuid:flow_id>/file/", flows.file, name="flow-file"),
    path("flows/<uuid:flow_id>/difference/", flows.difference, name="flow-difference"),
    path("flows/<uuid:flow_id>/back/", flows.back_to, name="flow-back-to"),
    path("flows/<uuid:flow_id>/dry/", flows.dry, name="flow-dry"),
]
