"""Addresses of referrals."""

from django.urls import URLPattern, path

from yimei.desk.views import referrals

urlpatterns: list[URLPattern] = [
    path("friends/", referrals.index, name="referrals"),
    path("friends/rules/", referrals.rules, name="referral-rules"),
    path("friends/rules/new/", referrals.publish, name="referral-rules-new"),
    path("friends/<uuid:referral_id>/", referrals.detail, name="referral"),
    path("friends/<uuid:referral_id>/judge/", referrals.decide, name="referral-judge"),
    path("members/<uuid:member_id>/referral/issue/", referrals.issue, name="referral-issue"),
    path("members/<uuid:member_id>/referral/revoke/", referrals.revoke, name="referral-revoke"),
    path("members/<uuid:member_id>/referral/card/", referrals.card, name="referral-card"),
    path("leads/<uuid:lead_id>/referral/", referrals.attach, name="referral-attach"),
]
