"""Addresses of the officer's registers: rules, incidents, parties, assessments, training, audits."""

from django.urls import URLPattern, path

from yimei.desk.views import impact, incidents, parties, rulebook, transfers

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
    path("parties/", parties.index, name="parties"),
    path("parties/new/", parties.new, name="party-new"),
    path("parties/<uuid:party_id>/", parties.detail, name="party"),
    path("parties/<uuid:party_id>/move/", parties.move, name="party-move"),
    path("transfers/", transfers.index, name="transfers"),
    path("transfers/new/", transfers.new, name="transfer-new"),
    path("transfers/<uuid:transfer_id>/", transfers.detail, name="transfer"),
    path("transfers/<uuid:transfer_id>/move/", transfers.move, name="transfer-move"),
    path("assessments/", impact.index, name="assessments"),
    path("assessments/new/", impact.new, name="assessment-new"),
    path("assessments/<uuid:assessment_id>/", impact.detail, name="assessment"),
    path("assessments/<uuid:assessment_id>/move/", impact.move, name="assessment-move"),
    path("assessments/<uuid:assessment_id>/report.pdf", impact.printed, name="assessment-pdf"),
    path("purposes/<uuid:purpose_id>/switch/", impact.switch, name="purpose-switch"),
]
