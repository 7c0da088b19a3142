"""Addresses of leads."""

from django.urls import URLPattern, path

from yimei.desk.views import answering, board, exchange, intake
from yimei.desk.views.leads import entry, lead, overview

urlpatterns: list[URLPattern] = [
    path("leads/", overview.index, name="leads"),
    path("leads/new/", entry.new, name="lead-new"),
    path("leads/file/", intake.bring_in, name="leads-file"),
    path("leads/file/<uuid:file_id>/refused/", intake.refused, name="leads-file-refused"),
    path("leads/file/<uuid:file_id>/again/", intake.go_on, name="leads-file-again"),
    path("leads/gates/", intake.gates, name="gates"),
    path("leads/gates/<uuid:gate_id>/secret/", intake.secret, name="gate-secret"),
    path("leads/gates/<uuid:gate_id>/renew/", intake.renew, name="gate-renew"),
    path("leads/gates/<uuid:gate_id>/stop/", intake.stop, name="gate-stop"),
    path("leads/board/", board.index, name="leads-board"),
    path("leads/assign/", board.assign, name="leads-assign"),
    path("leads/assign/rule/", board.assign_rule, name="leads-rule"),
    path("leads/assign/<uuid:staff_id>/", board.assign_skills, name="leads-skills"),
    path("leads/<uuid:lead_id>/move/", board.move, name="lead-move"),
    path("leads/calls/", exchange.calls, name="leads-calls"),
    path("leads/calls/next/", exchange.call_next, name="leads-call-next"),
    path("leads/calls/<uuid:call_id>/", exchange.caller, name="leads-caller"),
    path("leads/score/", board.score, name="leads-score"),
    path("leads/score/train/", board.train, name="leads-score-train"),
    path("leads/<uuid:lead_id>/unscored/", board.unscored, name="lead-unscored"),
    path("leads/forget/", overview.forget, name="leads-forget"),
    path("leads/same/", entry.same, name="lead-same"),
    path("leads/<uuid:lead_id>/", lead.detail, name="lead"),
    path("leads/<uuid:lead_id>/touch/", lead.touch, name="lead-touch"),
    path("leads/<uuid:lead_id>/claim/", lead.claim, name="lead-claim"),
    path("leads/<uuid:lead_id>/release/", lead.release, name="lead-release"),
    path("leads/<uuid:lead_id>/transfer/", lead.transfer, name="lead-transfer"),
    path("leads/<uuid:lead_id>/lose/", lead.lose, name="lead-lose"),
    path("leads/<uuid:lead_id>/erase/", lead.erase, name="lead-erase"),
    path("leads/<uuid:lead_id>/agree/", answering.agree, name="lead-agree"),
    path("leads/<uuid:lead_id>/stop/", answering.stop, name="lead-stop"),
    path("leads/<uuid:lead_id>/reopen/", lead.reopen, name="lead-reopen"),
    path("leads/<uuid:lead_id>/reveal/", lead.reveal, name="lead-reveal"),
    path("leads/<uuid:lead_id>/book/", entry.book, name="lead-book"),
]
