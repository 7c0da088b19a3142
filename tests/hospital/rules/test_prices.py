from datetime import date
from decimal import Decimal

import pytest

from yimei.core.errors import RuleBroken
from yimei.hospital.rules.prices import check_new_price

TODAY, TOMORROW = date(2026, 7, 1), date(2026, 7, 2)


@pytest.mark.parametrize(
    ("amount", "from_day", "starts"),
    [("0", TODAY, []), ("7800", TODAY, [TOMORROW]), ("7800", TOMORROW, [TOMORROW])],
)
def test_a_price_may_begin_today_or_later(amount: str, from_day: date, starts: list[date]) -> None:
    check_new_price(Decimal(amount), from_day=from_day, today=TODAY, starts=frozenset(starts))


@pytest.mark.parametrize(
    ("amount", "from_day", "starts", "sentence"),
    [
        ("-1", TODAY, [], "负数"),
        ("1", date(2026, 6, 30), [], "今天或以后"),
        ("1", TODAY, [TODAY], "明天"),
    ],
)
def test_a_price_already_shown_is_not_changed(
    amount: str, from_day: date, starts: list[date], sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        check_new_price(Decimal(amount), from_day=from_day, today=TODAY, starts=frozenset(starts))
