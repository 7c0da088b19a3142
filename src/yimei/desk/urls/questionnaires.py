"""Addresses of questionnaires."""

from django.urls import URLPattern, path

from yimei.desk.views import questionnaires

urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/questionnaires/", questionnaires.index, name="case-questionnaires"),
    path("cases/<uuid:case_id>/questionnaires/invite/", questionnaires.invite, name="questionnaire-invite"),
    path(
        "cases/<uuid:case_id>/questionnaires/<slug:code>/", questionnaires.begin, name="questionnaire-begin"
    ),
    path("answers/<uuid:answers_id>/fill/", questionnaires.fill, name="questionnaire-fill"),
    path("answers/<uuid:answers_id>/save/", questionnaires.save, name="questionnaire-save"),
    path("answers/<uuid:answers_id>/discard/", questionnaires.discard, name="questionnaire-discard"),
    path("answers/<uuid:answers_id>/", questionnaires.answers, name="questionnaire-answers"),
    path("answers/<uuid:answers_id>.pdf", questionnaires.pdf, name="questionnaire-pdf"),
    path("answers/<uuid:answers_id>.json", questionnaires.record, name="questionnaire-record"),
    path("questionnaire-links/<uuid:link_id>/revoke/", questionnaires.revoke, name="questionnaire-revoke"),
    path("referrals/<uuid:referral_id>/decide/", questionnaires.decide, name="referral-decide"),
    path("questionnaires/", questionnaires.library, name="questionnaires"),
    path("questionnaires/publish/", questionnaires.publish, name="questionnaire-publish"),
    path("questionnaires/<slug:code>/", questionnaires.version, name="questionnaire"),
]
