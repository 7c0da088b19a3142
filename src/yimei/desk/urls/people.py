"""Addresses of the people screens."""

from django.urls import URLPattern, path

from yimei.desk.views import (
    account,
    campuses,
    care,
    consents,
    duplicates,
    notifications,
    patients,
    privacy,
    roles,
    safety,
    search,
    sessions,
    staff,
    tagging,
    today,
)
from yimei.desk.views.customer import page

door: list[URLPattern] = [
    path("sign-in/", sessions.sign_in, name="sign-in"),
    path("sign-in/code/", sessions.totp, name="sign-in-totp"),
    path("sign-out/", sessions.sign_out, name="sign-out"),
    path("sign-out/everywhere/", sessions.sign_out_everywhere, name="sign-out-everywhere"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="password-change"),
]

everyday: list[URLPattern] = [
    path("", today.home, name="home"),
    path("today/", today.index, name="today"),
    path("badges/", today.badges, name="badges"),
    path("campus/", campuses.switch, name="campus"),
    path("search/", search.search, name="search"),
    path("notifications/", notifications.index, name="notifications"),
    path("notifications/<uuid:notification_id>/", notifications.open_one, name="notification-open"),
]

people: list[URLPattern] = [
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
    path("patients/<uuid:patient_id>/consents/", consents.index, name="patient-consents"),
    path("patients/<uuid:patient_id>/consents/<str:purpose_code>/", consents.ask, name="consent-ask"),
    path(
        "patients/<uuid:patient_id>/consents/<str:purpose_code>/withdraw/",
        consents.withdraw,
        name="consent-withdraw",
    ),
    path("patients/<uuid:patient_id>/tags/", tagging.tags, name="patient-tags"),
    path("patients/<uuid:patient_id>/tags/forget/", tagging.forget, name="patient-tags-forget"),
    path("patients/<uuid:patient_id>/log/", consents.log, name="patient-log"),
    path("patients/<uuid:patient_id>/break-glass/", care.break_glass, name="break-glass"),
    path("patients/<uuid:patient_id>/minor-look/", care.minor_ask, name="minor-ask"),
    path("patients/<uuid:patient_id>/capacity/", safety.capacity, name="patient-capacity"),
    path("capacity/<uuid:finding_id>/approve/", safety.approve_capacity, name="capacity-approve"),
    path("capacity/<uuid:finding_id>/end/", safety.end_capacity, name="capacity-end"),
    path("guardians/<uuid:guardian_id>/verify/", safety.verify_guardian, name="guardian-verify"),
    path("alerts/<uuid:alert_id>/end/", safety.end_alert, name="alert-end"),
    path("duplicates/", duplicates.index, name="duplicates"),
    path("duplicates/<uuid:pair_id>/", duplicates.review, name="duplicate"),
    path("merges/", duplicates.merge_list, name="merges"),
    path("merges/<uuid:merge_id>/approve/", duplicates.approve, name="merge-approve"),
    path("merges/<uuid:merge_id>/refuse/", duplicates.refuse, name="merge-refuse"),
    path("merges/<uuid:merge_id>/undo/", duplicates.undo, name="merge-undo"),
    path("notices/<uuid:notice_id>/", consents.notice, name="notice"),
    path("cases/<uuid:case_id>/", page.case, name="case"),
]

compliance: list[URLPattern] = [
    path("privacy/", privacy.overview, name="privacy"),
    path("privacy/audit/verify/", privacy.verify, name="audit-verify"),
    path("privacy/break-glasses/", privacy.break_glasses, name="break-glasses"),
    path("privacy/minor-looks/", care.minor_looks, name="minor-looks"),
    path("privacy/minor-looks/<uuid:look_id>/judge/", care.minor_judge, name="minor-judge"),
    path("privacy/break-glasses/<uuid:glass_id>/review/", privacy.review, name="break-glass-review"),
]

accounts: list[URLPattern] = [
    path("staff/", staff.index, name="staff"),
    path("staff/roles/", roles.index, name="roles"),
    path("staff/roles/offers/<str:permission>/", roles.answer, name="role-offer"),
    path("staff/roles/offers/<str:permission>/confirm/", roles.confirm, name="role-confirm"),
    path("staff/roles/<str:code>/", roles.edit, name="role"),
    path("staff/new/", staff.new, name="staff-new"),
    path("staff/<uuid:staff_id>/", staff.edit, name="staff-edit"),
    path("staff/<uuid:staff_id>/campus/", campuses.grant, name="staff-campus"),
    path("staff/campus/<uuid:access_id>/end/", campuses.end, name="staff-campus-end"),
    path("staff/<uuid:staff_id>/licence/", staff.licence, name="staff-licence"),
    path("staff/<uuid:staff_id>/privilege/", staff.privilege, name="staff-privilege"),
    path(
        "staff/privileges/<uuid:privilege_id>/withdraw/", staff.privilege_withdraw, name="privilege-withdraw"
    ),
    path("staff/<uuid:staff_id>/reset-password/", staff.reset_password, name="staff-reset-password"),
    path("staff/<uuid:staff_id>/reset-totp/", staff.reset_totp, name="staff-reset-totp"),
    path("staff/<uuid:staff_id>/deactivate/", staff.deactivate, name="staff-deactivate"),
]

urlpatterns = [*door, *everyday, *people, *compliance, *accounts]
