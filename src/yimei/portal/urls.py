"""Addresses of the patient screens."""

from django.urls import path

from yimei.portal.views import forms, surveys, visits

app_name = "portal"
urlpatterns = [
    path("survey/thanks/", surveys.thanks, name="survey-thanks"),
    path("survey/<str:token>/", surveys.survey, name="survey"),
    path("visit/<str:token>/", visits.visit, name="visit"),
    path("offer/<str:token>/", visits.offer, name="offer"),
    path("forms/<str:token>/", forms.index, name="forms"),
    path("forms/<str:token>/<slug:code>/", forms.form, name="form"),
    path("forms/<str:token>/<slug:code>/save/", forms.save, name="form-save"),
]
