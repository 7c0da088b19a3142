"""Addresses of the staff screens."""

from yimei.desk.urls import bookings, clinical, governance, people, photos, requests, waiting

app_name = "desk"
urlpatterns = [
    *people.urlpatterns,
    *bookings.urlpatterns,
    *clinical.urlpatterns,
    *photos.urlpatterns,
    *requests.urlpatterns,
    *governance.urlpatterns,
    *waiting.urlpatterns,
]
