"""Addresses of the people screens."""

from django.urls import URLPattern, path

from yimei.desk.views import customer, patients, safety

urlpatterns: list[URLPattern] = [
    path("patients/", patients.index, name="patients"),
    path("patients/new/", patients.new, name="patient-new"),
    path("patients/new/duplicates/", patients.duplicates, name="patient-duplicates"),
    path("patients/new/identity/", patients.identity, name="patient-identity"),
    path("patients/<uuid:patient_id>/", patients.detail, name="patient"),
    path("patients/<uuid:patient_id>/register/", patients.register, name="patient-register"),
    path("patients/<uuid:patient_id>/edit/", patients.edit, name="patient-edit"),
    path("patients/<uuid:patient_id>/reveal/", patients.reveal, name="patient-reveal"),
    path("patients/<uuid:patient_id>/guardians/", safety.guardians, name="patient-guardians"),
    path("patients/<uuid:patient_id>/alerts/", safety.alerts, name="patient-alerts"),
    path("patients/<uuid:patient_id>/break-glass/", patients.break_glass, name="break-glass"),
    path("guardians/<uuid:guardian_id>/verify/", safety.verify_guardian, name="guardian-verify"),
    path("alerts/<uuid:alert_id>/end/", safety.end_alert, name="alert-end"),
    path("cases/<uuid:case_id>/", customer.case, name="case"),
]
