"""Addresses of laboratory files and original reports."""

from django.urls import URLPattern, path

from yimei.desk.views import labs, reports

urlpatterns: list[URLPattern] = [
    path("labs/", labs.index, name="labs"),
    path("labs/<uuid:import_id>/", labs.detail, name="lab-import"),
    path("labs/<uuid:import_id>/run/", labs.run, name="lab-import-run"),
    path("labs/rows/<uuid:row_id>/repair/", labs.repair, name="lab-row-repair"),
    path("labs/rows/<uuid:row_id>/dismiss/", labs.dismiss, name="lab-row-dismiss"),
    path("cases/<uuid:case_id>/reports/", reports.reports, name="case-reports"),
    path("cases/<uuid:case_id>/tests/request.pdf", reports.request_form, name="test-request"),
    path("test-reports/<uuid:report_id>.pdf", reports.pdf, name="test-report"),
    path("test-reports/<uuid:report_id>/void/", reports.void, name="test-report-void"),
]
