"""Addresses outside programs call; the two health pages need no sign-in."""

from django.urls import path

from yimei.api.views import feeds, health, leads

app_name = "api"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/leads/", leads.lead, name="lead"),
    path("feeds/odata/", feeds.service, name="feed-service"),
    path("feeds/odata/$metadata", feeds.metadata, name="feed-metadata"),
    path("feeds/odata/<slug:name>", feeds.entity, name="feed-entity"),
    path("feeds/<str:secret>/<slug:name>.csv", feeds.sheet, name="feed-sheet"),
]
