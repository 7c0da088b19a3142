"""Addresses of clinical photographs; `photo-image` is the only one that hands out a picture."""

from django.urls import URLPattern, path

from yimei.desk.views import photos

urlpatterns: list[URLPattern] = [
    path("cases/<uuid:case_id>/photos/", photos.gallery, name="case-photos"),
    path("cases/<uuid:case_id>/photos/take/", photos.take, name="photo-take"),
    path("cases/<uuid:case_id>/photos/compare/", photos.compare, name="photo-compare"),
    path("photos/<uuid:photo_id>/", photos.photo, name="photo"),
    path("photos/<uuid:photo_id>/void/", photos.void, name="photo-void"),
    path("photos/<uuid:photo_id>/release/<slug:use>/", photos.release, name="photo-release"),
    path("photos/<uuid:photo_id>/withhold/<slug:use>/", photos.withhold, name="photo-withhold"),
    path("photos/<uuid:photo_id>/<slug:size>/", photos.image, name="photo-image"),
]
