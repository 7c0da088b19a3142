"""Offers and their coupons: approved by another, issued within the budget, used once, given back, settled."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from tests.factories import shipped
from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.factories.hospital import PriceFactory
from tests.factories.people import CareRelationFactory, PersonFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.billing.actions import cuts, orders, quotes
from yimei.billing.models import PriceFloor, Quote
from yimei.billing.queries import variance_orders, variances
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.actions import coupons, flows, gifts, members, points, profiles, promotions, running
from yimei.growth.actions.promotions import Draft
from yimei.growth.enums import PromotionKind, SegmentUse, Stacking, ValueKind
from yimei.growth.models import BudgetEntry, Coupon, FlowRun, FlowStep, Promotion
from yimei.growth.queries import coupons as queries
from yimei.growth.queries import prices
from yimei.growth.queries import promotions as reads
from yimei.growth.rules.promotions import make_qr
from yimei.people.enums import CareReason
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents, erasure

pytestmark = pytest.mark.django_db
D = Decimal


class Shop(House):
    """The house with a list price, an offer's planner and who approves it."""

    def __init__(self) -> None:
        super().__init__()
        PriceFactory(procedure=self.procedure, campus=self.campus, amount=D(7800))
        self.director = self.staff("director", "郭院长")
        self.cashier = self.staff("cashier", "收银小郑")

    def draft(self, **values: Any) -> Draft:
        return Draft(
            **{
                "name": "初夏满减",
                "kind": PromotionKind.SEASON,
                "words": "满 3000 减 500，领取后 30 天内有效",
                "value_kind": ValueKind.AMOUNT,
                "value": D(500),
                "most": D(500),
                "min_spend": D(3000),
                "starts_on": date(2026, 6, 16),
                "ends_on": date(2026, 6, 30),
                "coupon_days": 30,
                "budget": D(5000),
                "per_person": 1,
                "stacking": Stacking.ALONE,
                "is_transferable": False,
            }
            | values
        )

    def offer(self, **values: Any) -> Promotion:
        made = promotions.write(self.draft(**values), by=self.manager, now=EIGHT)
        promotions.submit(made.public_id, by=self.manager, now=EIGHT)
        return promotions.approve(made.public_id, by=self.director, now=EIGHT)

    def coupon(self, offer: Promotion, patient: Patient | None = None, by: Staff | None = None) -> Coupon:
        to = (patient or self.patient()).public_id
        return coupons.issue(offer.public_id, patient_id=to, by=by or self.reception, now=EIGHT)

    def quote(self, patient: Patient, price: str = "7800") -> Quote:
        made = QuoteFactory(patient=patient, campus=self.campus, at=EIGHT, by=self.reception)
        QuoteLineFactory(quote=made, procedure=self.procedure, list_price=D(7800), price=D(price))
        return made

    def use(self, quote: Quote, coupon: Coupon, **values: Any) -> Any:
        asked = {"text": coupon.code, "by": self.cashier, "now": EIGHT} | values
        return coupons.use(quote.public_id, **asked)

    def sold(self, price: str, *, ago: int) -> None:
        quote = self.quote(self.patient(), price)
        order = OrderFactory(
            patient=quote.patient, campus=self.campus, quote=quote, amount=D(price), deposit=0, at=days(-ago)
        )
        PaymentFactory(order=order, amount=D(price), kind="balance", at=days(-ago))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def left(offer: Promotion) -> Decimal:
    return reads.figures([offer])[offer.pk].left


