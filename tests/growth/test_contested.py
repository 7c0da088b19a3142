"""Whatever eight do at the same instant: one owner, one first lead, no fen above a budget, no use twice."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests.factories.crowd import ends_of
from tests.growth.house import House
from tests.growth.test_coupons import Shop
from tests.growth.test_credit import Court
from tests.journey.clinic import EIGHT
from yimei.billing.models import QuoteCut
from yimei.growth.actions import coupons, members, owning, points
from yimei.growth.models import BudgetEntry, Coupon, CreditRuling, Lead, OwnerPeriod
from yimei.growth.queries import members as member_queries

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="threads with connections of their own, against a real database"),
]


def test_of_claims_at_once_one_wins() -> None:
    house = House()
    lead = house.lead()
    owning.release(lead.public_id, by=house.online, now=EIGHT)
    many = 8 if connection.vendor == "postgresql" else 4
    team = [house.staff("online", f"网电{n}") for n in range(many)]
    later = EIGHT + timedelta(hours=1)
    ends = ends_of([lambda one=one: owning.claim(lead.public_id, by=one, now=later) for one in team])
    assert Counter(ends) == {"won": 1, "conflict": many - 1}
    lead.refresh_from_db()
    assert lead.owner == OwnerPeriod.objects.get(until=None).staff


def test_two_forms_at_once_are_one_lead_and_its_second_enquiry() -> None:
    house = House()
    ends = ends_of([lambda: house.lead(), lambda: house.lead(by=house.second), lambda: house.lead()])
    assert ends == ["won"] * 3
    assert Counter(Lead.objects.values_list("status", flat=True)) == {"open": 1, "linked": 2}


def test_of_two_rulings_at_once_one_stands() -> None:
    court = Court()
    appeal = court.appeal(court.deal())
    other = court.staff("marketing", "另一位主管")
    judges = [court.manager, court.head, other]
    ends = ends_of([lambda one=one: court.rule(appeal, by=one) for one in judges])
    assert Counter(ends) == {"won": 1, "conflict": 2}
    assert CreditRuling.objects.count() == 1


def many() -> int:
    return 8 if connection.vendor == "postgresql" else 4


def test_eight_desks_issue_no_more_than_the_budget() -> None:
    shop = Shop()
    offer = shop.offer(budget=Decimal(1000))
    people = [shop.patient() for _n in range(many())]
    ends = ends_of([lambda one=one: shop.coupon(offer, one) for one in people])
    assert Counter(ends) == {"won": 2, "conflict": many() - 2}
    lines = list(BudgetEntry.objects.filter(promotion=offer))
    assert lines[-1].balance == sum(one.change for one in lines) == 0
    assert Coupon.objects.count() == 2


def test_one_coupon_scanned_at_eight_desks_pays_once() -> None:
    shop = Shop()
    coupon = shop.coupon(shop.offer())
    bills = [shop.quote(coupon.patient) for _n in range(many())]
    ends = ends_of([lambda bill=bill: shop.use(bill, coupon) for bill in bills])
    assert Counter(ends) == {"won": 1, "conflict": many() - 1}
    assert QuoteCut.objects.get().amount == coupon.held


def test_points_spent_on_eight_quotes_at_once_are_never_more_than_there_are() -> None:
    shop = Shop()
    member = members.join(shop.patient().public_id, by=shop.reception, now=EIGHT)
    points.gift(
        member, 1000, ref=member.public_id, expires_on=EIGHT.date() + timedelta(9), by=None, now=EIGHT
    )
    bills = [shop.quote(member.patient) for _n in range(many())]

    def spend(bill: object) -> object:
        return points.spend(
            member.public_id,
            quote_id=bill.public_id,
            points=400,
            by=shop.cashier,
            now=EIGHT,  # type: ignore[attr-defined]
        )

    ends = ends_of([lambda bill=bill: spend(bill) for bill in bills])
    assert Counter(ends)["won"] == 2, ends
    assert member_queries.balance(member) == 200


def test_the_limit_per_person_holds_when_two_desks_issue_at_once() -> None:
    shop = Shop()
    offer, patient = shop.offer(), shop.patient()
    ends = ends_of([lambda: shop.coupon(offer, patient) for _n in range(many())])
    assert ends.count("won") == 1
    assert coupons.settle(now=EIGHT) == 0
