"""Addresses of the screens about people's requests and what is sealed."""

from django.urls import URLPattern, path

from yimei.desk.views import requests, sealed

urlpatterns: list[URLPattern] = [
    path("requests/", requests.index, name="requests"),
    path("patients/<uuid:patient_id>/requests/new/", requests.new, name="request-new"),
    path("requests/<uuid:request_id>/", requests.detail, name="request"),
    path("requests/<uuid:request_id>/verify/", requests.verify, name="request-verify"),
    path("requests/<uuid:request_id>/extend/", requests.extend, name="request-extend"),
    path("requests/<uuid:request_id>/decide/", requests.decide, name="request-decide"),
    path("requests/<uuid:request_id>/move/", requests.move, name="request-move"),
    path("requests/<uuid:request_id>/letter.pdf", requests.letter, name="request-letter"),
    path("requests/<uuid:request_id>/copy.json", requests.package, name="request-package"),
    path("requests/<uuid:request_id>/copy.pdf", requests.readable, name="request-readable"),
    path("sealed/", sealed.index, name="sealed"),
    path("sealed/<uuid:unsealing_id>/judge/", sealed.judge, name="unsealing-judge"),
    path("sealed/<uuid:unsealing_id>/", sealed.read, name="unsealing"),
]
