from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories.hospital import CampusFactory, PriceFactory, ProcedureFactory
from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.actions import prices
from yimei.hospital.models import Price
from yimei.hospital.queries import price_on

TODAY = date(2026, 7, 1)


@pytest.mark.django_db
def test_a_new_price_closes_the_one_before_and_keeps_it(clerk: Clerk, now: datetime) -> None:
    old = PriceFactory()
    new = prices.set(
        old.procedure.public_id,
        campus=old.campus,
        amount=Decimal("8800"),
        from_day=date(2026, 7, 10),
        by=clerk,
        at=now,
    )
    old.refresh_from_db()
    assert (old.amount, old.valid_to) == (Decimal("7800.00"), date(2026, 7, 10))
    assert (new.amount, new.valid_to) == (Decimal("8800.00"), None)
    assert price_on(old.procedure, old.campus, date(2026, 7, 9)) == Decimal("7800.00")
    assert price_on(old.procedure, old.campus, date(2026, 7, 10)) == Decimal("8800.00")


@pytest.mark.django_db
def test_setting_a_price_leaves_one_line_in_the_log(clerk: Clerk, now: datetime) -> None:
    procedure, campus = ProcedureFactory(), CampusFactory()
    prices.set(procedure.public_id, campus=campus, amount=Decimal("8800"), from_day=TODAY, by=clerk, at=now)
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.at) == ("hospital.price.set", clerk.public_id, now)
    assert entry.object_id == str(procedure.public_id)
    assert entry.detail == {"campus": campus.code, "amount": "8800.00", "from": "2026-07-01"}


@pytest.mark.django_db
def test_a_price_put_between_two_ends_where_the_next_begins(clerk: Clerk, now: datetime) -> None:
    old = PriceFactory()
    for amount, day in (("9000", date(2026, 9, 1)), ("8000", date(2026, 8, 1))):
        prices.set(
            old.procedure.public_id,
            campus=old.campus,
            amount=Decimal(amount),
            from_day=day,
            by=clerk,
            at=now,
        )
    spans = Price.objects.order_by("valid_from").values_list("valid_from", "valid_to")
    assert list(spans) == [
        (date(2026, 1, 1), date(2026, 8, 1)),
        (date(2026, 8, 1), date(2026, 9, 1)),
        (date(2026, 9, 1), None),
    ]


@pytest.mark.django_db
def test_a_price_that_has_not_begun_is_replaced_and_one_that_has_stands(clerk: Clerk, now: datetime) -> None:
    procedure, campus = ProcedureFactory(), CampusFactory()

    def put(amount: str, day: date) -> Price:
        return prices.set(
            procedure.public_id, campus=campus, amount=Decimal(amount), from_day=day, by=clerk, at=now
        )

    put("9000", TODAY + timedelta(days=1))
    put("9100", TODAY + timedelta(days=1))
    put("8000", TODAY)
    with pytest.raises(RuleBroken, match="明天"):
        put("8100", TODAY)
    with pytest.raises(RuleBroken, match="今天或以后"):
        put("8100", TODAY - timedelta(days=1))
    assert sorted(Price.objects.values_list("amount", flat=True)) == [Decimal("8000.00"), Decimal("9100.00")]


@pytest.mark.django_db
def test_no_price_for_a_procedure_that_is_not_there(clerk: Clerk, now: datetime) -> None:
    campus = CampusFactory()
    with pytest.raises(NotFound):
        prices.set(campus.public_id, campus=campus, amount=Decimal(1), from_day=TODAY, by=clerk, at=now)
    assert not Entry.objects.exists()


@pytest.mark.slow(reason="many orders of many prices, each through the database")
class AnyOrderOfPrices(TestCase):
    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.integers(0, 20), min_size=1, max_size=8))
    def test_prices_never_overlap_and_leave_no_gap(self, offsets: list[int]) -> None:
        procedure, campus = ProcedureFactory(), CampusFactory()
        at, _end = local_day(TODAY)
        set_today = False
        for offset in offsets:
            if offset == 0 and set_today:
                continue
            set_today = set_today or offset == 0
            day = local_date(at) + timedelta(days=offset)
            prices.set(
                procedure.public_id, campus=campus, amount=Decimal(offset), from_day=day, by=None, at=at
            )
        spans = list(procedure.prices.order_by("valid_from").values_list("valid_from", "valid_to"))
        assert [end for _start, end in spans] == [start for start, _end in spans[1:]] + [None]
        for offset in {*offsets}:
            assert price_on(procedure, campus, TODAY + timedelta(days=offset)) == Decimal(offset)
