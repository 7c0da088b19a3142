"""What the rehearsal hospital spends fits what it takes in, as clinics publish it."""

from datetime import date
from random import Random

import pytest

from yimei.insight.rules.questions import months_later
from yimei.rehearsal.rules import books

TODAY = date(2026, 6, 16)
YEAR = [months_later(date(2026, 6, 1), -back) for back in range(11, -1, -1)]


def test_a_year_leaves_what_a_clinic_keeps() -> None:
    receipts = {month: 40_000.0 * (n % 3) for n, month in enumerate(YEAR)}
    taken = sum(receipts.values())
    spent = [
        (account, amount * (16 / 30 if month == YEAR[-1] and account not in books.VARIABLE else 1))
        for month, account, amount in books.costs(receipts, YEAR, TODAY, Random(1))
    ]
    whole = sum(amount for _account, amount in spent)
    direct = sum(amount for account, amount in spent if account in {"耗材", "药品", "设备"})
    ads = sum(amount for account, amount in spent if account == books.ADVERTISING)
    assert 0.04 < 1 - whole / taken < 0.10, "net 5-10 %"
    assert 0.50 < 1 - direct / taken < 0.62, "gross 50-60 %"
    assert 0.15 < ads / taken < 0.25
    by_channel = sum(
        amount for _month, _channel, amount in books.advertising(receipts, YEAR, TODAY, Random(1))
    )
    assert by_channel == pytest.approx(sum(books.ADS.values()) * taken * 365 / (351), rel=0.1)


def test_a_month_without_receipts_pays_its_rent_and_uses_nothing() -> None:
    spent = books.costs({YEAR[0]: 60_000.0}, YEAR, TODAY, Random(1))
    assert {account for month, account, _amount in spent if month == YEAR[1]} == {*books.FIXED, "广告"}
    assert not books.costs({}, YEAR, TODAY, Random(1))
