"""Addresses of the clinical screens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
