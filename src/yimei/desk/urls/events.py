"""Addresses of events and their doors."""

from django.urls import URLPattern, path

from yimei.desk.views import events

urlpatterns: list[URLPattern] = [
    path("events/", events.index, name="events"),
    path("events/new/", events.new, name="event-new"),
    path("events/doors/", events.doors, name="event-doors"),
    path("events/<uuid:event_id>/", events.detail, name="event"),
    path("events/<uuid:event_id>/edit/", events.edit, name="event-edit"),
    path("events/<uuid:event_id>/publish/", events.publish, name="event-publish"),
    path("events/<uuid:event_id>/places/", events.widen, name="event-places"),
    path("events/<uuid:event_id>/cancel/", events.cancel, name="event-cancel"),
    path("events/<uuid:event_id>/cost/", events.cost, name="event-cost"),
    path("events/<uuid:event_id>/door/", events.door, name="event-door"),
    path("events/<uuid:event_id>/scans/", events.scans, name="event-scans"),
    path("events/<uuid:event_id>/walk-in/", events.walk_in, name="event-walk-in"),
]
