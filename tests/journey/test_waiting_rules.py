"""Which times suit a wish, decided without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import NotFound, RuleBroken
from yimei.journey.enums import OfferStatus
from yimei.journey.rules import waiting as rules
from yimei.journey.rules.waiting import Wish

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""
HALF_HOUR = timedelta(minutes=30)
TODAY = date(2026, 6, 16)


def wish(**values: object) -> Wish:
    asked = {
        "weekdays": "0123456",
        "from_hour": 0,
        "to_hour": 24,
        "valid_from": TODAY,
        "valid_to": TODAY + timedelta(days=7),
    }
    return Wish(**{**asked, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "start", "suits"),
    [
        ({}, TEN, True),
        ({"weekdays": "1"}, TEN, True),
        ({"weekdays": "023456"}, TEN, False),
        ({"from_hour": 10}, TEN, True),
        ({"from_hour": 11}, TEN, False),
        ({"to_hour": 11}, TEN + HALF_HOUR, True),
        ({"to_hour": 10}, TEN, False),
        ({"valid_from": TODAY + timedelta(days=1)}, TEN, False),
        ({}, TEN + timedelta(days=7), True),
        ({}, TEN + timedelta(days=8), False),
        ({"to_hour": 24}, TEN.replace(hour=15, minute=30), True),
    ],
)
def test_a_wish_is_for_days_and_local_hours(values: dict[str, object], start: datetime, suits: bool) -> None:
    assert wish(**values).suits((start, start + HALF_HOUR)) is suits


@given(st.integers(0, 14 * 24 * 4), st.integers(0, 23), st.integers(1, 24))
def test_what_suits_lies_within_the_hours_it_says(quarter: int, from_hour: int, to_hour: int) -> None:
    start = TEN + quarter * timedelta(minutes=15)
    asked = wish(from_hour=min(from_hour, to_hour - 1), to_hour=to_hour, valid_to=TODAY + timedelta(days=30))
    if asked.suits((start, start + HALF_HOUR)):
        local = start + timedelta(hours=8)
        minutes = local.hour * 60 + local.minute
        assert asked.from_hour * 60 <= minutes
        assert minutes + 30 <= asked.to_hour * 60


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"weekdays": ""}, "星期几"),
        ({"weekdays": "7"}, "星期几"),
        ({"from_hour": 12, "to_hour": 12}, "晚于开始"),
        ({"to_hour": 25}, "晚于开始"),
        ({"valid_to": TODAY - timedelta(days=1)}, "已经过去"),
        ({"valid_to": TODAY + timedelta(days=181)}, "最长登记 180 天"),
    ],
)
def test_a_wish_that_cannot_come_true_is_refused(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        rules.check_wish(wish(**values), today=TODAY)


def test_an_answer_counts_once_and_in_time() -> None:
    rules.check_answerable(status=OfferStatus.OPEN, expires_at=TEN, now=TEN - HALF_HOUR)
    with pytest.raises(NotFound, match="已到期"):
        rules.check_answerable(status=OfferStatus.OPEN, expires_at=TEN, now=TEN)
    for status, sentence in [(OfferStatus.ACCEPTED, "已接受"), (OfferStatus.DECLINED, "已谢绝")]:
        with pytest.raises(RuleBroken, match=sentence):
            rules.check_answerable(status=status, expires_at=TEN, now=TEN - HALF_HOUR)


def test_what_begins_before_its_offer_ends_is_not_offered() -> None:
    assert not rules.worth_offering((TEN, TEN + HALF_HOUR), expires_at=TEN)
    assert rules.worth_offering((TEN, TEN + HALF_HOUR), expires_at=TEN - timedelta(seconds=1))
