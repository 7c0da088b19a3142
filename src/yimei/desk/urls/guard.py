"""Addresses of the watch over the log: alarms, looks, seals, exports."""

from django.urls import URLPattern, path

from yimei.desk.views import canaries, exports, watch, watermark

urlpatterns: list[URLPattern] = [
    path("privacy/alarms/", watch.index, name="alarms"),
    path("privacy/alarms/<uuid:alarm_id>/", watch.alarm, name="alarm"),
    path("privacy/alarms/<uuid:alarm_id>/take/", watch.take, name="alarm-take"),
    path("privacy/canaries/", canaries.index, name="canaries"),
    path("privacy/canaries/plant/", canaries.plant, name="canaries-plant"),
    path("privacy/log/", watch.log, name="access-log"),
    path("privacy/log/staff/<uuid:staff_id>/", watch.leaver, name="leaver-report"),
    path("privacy/seals/", watch.seals, name="seals"),
    path("privacy/seals/verify/", watch.verify, name="seals-verify"),
    path("watermark.svg", watermark.tile, name="watermark"),
    path("exports/", exports.index, name="exports"),
    path("exports/leave/", exports.leave, name="export-leave"),
    path("exports/new/<slug:source_code>/", exports.ask, name="export-ask"),
    path("exports/<uuid:export_id>/judge/", exports.judge, name="export-judge"),
    path("exports/<uuid:export_id>/make/", exports.make, name="export-make"),
    path("exports/<uuid:export_id>/fetch/", exports.fetch, name="export-fetch"),
    path("exports/<uuid:export_id>/revoke/", exports.revoke, name="export-revoke"),
]
