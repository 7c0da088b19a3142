"""Costs are written once, by whom they belong to, and never changed."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from tests.insight.ledger import entry
from yimei.audit.models import Entry as Line
from yimei.billing.actions import costs
from yimei.billing.enums import AdChannel, CostAccount
from yimei.billing.models import Cost
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
RENT = entry(CostAccount.RENT, "12000")
AD = entry(CostAccount.ADVERTISING, "3100", channel=AdChannel.DOUYIN)


@pytest.fixture
def cashier() -> Staff:
    made: Staff = StaffFactory(role="cashier")
    return made


def test_two_clicks_are_one_entry_and_another_amount_under_the_key_is_refused(
    cashier: Staff, now: datetime
) -> None:
    key = uuid4()
    first = costs.record(RENT, key=key, by=cashier, now=now)
    assert costs.record(RENT, key=key, by=cashier, now=now).pk == first.pk
    with pytest.raises(RuleBroken, match="已经登记过另一笔"):
        costs.record(entry(CostAccount.RENT, "1"), key=key, by=cashier, now=now)
    assert Cost.objects.get() == first
    assert Line.objects.filter(action="billing.cost.record").count() == 1


def test_marketing_keeps_the_advertising_and_sees_nothing_else(cashier: Staff, now: datetime) -> None:
    marketing = StaffFactory(role="marketing", campus=cashier.campus)
    wages = costs.record(entry(CostAccount.STAFF, "21000"), key=uuid4(), by=cashier, now=now)
    spend = costs.record(AD, key=uuid4(), by=marketing, now=now)
    with pytest.raises(NotFound):
        costs.record(RENT, key=uuid4(), by=marketing, now=now)
    with pytest.raises(NotFound):
        costs.reverse(wages.public_id, reason="看看", by=marketing, now=now)
    assert list(Cost.objects.visible_to(marketing)) == [spend]
    assert Cost.objects.visible_to(cashier).count() == 2
    for role in ("consultant", "analyst", "admin"):
        assert not Cost.objects.visible_to(StaffFactory(role=role, campus=cashier.campus)).exists()


def test_another_campus_neither_sees_nor_takes_back(cashier: Staff, now: datetime) -> None:
    cost = costs.record(RENT, key=uuid4(), by=cashier, now=now)
    stranger = StaffFactory(role="cashier", campus=CampusFactory())
    with pytest.raises(NotFound):
        costs.reverse(cost.public_id, reason="不是我们的", by=stranger, now=now)
    there = entry(CostAccount.RENT, "1", campus=cashier.campus_id)
    with pytest.raises(RuleBroken, match="本院区"):
        costs.record(there, key=uuid4(), by=stranger, now=now)
    director = StaffFactory(role="director", campus=stranger.campus)
    assert costs.record(there, key=uuid4(), by=director, now=now).campus == cashier.campus


def test_a_reversal_takes_back_once_and_the_first_row_stays(cashier: Staff, now: datetime) -> None:
    cost = costs.record(RENT, key=uuid4(), by=cashier, now=now)
    back = costs.reverse(cost.public_id, reason="录错月份", by=cashier, now=now)
    assert (back.amount, back.starts_on, back.ends_on) == (-cost.amount, cost.starts_on, cost.ends_on)
    for public_id in (cost.public_id, back.public_id):
        with pytest.raises(RuleBroken):
            costs.reverse(public_id, reason="再来", by=cashier, now=now)
    assert sum(Cost.objects.values_list("amount", flat=True)) == 0


def test_the_database_refuses_to_change_or_remove_an_entry(cashier: Staff, now: datetime) -> None:
    cost = costs.record(AD, key=uuid4(), by=cashier, now=now)
    for change in ({"amount": "1"}, {"channel": "baidu"}, {"reference": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Cost.objects.filter(pk=cost.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cost.objects.filter(pk=cost.pk).delete()
