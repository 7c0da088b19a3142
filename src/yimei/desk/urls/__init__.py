"""Addresses of the staff screens."""

from yimei.desk.urls import bookings, clinical, people, photos, requests, waiting

app_name = "desk"
urlpatterns = [
    *people.urlpatterns,
    *bookings.urlpatterns,
    *clinical.urlpatterns,
    *photos.urlpatterns,
    *requests.urlpatterns,
    *waiting.urlpatterns,
]
