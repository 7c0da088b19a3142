"""Promotions and coupons at their screens: written, approved, issued, scanned, refused in words."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.urls import reverse

from tests.desk.front import Front, at_time, queries_of
from tests.growth.test_coupons import Shop
from tests.journey.clinic import EIGHT, TEN
from yimei.billing.models import PriceFloor
from yimei.core.clock import local_date
from yimei.growth.models import Coupon, Promotion
from yimei.growth.rules.promotions import make_qr

pytestmark = pytest.mark.django_db


class Counter(Shop, Front):
    """The shop, opened through its addresses."""

    def __init__(self) -> None:
        Front.__init__(self)
        from yimei.growth.actions import reference

        reference.load(at=EIGHT)
        self.second = self.staff("online", "网电小吴")
        self.manager = self.staff("marketing", "运营主管")


@pytest.fixture
def shop() -> Counter:
    return Counter()


def typed(shop: Counter, **values: str) -> dict[str, object]:
    return {
        "name": "初夏满减", "kind": "season", "words": "满 3000 减 500", "value_kind": "amount",
        "value": "500",
        "most": "500", "min_spend": "3000", "starts_on": "2026-06-16", "ends_on": "2026-06-30",
        "coupon_days": "30", "budget": "5000", "per_person": "1", "stacking": "alone",
        "procedures": [str(shop.procedure.public_id)], **values,
    }  # fmt: skip


def test_from_the_draft_to_the_approval(shop: Counter) -> None:
    desk, head = shop.client(shop.manager, TEN), shop.client(shop.director, TEN)
    with at_time(TEN):
        wrong = desk.post(reverse("desk:promotion-new"), typed(shop, min_spend="500"))
        assert wrong.status_code == 422
        assert "不能变成免费" in wrong.content.decode()
        assert desk.post(reverse("desk:promotion-new"), typed(shop)).status_code == 302
        made = Promotion.objects.get()
        page = reverse("desk:promotion", args=[made.public_id])
        shown = desk.get(page, {"take": "100"}).content.decode()
        assert "费用预估" in shown
        assert "文案按广告法用语核对过" in shown
        edit = reverse("desk:promotion-edit", args=[made.public_id])
        assert "满 3000 减 500" in desk.get(edit).content.decode()
        desk.post(reverse("desk:promotion-submit", args=[made.public_id]))
        approve = reverse("desk:promotion-approve", args=[made.public_id])
        assert desk.post(approve).status_code == 404
        assert head.post(approve).status_code == 302
        assert "预算余额" in head.get(page).content.decode()
        assert (
            desk.post(reverse("desk:promotion-stop", args=[made.public_id]), {"note": ""}).status_code == 422
        )


def test_a_coupon_is_issued_and_scanned_at_the_till(shop: Counter) -> None:
    offer = shop.offer()
    patient, desk = shop.patient(), shop.client(shop.cashier, TEN)
    with at_time(TEN):
        layer = desk.get(reverse("desk:coupon-issue", args=[patient.public_id])).content.decode()
        assert offer.name in layer
        url = reverse("desk:coupon-issue", args=[patient.public_id])
        assert desk.post(url, {"promotion": offer.public_id}).status_code == 302
        assert "每人限领" in desk.post(url, {"promotion": offer.public_id}).content.decode()
        coupon, quote = Coupon.objects.get(), shop.quote(patient)
        use = reverse("desk:quote-coupon", args=[quote.public_id])
        refused = desk.post(use, {"code": "YMC1.0000.20260101.AAAA"})
        assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#dialog")
        assert "不是本院出具" in refused.content.decode()
        code = make_qr(settings.SECRET_KEY, coupon.code, coupon.valid_to)
        assert desk.post(use, {"code": code}).status_code == 302
        page = desk.get(reverse("desk:patient-member", args=[patient.public_id])).content.decode()
    assert "已使用" in page
    assert quote.__class__.objects.get(pk=quote.pk).total == Decimal(7300)


def test_floors_are_set_by_whoever_approves_and_read_by_the_rest(shop: Counter) -> None:
    desk, head = shop.client(shop.cashier, TEN), shop.client(shop.director, TEN)
    url = reverse("desk:price-floor", args=[shop.procedure.public_id])
    with at_time(TEN):
        assert desk.post(url, {"amount": "7000"}).status_code == 404
        assert head.post(url, {"amount": "七千"}).status_code == 422
        assert head.post(url, {"amount": "7,000"}).status_code == 302
        page = desk.get(reverse("desk:price-truth")).content.decode()
    assert PriceFloor.objects.get().amount == Decimal(7000)
    assert "¥7,000.00" in page
    assert "没有成交过" in page


def test_the_lists_ask_no_more_for_more(shop: Counter) -> None:
    shop.offer()
    desk = shop.client(shop.manager, TEN)
    with at_time(TEN):
        few = queries_of(desk, reverse("desk:promotions"))
        for n in range(3):
            shop.coupon(shop.offer(name=f"活动{n}"))
        assert queries_of(desk, reverse("desk:promotions")) <= few
    assert local_date(TEN) == Promotion.objects.earliest("pk").starts_on
