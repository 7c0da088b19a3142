"""Addresses of what the hospital is and has: places, roster, catalogue and prices."""

from django.urls import URLPattern, path

from yimei.desk.views import catalogue, papers, places, roster

urlpatterns: list[URLPattern] = [
    path("roster/", roster.index, name="roster"),
    path("roster/new/", roster.new, name="roster-new"),
    path("roster/new/<uuid:staff_id>/<str:day>/", roster.new, name="roster-new-for"),
    path("roster/copy/", roster.copy, name="roster-copy"),
    path("roster/<uuid:duty_id>/remove/", roster.remove, name="roster-remove"),
    path("places/", places.index, name="places"),
    path("places/campus/", places.campus, name="campus-edit"),
    path("places/campus/new/", places.campus_new, name="campus-new"),
    path("places/<slug:kind>/new/", places.edit, name="place-new"),
    path("places/<slug:kind>/<uuid:row_id>/", places.edit, name="place"),
    path("catalogue/", catalogue.index, name="catalogue"),
    path("catalogue/new/", catalogue.new, name="procedure-new"),
    path("catalogue/<uuid:procedure_id>/", catalogue.detail, name="procedure"),
    path("catalogue/<uuid:procedure_id>/save/", catalogue.save, name="procedure-save"),
    path("catalogue/<uuid:procedure_id>/price/", catalogue.price, name="procedure-price"),
    path("catalogue/<uuid:procedure_id>/before/", catalogue.before, name="procedure-before"),
    path("catalogue/<uuid:procedure_id>/aftercare/", catalogue.aftercare, name="procedure-aftercare"),
    path("catalogue/<uuid:procedure_id>/confirm/", catalogue.confirm, name="procedure-confirm"),
    path("papers/", papers.index, name="papers"),
    path("papers/<slug:code>/", papers.edit, name="paper"),
    path("working-days/", catalogue.days, name="working-days"),
]
