"""Addresses of the public website."""

from django.urls import path

from yimei.site.views import ask, booking, events, partner, say

app_name = "site"
urlpatterns = [
    path("", booking.choose, name="booking"),
    path("ask/", ask.ask, name="ask"),
    path("ask/thanks/", ask.thanks, name="ask-thanks"),
    path("events/", events.index, name="events"),
    path("events/<slug:code>/", events.event, name="event"),
    path("events/<slug:code>/done/", events.done, name="event-done"),
    path("tickets/<uuid:seat_id>/<slug:mark>/", events.ticket, name="ticket"),
    path("tickets/<uuid:seat_id>/<slug:mark>/leave/", events.leave, name="ticket-leave"),
    path("say/thanks/", say.thanks, name="say-thanks"),
    path("say/receipt/<uuid:feedback_id>/<slug:mark>/", say.receipt, name="say-receipt"),
    path("say/receipt/<uuid:feedback_id>/<slug:mark>/withdraw/", say.withdraw, name="say-withdraw"),
    path("say/<slug:code>/", say.say, name="say"),
    path("partner/<str:token>/", partner.figures, name="partner"),
    path("hold/", booking.hold, name="booking-hold"),
    path("<str:token>/", booking.details, name="booking-details"),
]
