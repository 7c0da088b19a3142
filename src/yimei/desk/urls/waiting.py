"""Addresses of the waiting list, of those turned away and of calendars."""

from django.urls import URLPattern, path

from yimei.desk.views import feeds, handovers, waiting

urlpatterns: list[URLPattern] = [
    path("waiting/", waiting.index, name="waiting"),
    path("waiting/new/", waiting.new, name="waiting-new"),
    path("waiting/find/", waiting.find, name="waiting-find"),
    path("waiting/<uuid:entry_id>/withdraw/", waiting.withdraw, name="waiting-withdraw"),
    path("waiting/offers/<uuid:offer_id>/accept/", waiting.accept, name="waiting-accept"),
    path("waiting/offers/<uuid:offer_id>/decline/", waiting.decline, name="waiting-decline"),
    path("turn-aways/", waiting.turn_aways, name="turn-aways"),
    path("turn-aways/new/", waiting.turn_away, name="turn-away"),
    path("cases/<uuid:case_id>/handover/", handovers.ask, name="case-handover"),
    path("handovers/<uuid:handover_id>/", handovers.detail, name="handover"),
    path("handovers/<uuid:handover_id>/accept/", handovers.accept, name="handover-accept"),
    path("handovers/<uuid:handover_id>/decline/", handovers.decline, name="handover-decline"),
    path("handovers/<uuid:handover_id>/withdraw/", handovers.withdraw, name="handover-withdraw"),
    path("overdue/", handovers.overdue, name="overdue"),
    path("cases/<uuid:case_id>/press/", handovers.press, name="case-press"),
    path("feeds/", feeds.index, name="feeds"),
    path("feeds/new/", feeds.create, name="feed-create"),
    path("feeds/revoke/", feeds.revoke, name="feed-revoke"),
    path("feed/<str:secret>.ics", feeds.calendar, name="feed"),
]
