"""Addresses of the patient screens."""

from django.urls import path

from yimei.portal.views import booking, centre, door, enquiries, forms, members, stop, surveys, visits, wishes

app_name = "portal"
urlpatterns = [
    path("survey/thanks/", surveys.thanks, name="survey-thanks"),
    path("survey/<str:token>/", surveys.survey, name="survey"),
    path("stop/<str:token>/", stop.stop, name="stop"),
    path("visit/<str:token>/", visits.visit, name="visit"),
    path("offer/<str:token>/", visits.offer, name="offer"),
    path("forms/<str:token>/", forms.index, name="forms"),
    path("forms/<str:token>/<slug:code>/", forms.form, name="form"),
    path("forms/<str:token>/<slug:code>/save/", forms.save, name="form-save"),
    path("notices/", centre.notices, name="notices"),
    path("notices/<uuid:notice_id>/", centre.notice, name="notice"),
    path("notices/<uuid:notice_id>/notice.pdf", centre.notice_file, name="notice-file"),
    path("data/", centre.home, name="centre"),
    path("data/door/", door.door, name="centre-door"),
    path("data/door/<uuid:code_id>/", door.code, name="centre-code"),
    path("data/enquiry/", enquiries.kept, name="enquiry"),
    path("data/enquiry/door/", enquiries.door, name="enquiry-door"),
    path("data/enquiry/door/<uuid:visit_id>/", enquiries.code, name="enquiry-code"),
    path("data/enquiry/forget/", enquiries.forget, name="enquiry-forget"),
    path("data/visits/", booking.index, name="visits"),
    path("data/visits/new/", booking.new, name="visit-new"),
    path("data/visits/<uuid:booking_id>/open/", booking.open_visit, name="visit-open"),
    path("data/leave/", door.leave, name="centre-leave"),
    path("data/prove/", door.prove, name="centre-prove"),
    path("data/kept/", centre.kept, name="centre-kept"),
    path("data/member/", members.member, name="centre-member"),
    path("data/looks/", centre.looks, name="centre-looks"),
    path("data/consents/", centre.consents, name="centre-consents"),
    path("data/consents/<str:purpose_code>/", centre.consent, name="centre-consent"),
    path("data/consents/<str:purpose_code>/withdraw/", centre.withdraw, name="centre-withdraw"),
    path("data/requests/", wishes.index, name="centre-requests"),
    path("data/requests/new/<str:kind>/", wishes.new, name="centre-request-new"),
    path("data/requests/<uuid:request_id>/", wishes.detail, name="centre-request"),
    path("data/requests/<uuid:request_id>/take-back/", wishes.take_back, name="centre-take-back"),
    path("data/requests/<uuid:request_id>/letter.pdf", wishes.letter, name="centre-letter"),
    path("data/requests/<uuid:request_id>/copy/<str:shape>/", wishes.fetch, name="centre-copy"),
]
