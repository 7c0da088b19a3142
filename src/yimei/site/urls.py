"""Addresses of the public website."""

from django.urls import path

from yimei.site.views import ask, booking

app_name = "site"
urlpatterns = [
    path("", booking.choose, name="booking"),
    path("ask/", ask.ask, name="ask"),
    path("ask/thanks/", ask.thanks, name="ask-thanks"),
    path("hold/", booking.hold, name="booking-hold"),
    path("<str:token>/", booking.details, name="booking-details"),
]
