"""Addresses of the patient screens."""

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
