"""Addresses of questionnaires, expectations, maps and prices."""

from django.urls import URLPattern, path

from yimei.desk.views import expectations, maps, prices, questionnaires

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
    path("cases/<uuid:case_id>/expectations/", expectations.expectations, name="case-expectations"),
    path("cases/<uuid:case_id>/expectations/score/", expectations.score, name="expectation-score"),
    path("cases/<uuid:case_id>/maps/", maps.index, name="case-maps"),
    path("cases/<uuid:case_id>/maps/<slug:kind>/", maps.begin, name="map-begin"),
    path("maps/<uuid:map_id>/", maps.show, name="map"),
    path("maps/<uuid:map_id>/edit/", maps.edit, name="map-edit"),
    path("maps/<uuid:map_id>/save/", maps.save, name="map-save"),
    path("maps/<uuid:map_id>/discard/", maps.discard, name="map-discard"),
    path("maps/<uuid:map_id>.pdf", maps.pdf, name="map-pdf"),
    path("money/variance/", prices.variance, name="money-variance"),
    path("money/limits/", prices.limits, name="discount-limits"),
    path("questionnaires/", questionnaires.library, name="questionnaires"),
    path("questionnaires/publish/", questionnaires.publish, name="questionnaire-publish"),
    path("questionnaires/<slug:code>/", questionnaires.version, name="questionnaire"),
]
