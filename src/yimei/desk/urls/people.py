"""Addresses of the people screens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
