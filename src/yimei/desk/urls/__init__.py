"""Addresses of the staff screens."""

from yimei.desk.urls import (
    bookings,
    clinical,
    credit,
    feedback,
    governance,
    growth,
    guard,
    insight,
    labs,
    leads,
    members,
    people,
    photos,
    promotions,
    questionnaires,
    reports,
    requests,
    waiting,
)

app_name = "desk"
urlpatterns = [
    *people.urlpatterns,
    *bookings.urlpatterns,
    *clinical.urlpatterns,
    *labs.urlpatterns,
    *photos.urlpatterns,
    *questionnaires.urlpatterns,
    *requests.urlpatterns,
    *governance.urlpatterns,
    *guard.urlpatterns,
    *waiting.urlpatterns,
    *insight.urlpatterns,
    *reports.urlpatterns,
    *leads.urlpatterns,
    *credit.urlpatterns,
    *members.urlpatterns,
    *growth.urlpatterns,
    *promotions.urlpatterns,
    *feedback.urlpatterns,
]
