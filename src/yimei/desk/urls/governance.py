"""Addresses of the officer's registers: rules, incidents, parties, assessments, training, audits."""

from django.urls import URLPattern, path

from yimei.desk.views import rulebook

urlpatterns: list[URLPattern] = [
    path("rules/", rulebook.index, name="rules"),
    path("rules/load/", rulebook.load, name="rules-load"),
    path("rules/shipped/", rulebook.load_shipped, name="rules-shipped"),
    path("rules/declare/", rulebook.declare, name="rules-declare"),
    path("rules/packs/<uuid:pack_id>/", rulebook.pack, name="rule-pack"),
    path("rules/packs/<uuid:pack_id>/decide/", rulebook.decide, name="rule-pack-decide"),
]
