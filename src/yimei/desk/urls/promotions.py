"""Addresses of promotions, coupons and prices."""

from django.urls import URLPattern, path

from yimei.desk.views import coupons, promotions

urlpatterns: list[URLPattern] = [
    path("promotions/", promotions.index, name="promotions"),
    path("promotions/new/", promotions.new, name="promotion-new"),
    path("promotions/<uuid:promotion_id>/", promotions.detail, name="promotion"),
    path("promotions/<uuid:promotion_id>/edit/", promotions.edit, name="promotion-edit"),
    path("promotions/<uuid:promotion_id>/submit/", promotions.submit, name="promotion-submit"),
    path("promotions/<uuid:promotion_id>/back/", promotions.send_back, name="promotion-back"),
    path("promotions/<uuid:promotion_id>/approve/", promotions.approve, name="promotion-approve"),
    path("promotions/<uuid:promotion_id>/stop/", promotions.stop, name="promotion-stop"),
    path("prices/truth/", promotions.truth, name="price-truth"),
    path("prices/floors/<uuid:procedure_id>/", promotions.floor, name="price-floor"),
    path("patients/<uuid:patient_id>/coupons/", coupons.issue, name="coupon-issue"),
    path("coupons/<uuid:coupon_id>/void/", coupons.void, name="coupon-void"),
    path("coupons/<uuid:coupon_id>/pass/", coupons.pass_on, name="coupon-pass"),
    path("quotes/<uuid:quote_id>/coupon/", coupons.use, name="quote-coupon"),
]
