"""Addresses of the bookings screens."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
