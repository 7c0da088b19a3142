"""Addresses of credit."""

from django.urls import URLPattern, path

from yimei.desk.views import credit

urlpatterns: list[URLPattern] = [
    path("credit/", credit.index, name="credit"),
    path("credit/rules/", credit.rules, name="credit-rules"),
    path("credit/rules/file/", credit.file, name="credit-rules-file"),
    path("credit/rules/new/", credit.draft, name="credit-rules-new"),
    path("credit/appeals/<uuid:appeal_id>/rule/", credit.rule, name="credit-rule"),
    path("credit/<uuid:order_id>/", credit.deal, name="credit-deal"),
    path("credit/<uuid:order_id>/appeal/", credit.appeal, name="credit-appeal"),
]
