"""Addresses of segments and tags."""

from django.urls import path

from yimei.desk.views import segments

urlpatterns = [
    path("segments/", segments.index, name="segments"),
    path("segments/new/", segments.new, name="segment-new"),
    path("segments/tags/", segments.tags, name="tags"),
    path("segments/<uuid:segment_id>/", segments.detail, name="segment"),
    path("segments/<uuid:segment_id>/archive/", segments.archive, name="segment-archive"),
    path("segments/<uuid:segment_id>/explain/", segments.explain, name="segment-explain"),
]
