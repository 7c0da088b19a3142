"""Addresses of the staff screens."""

from yimei.desk.urls import bookings, clinical, people

app_name = "desk"
urlpatterns = [*people.urlpatterns, *bookings.urlpatterns, *clinical.urlpatterns]