def test_an_offer_is_approved_by_another_and_then_only_stopped(shop: Shop) -> None:
    made = promotions.write(shop.draft(), by=shop.director, now=EIGHT)
    with pytest.raises(RuleBroken, match="不能从「草稿」变为「已批准」"):
        promotions.approve(made.public_id, by=shop.director, now=EIGHT)
    promotions.submit(made.public_id, by=shop.director, now=EIGHT)
    with pytest.raises(RuleBroken, match="拟定人以外"):
        promotions.approve(made.public_id, by=shop.director, now=EIGHT)
    with pytest.raises(NotFound):
        promotions.approve(made.public_id, by=shop.manager, now=EIGHT)
    promotions.send_back(made.public_id, note="", by=shop.director, now=EIGHT)
    offer = shop.offer()
    with pytest.raises(RuleBroken, match="只有草稿可以修改"):
        promotions.write(shop.draft(), promotion_id=offer.public_id, by=shop.manager, now=EIGHT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.filter(pk=offer.pk).update(created_by=shop.director)
    coupon = shop.coupon(offer)
    promotions.stop(offer.public_id, note="预算调整", by=shop.manager, now=EIGHT)
    with pytest.raises(RuleBroken, match="不在发放期"):
        shop.coupon(offer)
    assert shop.use(shop.quote(coupon.patient), coupon).amount == D(500)


def test_words_that_the_law_forbids_stop_an_approval(shop: Shop) -> None:
    with pytest.raises(RuleBroken) as refused:
        shop.offer(words="全网最低价，保证有效")
    assert [one.why for one in refused.value.missing] == ["《广告法》第九条", "《广告法》第十六条"]
    assert shop.offer().status == "approved"


def test_prices_compared_with_are_looked_up_and_raised_ones_are_refused(shop: Shop) -> None:
    shop.sold("7000", ago=3)
    shop.sold("6000", ago=30)
    fixed = {"value_kind": ValueKind.PRICE, "min_spend": D(0), "procedures": [shop.procedure.public_id]}
    with pytest.raises(RuleBroken) as refused:
        shop.offer(**fixed, value=D(7000), most=D(800))
    assert "不低于实际成交价 ¥7,000.00" in refused.value.missing[0].what
    offer = shop.offer(**fixed, value=D(6500), most=D(1300))
    item = offer.items.get()
    assert (item.list_price, item.base, item.base_on) == (D(7800), D(7000), local_date(days(-3)))
    (truth,) = prices.truths(shop.campus, today=date(2026, 6, 16))
    assert (truth.lowest_week, truth.lowest_month, truth.sales) == (D(7000), D(6000), 2)
    shop.procedure.prices.update(valid_from=date(2026, 6, 1))
    PriceFactory(
        procedure=shop.procedure,
        campus=shop.campus,
        amount=D(7000),
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 6, 1),
    )
    with pytest.raises(RuleBroken) as refused:
        shop.offer(**fixed, value=D(6500), most=D(1300))
    assert "提过价" in refused.value.missing[0].what


