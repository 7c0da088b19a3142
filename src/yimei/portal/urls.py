"""Addresses of the patient screens."""

from django.urls import path

from yimei.portal.views import surveys

app_name = "portal"
urlpatterns = [
    path("survey/thanks/", surveys.thanks, name="survey-thanks"),
    path("survey/<str:token>/", surveys.survey, name="survey"),
]
