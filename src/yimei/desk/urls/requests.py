"""Addresses of the screens about people's requests and what is sealed."""

from django.urls import URLPattern, path

from yimei.desk.views import holds, majority, notices, requests, retention, sealed

urlpatterns: list[URLPattern] = [
    path("requests/", requests.index, name="requests"),
    path("patients/<uuid:patient_id>/requests/new/", requests.new, name="request-new"),
    path("requests/<uuid:request_id>/", requests.detail, name="request"),
    path("requests/<uuid:request_id>/verify/", requests.verify, name="request-verify"),
    path("requests/<uuid:request_id>/extend/", requests.extend, name="request-extend"),
    path("requests/<uuid:request_id>/decide/", requests.decide, name="request-decide"),
    path("requests/<uuid:request_id>/move/", requests.move, name="request-move"),
    path("requests/<uuid:request_id>/pass/<uuid:party_id>/", requests.pass_on, name="request-pass"),
    path("requests/<uuid:request_id>/letter.pdf", requests.letter, name="request-letter"),
    path("requests/profiles/", requests.profiles, name="request-profiles"),
    path("requests/<uuid:request_id>/copy/<str:shape>/", requests.package, name="request-package"),
    path("requests/<uuid:request_id>/evidence.json", requests.evidence_file, name="request-evidence"),
    path("notices/", notices.index, name="notice-list"),
    path("notices/first/<slug:code>/", notices.first, name="notice-first"),
    path("notices/again/", notices.asked_again, name="consents-again"),
    path("notices/exceptions/<uuid:exception_id>/", notices.settle, name="notice-exception"),
    path("notices/<uuid:notice_id>/version/", notices.detail, name="notice-version"),
    path("notices/<uuid:notice_id>/edit/", notices.edit, name="notice-edit"),
    path("notices/<uuid:notice_id>/notice.pdf", notices.printed, name="notice-print"),
    path("patients/<uuid:patient_id>/notice-exception/", notices.except_, name="notice-exception-new"),
    path("privacy/retention/", retention.schedule, name="retention"),
    path("privacy/minimise/", retention.minimise, name="minimise"),
    path("privacy/majority/", majority.index, name="majority"),
    path("privacy/majority/run/", majority.run, name="majority-run"),
    path("patients/<uuid:patient_id>/number/keep/", majority.keep_number, name="number-keep"),
    path("holds/", holds.index, name="holds"),
    path("holds/<uuid:hold_id>/", holds.detail, name="hold"),
    path("holds/<uuid:hold_id>/sheet.pdf", holds.sheet, name="hold-sheet"),
    path("sealed/<uuid:unsealing_id>/resume/", sealed.resume, name="unsealing-resume"),
    path("sealed/", sealed.index, name="sealed"),
    path("sealed/<uuid:unsealing_id>/judge/", sealed.judge, name="unsealing-judge"),
    path("sealed/<uuid:unsealing_id>/", sealed.read, name="unsealing"),
]