def test_each_coupon_is_paid_for_when_it_is_issued_and_the_rest_comes_back(shop: Shop) -> None:
    offer = shop.offer(budget=D(1000))
    first, second = shop.coupon(offer), shop.coupon(offer)
    assert left(offer) == 0
    with pytest.raises(Conflict, match="预算已发完"):
        shop.coupon(offer)
    coupons.void(first.public_id, why="发错人", by=shop.reception, now=EIGHT)
    assert left(offer) == 500
    shop.use(shop.quote(second.patient), second)
    third = shop.coupon(offer)
    assert coupons.settle(now=days(29)) == 0
    assert coupons.settle(now=days(30)) == 2
    assert (left(offer), reads.figures([offer])[offer.pk].taken) == (D(500), D(500))
    third.refresh_from_db()
    assert third.settled_at == days(30)
    for values in ({"seq": 1}, {"seq": 99, "balance": 1}, {"balance": -1}):
        last = BudgetEntry.objects.order_by("-seq").first()
        assert last is not None
        row = {
            "promotion": offer,
            "seq": last.seq + 1,
            "kind": "fund",
            "change": 1,
            "balance": last.balance + 1,
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            BudgetEntry.objects.create(**row | values, at=EIGHT)


def test_a_coupon_comes_off_the_bill_to_the_fen_and_the_variance_says_so(shop: Shop) -> None:
    coupon = shop.coupon(shop.offer())
    quote = shop.quote(coupon.patient, "7799.99")
    shop.use(quote, coupon, text=make_qr(settings.SECRET_KEY, coupon.code, coupon.valid_to))
    quotes.accept(quote.public_id, by=shop.cashier, now=EIGHT)
    order = orders.open_from_quote(quote.public_id, deposit=D(0), by=shop.cashier, now=EIGHT)
    assert order.amount == D("7299.99")
    sums = variances(variance_orders(by=shop.cashier, start=date(2026, 6, 1), end=date(2026, 7, 1)))
    assert (sums.listed, sums.quoted, sums.cut, sums.billed) == (D(7800), D("7799.99"), D(500), D("7299.99"))
    assert sums.gap == 0
    with pytest.raises(Conflict, match="已经用过"):
        shop.use(shop.quote(coupon.patient), coupon)
    orders.cancel(order.public_id, reason="改期", by=shop.cashier, now=EIGHT)
    shop.use(shop.quote(coupon.patient), coupon)


def test_every_refusal_says_what_is_wrong_with_the_coupon(shop: Shop) -> None:
    offer = shop.offer()
    coupon = shop.coupon(offer)
    quote = shop.quote(coupon.patient)
    old = make_qr(settings.SECRET_KEY, coupon.code, date(2027, 1, 1))
    for text, at, words in (
        ("0000 0000 0000", EIGHT, "没有这张券"),
        (coupon.code, days(14), "报价已于|报价"),
        (old[:-3], EIGHT, "不是本院出具"),
    ):
        with pytest.raises(RuleBroken, match=words):
            shop.use(quote, coupon, text=text, now=at if at == EIGHT else days(15))
    Quote.objects.filter(pk=quote.pk).update(valid_to=date(2026, 12, 31))
    with pytest.raises(
        RuleBroken, match="已于 2026-07-15 到期（含当日），不能再用。离线时收下的也以核销当天为准"
    ):
        shop.use(quote, coupon, now=days(30))
    with pytest.raises(RuleBroken, match="2026-07-15 到期"):
        shop.use(quote, coupon, text=old, now=days(30))
    with pytest.raises(RuleBroken, match="只能本人使用"):
        shop.use(shop.quote(shop.patient()), coupon)
    with pytest.raises(RuleBroken, match="未满 ¥3,000"):
        shop.use(shop.quote(coupon.patient, "2999"), coupon)
    other = shop.coupon(shop.offer(name="另一个"), coupon.patient)
    shop.use(quote, coupon)
    with pytest.raises(RuleBroken, match="两张券不能同时使用"):
        shop.use(quote, other)


def test_a_floor_holds_for_coupons_and_for_whoever_may_not_go_below(shop: Shop) -> None:
    coupon = shop.coupon(shop.offer())
    cuts.set_floor(shop.procedure.public_id, campus=shop.campus, amount=D(7301), by=shop.director, now=EIGHT)
    with pytest.raises(RuleBroken, match="低于价格底线") as refused:
        shop.use(shop.quote(coupon.patient), coupon)
    assert "¥7,300.00" in refused.value.missing[0].what
    with pytest.raises(RuleBroken) as refused:
        shop.offer(name="再来一次")
    assert "低于价格底线" in refused.value.missing[0].what
    with pytest.raises(NotFound):
        cuts.set_floor(shop.procedure.public_id, campus=shop.campus, amount=None, by=shop.cashier, now=EIGHT)
    cuts.set_floor(shop.procedure.public_id, campus=shop.campus, amount=None, by=shop.director, now=EIGHT)
    assert not PriceFloor.objects.exists()
    shop.use(shop.quote(coupon.patient), coupon)


def test_points_and_a_lonely_coupon_do_not_meet_on_one_quote(shop: Shop) -> None:
    coupon = shop.coupon(shop.offer())
    member = members.join(coupon.patient.public_id, by=shop.reception, now=EIGHT)
    points.gift(member, 5000, ref=coupon.public_id, expires_on=date(2027, 1, 1), by=None, now=EIGHT)
    quote = shop.quote(coupon.patient)
    shop.use(quote, coupon)
    with pytest.raises(RuleBroken, match="不能与积分同时使用"):
        points.spend(member.public_id, quote_id=quote.public_id, points=500, by=shop.cashier, now=EIGHT)
    other = shop.quote(coupon.patient)
    points.spend(member.public_id, quote_id=other.public_id, points=500, by=shop.cashier, now=EIGHT)
    second = shop.coupon(shop.offer(name="另一个"), coupon.patient)
    with pytest.raises(RuleBroken, match="先撤下积分"):
        shop.use(other, second)


def test_a_new_customer_is_new_under_every_file_and_number(shop: Shop) -> None:
    offer = shop.offer(kind=PromotionKind.NEW, per_person=5)
    known = shop.patient(person=PersonFactory(phone="+8612900000077"))
    again = shop.patient(person=PersonFactory(name="林小雨", phone="+8612900000077"))
    first = shop.coupon(offer, known)
    other = shop.offer(kind=PromotionKind.NEW, name="别的新客券")
    with pytest.raises(RuleBroken, match="已领过新客券"):
        shop.coupon(other, again)
    order = OrderFactory(patient=again, campus=shop.campus, amount=D(100), deposit=0)
    PaymentFactory(order=order, amount=D(100), kind="balance", at=EIGHT)
    with pytest.raises(RuleBroken, match="已有付款"):
        shop.coupon(offer, again)
    with pytest.raises(RuleBroken, match="已有付款"):
        shop.use(shop.quote(known), first)
    staff = shop.staff("nurse", "护士小何")
    worker = shop.patient(employee=staff)
    with pytest.raises(RuleBroken, match="本院员工"):
        shop.coupon(offer, worker)


def test_a_consultant_reads_whose_coupons_are_her_customers(shop: Shop) -> None:
    offer, consultant = shop.offer(), shop.staff("consultant", "咨询小李")
    hers, others = shop.patient(), shop.patient(person=PersonFactory(name="林二"))
    CareRelationFactory(staff=consultant, patient=hers, reason=CareReason.CONSULTANT)
    for patient in (hers, others):
        shop.coupon(offer, patient)
    assert [one.patient for one in queries.listed(offer, by=consultant)] == [hers]
    assert {one.patient for one in queries.listed(offer, by=shop.reception)} == {hers, others}


def test_limits_per_person_per_day_and_never_for_oneself_or_a_minor(shop: Shop) -> None:
    offer = shop.offer()
    twin = shop.patient(person=PersonFactory(phone="+8612900000088"))
    shop.coupon(offer, twin)
    same = shop.patient(person=PersonFactory(name="林二", phone="+8612900000088"))
    with pytest.raises(RuleBroken, match="每人限领 1 张"):
        shop.coupon(offer, same)
    own = shop.patient(employee=shop.reception)
    with pytest.raises(RuleBroken, match="不能给自己发券"):
        shop.coupon(offer, own)
    child = shop.patient(person=PersonFactory(birth_date=date(2010, 1, 1)))
    with pytest.raises(RuleBroken, match="未满 18 周岁"):
        shop.coupon(offer, child)
    row = {"promotion": offer, "patient": twin, "held": 1, "issued_at": EIGHT, "issued_by": shop.reception}
    row |= {"valid_from": date(2026, 6, 16), "valid_to": date(2026, 6, 17), "status": "void"}
    Coupon.objects.bulk_create(Coupon(code=f"{n:012d}", **row) for n in range(30))
    with pytest.raises(RuleBroken, match="每人每天的上限"):
        shop.coupon(offer)


def test_a_coupon_is_passed_on_only_where_its_offer_says_so_and_within_the_same_money(shop: Shop) -> None:
    fixed = shop.coupon(shop.offer())
    friend = shop.patient()
    with pytest.raises(RuleBroken, match="不能转赠"):
        coupons.transfer(fixed.public_id, to=friend.public_id, by=shop.reception, now=EIGHT)
    offer = shop.offer(name="可转赠", is_transferable=True)
    mine = shop.coupon(offer)
    for birth in (date(2012, 1, 1), None):
        child = shop.patient(person=PersonFactory(birth_date=birth))
        with pytest.raises(RuleBroken, match="未满 18 周岁或年龄未登记"):
            coupons.transfer(mine.public_id, to=child.public_id, by=shop.reception, now=days(5))
    before = left(offer)
    passed = coupons.transfer(mine.public_id, to=friend.public_id, by=shop.reception, now=days(5))
    assert (left(offer), passed.valid_to, passed.patient) == (before, mine.valid_to, friend)
    with pytest.raises(RuleBroken, match="已作废或已转赠"):
        shop.use(shop.quote(mine.patient), mine)
    with pytest.raises(RuleBroken, match="每人限领"):
        shop.coupon(offer, mine.patient)
    assert queries.held_by(offer, friend) == 1
    with pytest.raises(RuleBroken, match="受赠人已达到每人限领"):
        coupons.transfer(shop.coupon(offer).public_id, to=friend.public_id, by=shop.reception, now=days(5))
    stranger = shop.patient()
    quote = shop.quote(stranger)
    assert shop.use(quote, passed).quote == quote


def test_birthday_coupons_go_to_members_who_allowed_it_once_a_year(shop: Shop) -> None:
    offer = shop.offer(kind=PromotionKind.BIRTHDAY)
    soon = shop.patient(person=PersonFactory(birth_date=date(1990, 6, 20)))
    later = shop.patient(person=PersonFactory(birth_date=date(1990, 8, 20)))
    silent = shop.patient(person=PersonFactory(birth_date=date(1990, 6, 20)))
    took_back = shop.patient(person=PersonFactory(birth_date=date(1990, 6, 20)))
    for one in (soon, later, silent, took_back):
        members.join(one.public_id, by=shop.reception, now=EIGHT)
    shipped.register(EIGHT.replace(month=1))
    assert coupons.issue_birthdays(now=EIGHT) == 0
    for one in (soon, later, took_back):
        consents.give(one, "marketing", now=days(-1))
    consents.withdraw(took_back, "marketing", now=days(-0.5))
    assert coupons.issue_birthdays(now=EIGHT) == 1
    assert coupons.issue_birthdays(now=days(1)) == 0
    assert Coupon.objects.get().patient == soon
    with pytest.raises(RuleBroken, match="自动发放"):
        shop.coupon(offer)


def test_the_cost_is_replayed_on_the_years_orders(shop: Shop) -> None:
    for ago in (10, 40, 70):
        shop.sold("7800", ago=ago)
    shop.sold("2000", ago=50)
    made = promotions.write(shop.draft(), by=shop.manager, now=EIGHT)
    found = reads.simulate(made, take_up=100, now=EIGHT)
    assert (found.orders, found.matching, found.average) == (4, 3, D(500))
    assert found.expected == min(D(500) * 3 * 44 / 70, made.budget).quantize(D("0.01"))
    assert reads.is_near(date(1990, 12, 30), date(2026, 1, 2), within=5)
    assert not reads.is_near(date(1990, 12, 30), date(2026, 1, 20), within=5)


def test_an_erased_person_holds_no_coupon_and_her_money_goes_back(shop: Shop) -> None:
    shipped.register(EIGHT)
    offer = shop.offer()
    coupon = shop.coupon(offer)
    erasure.carry_out(coupon.patient, now=days(1))
    coupon.refresh_from_db()
    assert (coupon.status, left(offer)) == ("void", offer.budget)
    with pytest.raises(RuleBroken, match="没有这张券"):
        shop.use(shop.quote(shop.patient()), coupon, now=days(1))
    assert coupon.valid_to - coupon.valid_from == timedelta(days=29)


def run_through(shop: Shop, what: str, value: str, *people: Patient) -> list[str]:
    """Publish a flow of one gift and let these people take it; what came of each."""
    give = {"kind": "grant", "label": "发放", "what": what, "value": value, "next": ""}
    draft = {
        "use": "marketing",
        "trigger": {"kind": "inactive", "days": 30},
        "reentry": {"mode": "never"},
        "holdout": 0,
        "goal": {"event": "booked", "days": 14},
        "start": "give",
        "nodes": {"give": give},
    }
    flow = flows.create(name="发放", use=SegmentUse.MARKETING, draft=draft, by=shop.manager, now=EIGHT)
    version = flows.publish(flow.public_id, by=shop.manager, now=EIGHT)
    profiles.refresh(now=EIGHT)
    for one in people:
        FlowRun.objects.create(
            flow=flow, version=version, profile=one.growth_profile, key=f"k{one.pk}", node="give",
            wake_at=EIGHT, entered_at=EIGHT,
        )  # fmt: skip
    for _again in range(2):
        running.advance(flow.pk, now=EIGHT)
    return list(FlowStep.objects.order_by("run").values_list("result", flat=True))


def test_a_flow_issues_coupons_by_the_limits_of_every_desk() -> None:
    shop = Shop()
    offer = shop.offer(budget=D(1000))
    people = [shop.patient() for _n in range(3)]
    child = shop.patient(person__birth_date=date(2012, 1, 1))
    first = shop.coupon(offer, people[0])
    ends = run_through(shop, "coupon", str(offer.public_id), *people, child)
    assert ends == ["skipped", "done", "skipped", "skipped"]
    given = Coupon.objects.exclude(pk=first.pk).get()
    assert (given.patient, given.issued_by) == (people[1], None)
    assert BudgetEntry.objects.filter(promotion=offer).latest("seq").balance == 0


def test_a_flow_stores_one_use_of_a_benefit_for_members() -> None:
    shop = Shop()
    patient, stranger = shop.patient(), shop.patient()
    member = members.join(patient.public_id, by=shop.reception, now=EIGHT)
    [(code, name), *_more] = gifts.benefits_on(None, EIGHT.date())
    assert run_through(shop, "benefit", code, patient, stranger) == ["done", "skipped"]
    grant = member.benefits.get(ref__isnull=False)
    assert (grant.code, grant.name, grant.times) == (code, name, 1)


def test_an_offer_that_does_not_run_is_refused_when_the_flow_is_published() -> None:
    shop = Shop()
    offer = promotions.write(shop.draft(), by=shop.manager, now=EIGHT)
    with pytest.raises(RuleBroken, match="不在可发之列"):
        run_through(shop, "coupon", str(offer.public_id))
