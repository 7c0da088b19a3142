"""Addresses of reports, their links and their timetable."""

from django.urls import URLPattern, path

from yimei.desk.views.insight import explore_reports, outside, reports, sharing

urlpatterns: list[URLPattern] = [
    path("insight/reports/", reports.index, name="insight-reports"),
    path("insight/reports/new/", reports.new, name="insight-report-new"),
    path("insight/reports/timetable/", sharing.timetable, name="insight-schedules"),
    path("insight/reports/timetable/<uuid:schedule_id>/", sharing.switch, name="insight-schedule-switch"),
    path("insight/reports/add/", explore_reports.add, name="insight-report-add"),
    path("insight/reports/ask-again/", explore_reports.ask_again, name="insight-ask-again"),
    path("insight/reports/<uuid:report_id>/", reports.detail, name="insight-report"),
    path("insight/reports/<uuid:report_id>/edit/", reports.edit, name="insight-report-edit"),
    path("insight/reports/<uuid:report_id>/advise/", reports.advise, name="insight-report-advise"),
    path("insight/reports/<uuid:report_id>/sign/", reports.sign, name="insight-report-sign"),
    path("insight/reports/<uuid:report_id>/take/", reports.take, name="insight-report-take"),
    path("insight/reports/<uuid:report_id>/share/", sharing.share, name="insight-report-share"),
    path("insight/reports/<uuid:report_id>/comment/", sharing.comment, name="insight-report-comment"),
    path("insight/reports/<uuid:report_id>/decide/", sharing.decide, name="insight-report-decide"),
    path("insight/reports/decisions/<uuid:decision_id>/", sharing.finish, name="insight-decision-done"),
    path("insight/reports/links/<uuid:link_id>/", sharing.take_back, name="insight-link-revoke"),
    path("insight/feeds/", outside.index, name="insight-feeds"),
    path("insight/feeds/views/", outside.publish, name="insight-views"),
    path("insight/feeds/views/<str:page>/withdraw/", outside.withdraw, name="insight-views-withdraw"),
    path("insight/feeds/<uuid:feed_id>/", outside.revoke, name="insight-feed-revoke"),
    path("insight/shared/<str:secret>/", sharing.shared, name="insight-shared"),
]
