"""What a signed-in customer may book by herself, decided without a database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.journey.clinic import EIGHT, TEN
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.enums import BookingKind
from yimei.journey.rules import own
from yimei.journey.rules.own import Herself, Wish

DAY = timedelta(days=1)
SHE = Herself(is_registered=True, lacks_guardian=False)
LASER = Wish(
    BookingKind.TREATMENT, "光子嫩肤", needs_consult_days=180, last_consulted=TEN - DAY, standing=None
)


@pytest.mark.parametrize(
    ("who", "wish", "said"),
    [
        (SHE, LASER, ""),
        (SHE, replace(LASER, kind=BookingKind.REVIEW, last_consulted=None), ""),
        (replace(SHE, is_registered=False), replace(LASER, kind=BookingKind.CONSULT), ""),
        (SHE, replace(LASER, last_consulted=TEN - 180 * DAY), ""),
        (SHE, replace(LASER, last_consulted=TEN - 181 * DAY), "面诊 180 天内有效"),
        (SHE, replace(LASER, last_consulted=None), "面诊 180 天内有效"),
        (SHE, replace(LASER, needs_consult_days=90, last_consulted=TEN - 91 * DAY), "面诊 90 天内有效"),
        (replace(SHE, is_registered=False), LASER, "先到院建档"),
        (SHE, replace(LASER, standing=TEN), "您已约好 6 月 16 日 10:00"),
        (replace(SHE, lacks_guardian=True), LASER, "监护人"),
        (replace(SHE, lacks_guardian=True), replace(LASER, kind=BookingKind.CONSULT), "监护人"),
    ],
)
def test_what_stands_in_the_way_is_said(who: Herself, wish: Wish, said: str) -> None:
    text = own.obstacle(who, wish, starts_at=TEN)
    assert (text == "") if not said else (said in text)
    if said:
        with pytest.raises((RuleBroken, Conflict), match=said):
            own.check(who, wish, starts_at=TEN)
    else:
        assert own.check(who, wish, starts_at=TEN) == wish


def test_what_is_not_on_offer_is_not_found() -> None:
    with pytest.raises(NotFound):
        own.check(SHE, None, starts_at=TEN)


@pytest.mark.parametrize(
    ("at", "is_offered", "said"),
    [(TEN, False, "不能在网上预约"), (EIGHT + 14 * DAY, True, "最近 14 天")],
)
def test_only_what_a_page_offers_is_taken(at: datetime, is_offered: bool, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        own.check_slot(at, is_offered=is_offered, until=EIGHT + 14 * DAY, days=14)


def test_two_times_to_come_are_enough() -> None:
    own.check_open(known=1, most=2)
    with pytest.raises(RuleBroken, match="2 个还没到"):
        own.check_open(known=2, most=2)


@pytest.mark.parametrize("days", [0, -1, 1096])
def test_how_long_a_consultation_counts_is_a_sane_number(days: int) -> None:
    with pytest.raises(RuleBroken, match="1 到 1095"):
        own.check_days(days)
    assert (own.check_days(None), own.check_days(1), own.check_days(1095)) == (None, 1, 1095)
