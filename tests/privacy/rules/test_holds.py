"""When a sealed record may be opened again."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.clock import add_years
from yimei.core.errors import RuleBroken
from yimei.privacy.enums import HoldEnd, HoldKind
from yimei.privacy.rules import holds as rules

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


@settings(max_examples=50)
@given(opened=DAYS)
def test_a_seal_lapses_on_the_third_anniversary_and_not_a_day_before(opened: date) -> None:
    day = add_years(opened, 3)
    with pytest.raises(RuleBroken, match="第二十四条"):
        _release(HoldEnd.LAPSED, opened, on=day - timedelta(days=1))
    _release(HoldEnd.LAPSED, opened, on=day)


def test_a_court_order_ends_by_an_order() -> None:
    with pytest.raises(RuleBroken, match="法院或机关解除"):
        rules.check_release(
            HoldKind.PRESERVATION,
            HoldEnd.LAPSED,
            opened_on=date(2020, 1, 1),
            months=36,
            on=date(2030, 1, 1),
        )


def test_every_hold_can_end() -> None:
    assert set(rules.ENDS) == set(HoldKind)
    assert all(rules.ENDS.values())


@pytest.mark.parametrize("text", ["", "  ", "纠纷", "x\0y"])
def test_a_reason_of_two_syllables_is_none(text: str) -> None:
    with pytest.raises(RuleBroken):
        rules.check_words(text, code="ground")


def _release(reason: HoldEnd, opened: date, *, on: date) -> None:
    rules.check_release(HoldKind.SEALING, reason, opened_on=opened, months=36, on=on)
