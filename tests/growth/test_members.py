"""Members: joined, raised, paid in points; the ledger always adds up, in the program and in the database."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import shipped
from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.factories.people import PersonFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.billing.actions import cuts, orders, quotes
from yimei.billing.enums import PaymentKind
from yimei.billing.models import Payment, Quote, QuoteCut
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.actions import benefits, members, points, tiers
from yimei.growth.enums import PointKind
from yimei.growth.models import BenefitEntry, Member, PointEntry
from yimei.growth.queries import members as queries
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import erasure

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def joined(house: House, patient: Patient | None = None) -> Member:
    return members.join((patient or house.patient()).public_id, by=house.reception, now=EIGHT)


def pay(member: Member, amount: str, *, at: datetime = EIGHT) -> Payment:
    order = OrderFactory(
        patient=member.patient, campus=member.patient.campus, amount=Decimal(amount), deposit=0, status="paid"
    )
    return PaymentFactory(order=order, amount=Decimal(amount), kind=PaymentKind.BALANCE, at=at)


def refund(payment: Payment, amount: str, *, at: datetime = EIGHT) -> Payment:
    return PaymentFactory(
        order=payment.order, amount=-Decimal(amount), kind=PaymentKind.REFUND, refund_of=payment, at=at
    )


def quote(house: House, member: Member, price: str = "7800") -> Quote:
    made = QuoteFactory(patient=member.patient, campus=house.campus, at=EIGHT, by=house.reception)
    QuoteLineFactory(quote=made, procedure=house.procedure, list_price=Decimal(price), price=Decimal(price))
    return made


def cashier(house: House) -> Staff:
    return house.staff("cashier", "收银小郑")


def test_only_adults_of_known_age_join_and_only_once(house: House) -> None:
    for born, words in ((None, "请先登记出生日期"), (date(2008, 6, 17), "未满 18 周岁")):
        child = house.patient(person=PersonFactory(birth_date=born))
        with pytest.raises(RuleBroken, match=words):
            joined(house, child)
    grown = house.patient(person=PersonFactory(birth_date=date(2008, 6, 16)))
    first = joined(house, grown)
    assert (first.tier, joined(house, grown)) == ("basic", first)
    assert first.tier_moves.count() == 1
    with pytest.raises(NotFound):
        members.join(grown.public_id, by=house.surgeons[0], now=EIGHT)


def test_spending_raises_a_member_at_once_with_what_the_tier_gives(house: House) -> None:
    member = joined(house)
    pay(member, "20000")
    assert points.follow(now=EIGHT) == 1
    assert points.follow(now=EIGHT) == 0
    member.refresh_from_db()
    card = queries.card(member, now=EIGHT)
    assert (member.tier, card.balance, card.spent) == ("silver", 20_000, Decimal("20000.00"))
    assert [(one.grant.name, one.left) for one in card.benefits] == [("皮肤检测", 2)]
    assert card.to_next == Decimal("40000.00")


def test_a_year_later_the_tier_is_looked_at_again_and_not_before(house: House) -> None:
    member = joined(house)
    pay(member, "20000")
    points.follow(now=EIGHT)
    assert tiers.review_due(now=days(365)) == 0
    assert tiers.review_due(now=days(366)) == 1
    member.refresh_from_db()
    assert (member.tier, [one.left for one in queries.stored(member, today=date(2027, 6, 17))]) == (
        "basic",
        [],
    )


def test_a_refund_takes_back_its_points_and_what_is_gone_is_filled_later(house: House) -> None:
    member = joined(house)
    paid = pay(member, "5000")
    points.follow(now=EIGHT)
    points.spend(
        member.public_id, quote_id=quote(house, member).public_id, points=4000, by=cashier(house), now=EIGHT
    )
    refund(paid, "1000")
    points.follow(now=EIGHT)
    assert (queries.balance(member), queries.owed(member)) == (0, 0)
    refund(paid, "4000")
    points.follow(now=EIGHT)
    assert (queries.balance(member), queries.owed(member)) == (0, 4000)
    pay(member, "4500")
    points.follow(now=EIGHT)
    assert (queries.balance(member), queries.owed(member)) == (500, 0)


def test_points_of_refunded_money_do_not_come_back_with_the_quote_they_paid(house: House) -> None:
    member, by = joined(house), cashier(house)
    paid = pay(member, "7800")
    points.follow(now=EIGHT)
    offered = quote(house, member)
    points.spend(member.public_id, quote_id=offered.public_id, points=5000, by=by, now=EIGHT)
    refund(paid, "7800")
    points.follow(now=EIGHT)
    assert (queries.balance(member), queries.owed(member)) == (0, 5000)
    quotes.decline(offered.public_id, by=by, now=days(1))
    assert (queries.balance(member), queries.owed(member)) == (0, 0)


def test_points_pay_part_of_a_quote_and_come_back_when_it_comes_to_nothing(house: House) -> None:
    member, by = joined(house), cashier(house)
    pay(member, "90000")
    points.follow(now=EIGHT)
    offered = quote(house, member)
    cut = points.spend(member.public_id, quote_id=offered.public_id, points=50_000, by=by, now=EIGHT)
    offered.refresh_from_db()
    assert (cut.amount, offered.total) == (Decimal("500.00"), Decimal("7300.00"))
    with pytest.raises(RuleBroken, match="已经用过积分"):
        points.spend(member.public_id, quote_id=offered.public_id, points=100, by=by, now=EIGHT)
    quotes.decline(offered.public_id, by=by, now=days(1))
    assert queries.balance(member) == 90_000
    back = PointEntry.objects.get(kind=PointKind.RETURN)
    assert back.expires_on == PointEntry.objects.get(kind=PointKind.EARN).expires_on


def test_the_bill_asks_for_what_is_left_and_a_cancelled_one_gives_the_points_back(house: House) -> None:
    member, by = joined(house), cashier(house)
    pay(member, "90000")
    points.follow(now=EIGHT)
    offered = quote(house, member)
    points.spend(member.public_id, quote_id=offered.public_id, points=50_000, by=by, now=EIGHT)
    quotes.accept(offered.public_id, by=by, now=EIGHT)
    with pytest.raises(RuleBroken, match="已选定"):
        cuts.take_off(QuoteCut.objects.get().public_id, by=by, now=EIGHT)
    order = orders.open_from_quote(offered.public_id, deposit=Decimal(0), by=by, now=EIGHT)
    assert order.amount == Decimal("7300.00")
    orders.cancel(order.public_id, reason="客户改期", by=by, now=EIGHT)
    assert queries.balance(member) == 90_000


def test_an_offer_that_ran_out_gives_back_what_it_held(house: House) -> None:
    member, by = joined(house), cashier(house)
    pay(member, "9000")
    points.follow(now=EIGHT)
    points.spend(member.public_id, quote_id=quote(house, member).public_id, points=9000, by=by, now=EIGHT)
    assert (cuts.undo_expired(now=days(14)), queries.balance(member)) == (0, 0)
    assert (cuts.undo_expired(now=days(15)), queries.balance(member)) == (1, 9000)
    assert cuts.undo_expired(now=days(15)) == 0


def test_points_that_come_back_late_are_good_for_a_month(house: House) -> None:
    member, by = joined(house), cashier(house)
    pay(member, "9000")
    points.follow(now=EIGHT)
    last = PointEntry.objects.get(kind=PointKind.EARN).expires_on
    assert last is not None
    late = EIGHT + (last - EIGHT.date()) - timedelta(days=1)
    made = quote(house, member)
    points.spend(member.public_id, quote_id=made.public_id, points=9000, by=by, now=EIGHT)
    cuts.undo_expired(now=late)
    assert PointEntry.objects.get(kind=PointKind.RETURN).expires_on == last + timedelta(days=29)


def test_points_of_somebody_else_do_not_pay(house: House) -> None:
    member, other = joined(house), joined(house)
    pay(other, "9000")
    points.follow(now=EIGHT)
    with pytest.raises(RuleBroken, match="会员本人"):
        points.spend(
            other.public_id, quote_id=quote(house, member).public_id, points=100, by=cashier(house), now=EIGHT
        )


def test_a_gift_is_given_once_for_one_reason(house: House) -> None:
    member, reason = joined(house), uuid4()
    asked = {"ref": reason, "expires_on": date(2027, 1, 1), "by": None, "now": EIGHT}
    first = points.gift(member, 200, **asked)
    assert points.gift(member, 200, **asked) == first
    assert queries.balance(member) == 200


def test_points_end_after_their_last_day(house: House) -> None:
    member = joined(house)
    pay(member, "100")
    points.follow(now=EIGHT)
    assert points.expire_due(now=datetime(2028, 6, 16, 1, tzinfo=EIGHT.tzinfo)) == 0
    assert points.expire_due(now=datetime(2028, 6, 17, 1, tzinfo=EIGHT.tzinfo)) == 1
    assert (queries.balance(member), points.expire_due(now=days(900))) == (0, 0)


def test_a_benefit_is_used_once_a_click_and_never_more_than_was_granted(house: House) -> None:
    member = joined(house)
    pay(member, "20000")
    points.follow(now=EIGHT)
    grant, by = member.benefits.get(), house.reception
    key = uuid4()
    used = benefits.use(grant.public_id, key=key, by=by, now=EIGHT)
    assert benefits.use(grant.public_id, key=key, by=by, now=EIGHT) == used
    benefits.use(grant.public_id, key=uuid4(), by=by, now=EIGHT)
    with pytest.raises(Conflict, match="已经用完"):
        benefits.use(grant.public_id, key=uuid4(), by=by, now=EIGHT)
    benefits.undo(used.public_id, by=by, now=EIGHT)
    assert benefits.undo(used.public_id, by=by, now=EIGHT).balance == 1
    other = BenefitEntry.objects.filter(kind="used").exclude(pk=used.pk).get()
    with pytest.raises(RuleBroken, match="只能撤销当天"):
        benefits.undo(other.public_id, by=by, now=days(1))
    with pytest.raises(RuleBroken, match="现在不能使用"):
        benefits.use(grant.public_id, key=uuid4(), by=by, now=days(400))


def test_the_database_refuses_a_ledger_that_does_not_add_up(house: House) -> None:
    member = joined(house)
    pay(member, "100")
    points.follow(now=EIGHT)
    last = PointEntry.objects.get()
    bad = {"member": member, "kind": "gift", "expires_on": date(2027, 1, 1), "at": EIGHT, "change": 5}
    for values in ({"seq": 2, "balance": 6}, {"seq": 3, "balance": 105}, {"seq": 1, "balance": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PointEntry.objects.create(**bad, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        PointEntry.objects.create(
            member=member, kind="spend", change=-101, balance=0, seq=2, lot=last, at=EIGHT
        )
    for act in (lambda: PointEntry.objects.update(change=1), lambda: PointEntry.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    assert PointEntry.objects.create(**bad, seq=2, balance=105).balance == 105


STEPS = st.lists(
    st.tuples(st.sampled_from(["pay", "refund", "spend", "decline", "expire", "gift"]), st.integers(1, 9000)),
    max_size=9,
)


@pytest.mark.slow(reason="several lives of a ledger, each with its own savepoint")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_points_are_conserved_whatever_happens(house: House, steps: list[tuple[str, int]]) -> None:
    sid = transaction.savepoint()
    try:
        _live(house, steps)
    finally:
        transaction.savepoint_rollback(sid)


def _live(house: House, steps: list[tuple[str, int]]) -> None:
    member, by, at = joined(house), cashier(house), EIGHT
    paid: list[Payment] = []
    open_quotes: list[Quote] = []
    for kind, n in steps:
        at += timedelta(days=1)
        if kind == "pay":
            paid.append(pay(member, str(n), at=at))
        elif kind == "refund" and paid:
            one = paid[n % len(paid)]
            back = one.amount + sum(each.amount for each in one.refunds.all())
            if back > 0:
                refund(one, str(min(back, Decimal(n))), at=at)
        elif kind == "gift":
            points.gift(member, n, ref=uuid4(), expires_on=(at + timedelta(days=n % 9)).date(), by=by, now=at)
        elif kind == "spend":
            offered = quote(house, member)
            Quote.objects.filter(pk=offered.pk).update(valid_to=at.date() + timedelta(days=9))
            most = queries.usable_points(member, offered, now=at)
            if most:
                points.spend(member.public_id, quote_id=offered.public_id, points=most, by=by, now=at)
                open_quotes.append(offered)
        elif kind == "decline" and open_quotes:
            quotes.decline(open_quotes.pop().public_id, by=by, now=at)
        elif kind == "expire":
            points.expire_due(now=at)
        points.follow(now=at)
        lines = list(PointEntry.objects.filter(member=member))
        balance = sum(one.change for one in lines)
        assert balance == queries.balance(member) == sum(lot.rest for lot in queries.lots(member))
        assert all(lot.rest >= 0 for lot in queries.lots(member))
        assert queries.owed(member) >= 0
        held = sum(int(one.amount * 100) for one in QuoteCut.objects.filter(undone_at=None))
        net = -sum(one.change for one in lines if one.kind in {"spend", "return"})
        assert held == net
    for one in paid:
        earned = sum(line.change for line in lines_of(member, "earn") if line.payment_id == one.pk)
        backs = [each.pk for each in one.refunds.all()]
        gone = [line for line in lines_of(member, "reverse") if line.payment_id in backs]
        stays = one.amount + sum(each.amount for each in one.refunds.all())
        assert earned + sum(line.change - line.short for line in gone) == earned * stays // one.amount


def lines_of(member: Member, kind: str) -> list[PointEntry]:
    return list(PointEntry.objects.filter(member=member, kind=kind))


def test_reach_is_by_care_by_campus_and_never_to_the_sealed(house: House) -> None:
    member = joined(house)
    for by in (house.consultants[0], house.surgeons[0], house.manager):
        assert not queries.listed(by=by).exists()
    house.cares(house.consultants[0], member.patient)
    assert queries.listed(by=house.consultants[0]).get() == member
    Patient.objects.filter(pk=member.patient_id).update(restricted_at=EIGHT, sealed_at=EIGHT)
    assert not queries.listed(by=house.reception).exists()
    with pytest.raises(NotFound):
        members.leave(member.public_id, by=house.reception, now=EIGHT)


def test_whoever_leaves_or_is_erased_keeps_no_points(house: House) -> None:
    shipped.register(EIGHT)
    left, erased = joined(house), joined(house)
    for member in (left, erased):
        pay(member, "20000")
    points.follow(now=EIGHT)
    members.leave(left.public_id, by=house.reception, now=EIGHT)
    assert queries.balance(left) == 0
    assert all(one.left == 0 for one in queries.stored(left, today=date(2026, 6, 16)))
    again = joined(house, left.patient)
    assert (again.pk, queries.balance(again)) == (left.pk, 0)
    number = erased.number
    erasure.carry_out(erased.patient, now=days(1))
    erased.refresh_from_db()
    assert (erased.left_at, erased.tier) == (days(1), "")
    assert erased.number != number
    assert queries.balance(erased) == 0
