"""Addresses outside programs call; the two health pages need no sign-in."""

from django.urls import path

from yimei.api.views import health

app_name = "api"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
