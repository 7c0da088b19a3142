"""Addresses of partners and their statements."""

from django.urls import URLPattern, path

from yimei.desk.views import partners

urlpatterns: list[URLPattern] = [
    path("partners/", partners.index, name="partners"),
    path("partners/new/", partners.new, name="partner-new"),
    path("partners/<uuid:partner_id>/", partners.detail, name="partner"),
    path("partners/<uuid:partner_id>/paper/", partners.paper, name="partner-paper"),
    path("partners/<uuid:partner_id>/agree/", partners.agree, name="partner-agree"),
    path("partners/<uuid:partner_id>/code/", partners.code, name="partner-code"),
    path(
        "partners/<uuid:partner_id>/codes/<uuid:code_id>/stop/",
        partners.revoke_code,
        name="partner-code-stop",
    ),
    path("partners/<uuid:partner_id>/codes/<uuid:code_id>/card/", partners.card, name="partner-card"),
    path("partners/<uuid:partner_id>/link/", partners.link, name="partner-link"),
    path("partners/<uuid:partner_id>/link/stop/", partners.revoke_link, name="partner-link-stop"),
    path("partners/<uuid:partner_id>/end/", partners.end, name="partner-end"),
    path("partners/<uuid:partner_id>/pass/", partners.pass_on, name="partner-pass"),
    path("partners/<uuid:partner_id>/statements/", partners.propose, name="partner-propose"),
    path("agreements/<uuid:agreement_id>/approve/", partners.approve, name="agreement-approve"),
    path("agreements/<uuid:agreement_id>/end/", partners.end_agreement, name="agreement-end"),
    path("statements/<uuid:statement_id>/", partners.statement, name="partner-statement"),
    path("statements/<uuid:statement_id>/approve/", partners.approve_statement, name="statement-approve"),
    path("statements/<uuid:statement_id>/refuse/", partners.refuse, name="statement-refuse"),
    path("statements/<uuid:statement_id>/pay/", partners.pay, name="statement-pay"),
]
