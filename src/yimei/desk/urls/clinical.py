"""Addresses of the clinical screens."""

from django.urls import URLPattern, path

from yimei.desk.views import (
    aftercare,
    assessments,
    plans,
    recovery,
    schedule,
    signing,
    stops,
    surgeries,
    tests,
)

urlpatterns: list[URLPattern] = [
    path("bmi/", assessments.bmi, name="bmi"),
    path("cases/<uuid:case_id>/assessment/", assessments.assessment, name="case-assessment"),
    path("cases/<uuid:case_id>/scores/", assessments.scores, name="case-scores"),
    path("cases/<uuid:case_id>/stops/", stops.stops, name="case-stops"),
    path("cases/<uuid:case_id>/stops/pass/", stops.override, name="stop-override"),
    path("cases/<uuid:case_id>/stops/<str:rule_code>/", stops.note, name="stop-note"),
    path("cases/<uuid:case_id>/tests/", tests.tests, name="case-tests"),
    path("cases/<uuid:case_id>/tests/order/", tests.order, name="test-order"),
    path("test-results/<uuid:result_id>/accept/", tests.accept, name="test-accept"),
    path("cases/<uuid:case_id>/plan/", plans.plan, name="case-plan"),
    path("plans/<uuid:plan_id>/choose/", plans.choose, name="plan-choose"),
    path("cases/<uuid:case_id>/consents/", signing.documents, name="case-consents"),
    path("plans/<uuid:plan_id>/sign/<slug:form_code>/", signing.sign, name="consent-sign"),
    path("consent-forms/<uuid:form_id>.pdf", signing.pdf, name="consent-pdf"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("cases/<uuid:case_id>/schedule/", schedule.place, name="case-schedule"),
    path("surgeries/<uuid:surgery_id>/cancel/", schedule.cancel, name="surgery-cancel"),
    path("cases/<uuid:case_id>/surgery/", surgeries.surgery, name="case-surgery"),
    path("surgeries/<uuid:surgery_id>/time/<slug:step>/", surgeries.time, name="surgery-time"),
    path("surgeries/<uuid:surgery_id>/check/<slug:phase>/", surgeries.check, name="surgery-check"),
    path("surgeries/<uuid:surgery_id>/sign/<slug:phase>/", surgeries.sign, name="surgery-sign"),
    path("surgeries/<uuid:surgery_id>/finish/", surgeries.finish, name="surgery-finish"),
    path("cases/<uuid:case_id>/recovery/", recovery.recovery, name="case-recovery"),
    path("surgeries/<uuid:surgery_id>/observe/", recovery.observe, name="recovery-observe"),
    path("surgeries/<uuid:surgery_id>/discharge/", recovery.discharge, name="recovery-discharge"),
    path("cases/<uuid:case_id>/advice/", recovery.advice, name="case-advice"),
    path("aftercare/", aftercare.aftercare, name="aftercare"),
    path("aftercare/<uuid:task_id>/", aftercare.finish, name="task-finish"),
    path("cases/<uuid:case_id>/review/", aftercare.review, name="case-review"),
    path("cases/<uuid:case_id>/close/", aftercare.close, name="case-close"),
]
