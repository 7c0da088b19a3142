"""Addresses of members."""

from django.urls import URLPattern, path

from yimei.desk.views import members

urlpatterns: list[URLPattern] = [
    path("members/", members.index, name="members"),
    path("members/rules/", members.rules, name="member-rules"),
    path("members/rules/new/", members.publish, name="member-rules-new"),
    path("patients/<uuid:patient_id>/member/", members.member, name="patient-member"),
    path("patients/<uuid:patient_id>/member/join/", members.join, name="member-join"),
    path("members/<uuid:member_id>/leave/", members.leave, name="member-leave"),
    path("members/benefits/<uuid:grant_id>/use/", members.use, name="benefit-use"),
    path("members/benefits/uses/<uuid:entry_id>/undo/", members.undo, name="benefit-undo"),
    path("quotes/<uuid:quote_id>/cuts/", members.cuts, name="quote-cuts"),
    path("quotes/<uuid:quote_id>/points/", members.points, name="quote-points"),
    path("quotes/cuts/<uuid:cut_id>/undo/", members.take_off, name="quote-cut-undo"),
]
