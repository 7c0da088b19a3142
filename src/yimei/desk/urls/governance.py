"""Addresses of the officer's registers: rules, incidents, parties, assessments, training, audits."""

from django.urls import URLPattern, path

from yimei.desk.views import incidents, rulebook

urlpatterns: list[URLPattern] = [
    path("rules/", rulebook.index, name="rules"),
    path("rules/load/", rulebook.load, name="rules-load"),
    path("rules/shipped/", rulebook.load_shipped, name="rules-shipped"),
    path("rules/declare/", rulebook.declare, name="rules-declare"),
    path("rules/packs/<uuid:pack_id>/", rulebook.pack, name="rule-pack"),
    path("rules/packs/<uuid:pack_id>/decide/", rulebook.decide, name="rule-pack-decide"),
    path("incidents/", incidents.index, name="incidents"),
    path("incidents/report/", incidents.report, name="incident-report"),
    path("incidents/<uuid:incident_id>/", incidents.detail, name="incident"),
    path("incidents/<uuid:incident_id>/triage/", incidents.triage, name="incident-triage"),
    path("incidents/<uuid:incident_id>/scope/", incidents.scope, name="incident-scope"),
    path("incidents/<uuid:incident_id>/words/", incidents.describe, name="incident-words"),
    path("incidents/<uuid:incident_id>/note/", incidents.note, name="incident-note"),
    path("incidents/<uuid:incident_id>/letters/", incidents.letters, name="incident-letters"),
    path("incidents/<uuid:incident_id>/move/", incidents.move, name="incident-move"),
    path("incidents/<uuid:incident_id>/report.pdf", incidents.authority_report, name="incident-report-pdf"),
    path("incidents/<uuid:incident_id>/letter.pdf", incidents.printed, name="incident-letter-pdf"),
    path("incidents/duties/<uuid:duty_id>/", incidents.duty, name="incident-duty"),
]
