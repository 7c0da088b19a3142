"""An offer from its draft to the till, in a real browser at three widths, read by axe."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.e2e.desk import DESK, PHONE, TABLET, House
from tests.growth.test_coupons import Shop
from tests.journey.clinic import EIGHT, TEN
from yimei.core.clock import local_date
from yimei.growth.actions import members, points, promotions
from yimei.growth.models import Coupon, Promotion

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


def test_an_offer_from_its_draft_to_the_till(house: House) -> None:
    house.clock.at(TEN)
    shop = Shop()
    patient = shop.patient()
    shop.cares(shop.consultants[0], patient)
    case = shop.arrived(patient).case
    planner = house.person(shop.manager).open("promotions").look("没有活动", DESK, PHONE)
    planner.open("promotion-new").fill(
        name="初夏满减", kind="season", words="满 3000 减 500", value_kind="amount", value="500", most="500",
        min_spend="3000", starts_on="2026-06-16", ends_on="2026-06-30", budget="5000",
    ).look("拟定活动", DESK, TABLET, PHONE)  # fmt: skip
    planner.press("保存草稿").told("草稿已保存").look("草稿", DESK, PHONE)
    planner.press("提交批准").told("已提交")
    offer = Promotion.objects.get()
    promotions.approve(offer.public_id, by=shop.director, now=house.clock.now)
    house.person(shop.director).open("price-truth").look("价格真实", DESK, TABLET, PHONE)

    till = house.person(shop.cashier).open("patient-member", patient.public_id).look("还没入会", DESK, PHONE)
    till.press("办理入会").told("已入会")
    member = members.join(patient.public_id, by=shop.reception, now=house.clock.now)
    points.gift(
        member, 5000, ref=offer.public_id, expires_on=local_date(EIGHT) + timedelta(90), by=None, now=TEN
    )
    till.open("patient-member", patient.public_id).press("发券")
    dialog = till.page.locator("#dialog")
    till.pick("promotion", "初夏满减").look("发券", DESK, PHONE).press("发给这位客户", within=dialog).told(
        "已发券"
    )
    till.look("会员页", DESK, TABLET, PHONE)
    quote = shop.quote(patient)
    type(quote).objects.filter(pk=quote.pk).update(episode=case.public_id)
    till.open("case-money", case.public_id).press("券与积分").sees("用积分抵扣").look("券与积分", DESK, PHONE)
    typed = dialog.get_by_role("textbox", name="券码或二维码")
    typed.fill("0000 0000 0000")
    till.press("用券", within=dialog).sees("没有这张券")
    typed.fill(Coupon.objects.get().code)
    till.press("用券", within=dialog).told("已用券")
    till.look("用了券", DESK, TABLET, PHONE)
    quote.refresh_from_db()
    assert quote.total == Decimal(7300)
