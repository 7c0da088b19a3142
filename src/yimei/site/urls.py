"""Addresses of the public website."""

from django.urls import path

from yimei.site.views import booking

app_name = "site"
urlpatterns = [
    path("", booking.choose, name="booking"),
    path("hold/", booking.hold, name="booking-hold"),
    path("<str:token>/", booking.details, name="booking-details"),
]
