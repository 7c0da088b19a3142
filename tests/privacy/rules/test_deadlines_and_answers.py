"""Deadlines and the deletion table against a second reckoning, written from the law and not from the program.

What is reckoned here shares nothing with ``src``: the calendar is read day by day from the shipped tables,
months come from dateutil, the answers of the table stand here once more in words.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.clock import SHANGHAI, add_years
from yimei.hospital.enums import DayKind
from yimei.hospital.rules.calendar import add_workdays
from yimei.privacy.enums import Anchor, Answer, Unit
from yimei.privacy.rules import requests
from yimei.privacy.rules.erasure import Period, Rule, Verdict, add_months, decide

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def shipped(part: str, name: str) -> object:
    return json.loads((resources.files(f"yimei.{part}") / "data" / f"{name}.json").read_text("utf-8"))


# ---- working days over the State Council's tables ------------------------------------------------------


@cache
def council() -> tuple[frozenset[date], frozenset[date]]:
    """Days off and days worked instead, of every year that ships."""
    years = shipped("hospital", "calendar")["years"]  # type: ignore[index]
    off, worked = (
        frozenset(date.fromisoformat(day) for year in years for days in year[kind].values() for day in days)
        for kind in ("holidays", "workdays")
    )
    return off, worked


def table() -> dict[date, DayKind]:
    off, worked = council()
    return {**dict.fromkeys(off, DayKind.HOLIDAY), **dict.fromkeys(worked, DayKind.WORKDAY)}


def is_open(day: date) -> bool:
    """Whether offices are open, as a clerk would read it off the notice."""
    off, worked = council()
    return day in worked or (day.isoweekday() <= 5 and day not in off)


def test_what_ships_holds_spring_festival_and_its_made_up_days() -> None:
    off, worked = council()
    assert {date(2026, 2, day) for day in range(15, 24)} <= off
    assert {date(2026, 2, 14), date(2026, 2, 28), date(2025, 1, 26), date(2025, 2, 8)} <= worked
    assert not off & worked


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked before the festival
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # the festival is stepped over
        (date(2026, 2, 13), 6, date(2026, 2, 28)),  # the Saturday worked after it counts
        (date(2026, 2, 13), 7, date(2026, 3, 2)),
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # Sunday 26 January 2025 is worked
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2024, 2, 9), 1, date(2024, 2, 18)),  # a Sunday that is worked
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2024, 3, 1)),
    ],
)
def test_known_deadlines_around_festivals(start: date, n: int, end: date) -> None:
    assert add_workdays(start, n, table()) == (end, False)


@pytest.mark.parametrize("n", [1, 3, 10, 15, 30])
def test_every_day_of_three_years_has_the_deadline_that_a_clerk_would_count(n: int) -> None:
    rule = requests.Deadline(n, n, Unit.WORKDAYS)
    known = table()
    for number in range((date(2026, 11, 10) - date(2024, 1, 1)).days):
        received = date(2024, 1, 1) + timedelta(days=number)
        end, left = received, n
        while left:
            end += timedelta(days=1)
            left -= is_open(end)
        # The first and the last second of the day of receipt start the same clock.
        for at in (
            datetime(received.year, received.month, received.day, tzinfo=SHANGHAI),
            datetime(received.year, received.month, received.day, 23, 59, 59, tzinfo=SHANGHAI),
        ):
            clock = requests.due(at.astimezone(UTC), rule, known)
            last = datetime(end.year, end.month, end.day, 23, 59, 59, tzinfo=SHANGHAI)
            assert last < clock.due_at <= last + timedelta(seconds=1), (received, n)
            assert clock.is_provisional == (end.year not in {2024, 2025, 2026})


@given(start=DAYS, n=st.integers(0, 40))
def test_without_a_table_it_is_monday_to_friday_and_says_so(start: date, n: int) -> None:
    end, is_provisional = add_workdays(start, n, {})
    passed = [start + timedelta(days=number + 1) for number in range((end - start).days)]
    assert [day.isoweekday() <= 5 for day in passed].count(True) == n
    assert n == 0 or end.isoweekday() <= 5
    assert is_provisional == (n > 0)


def test_a_hard_stop_in_a_year_without_a_table_makes_the_whole_clock_provisional() -> None:
    received = datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert not requests.due(received, requests.Deadline(5, 15, Unit.WORKDAYS), table()).is_provisional
    assert requests.due(received, requests.Deadline(5, 30, Unit.WORKDAYS), table()).is_provisional


# ---- months and years ----------------------------------------------------------------------------------


@given(day=DAYS, months=st.integers(-400, 400))
def test_months_are_those_of_the_calendar(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@pytest.mark.parametrize("year", range(1992, 2100, 4))
def test_what_began_on_29_february_ends_on_the_28th_of_a_common_year(year: int) -> None:
    leap = date(year, 2, 29)
    for years in (1, 3, 15, 30):
        there = year + years
        is_leap = there % 4 == 0 and (there % 100 != 0 or there % 400 == 0)
        assert add_years(leap, years) == add_months(leap, 12 * years) == date(there, 2, 29 if is_leap else 28)


# ---- the deletion table --------------------------------------------------------------------------------

RECORD = {
    "people.alert", "people.guardian", "privacy.addendum", "vault.files", "journey.booking", "journey.record",
    "journey.questionnaire", "journey.photo",
}  # fmt: skip
"""Medical record, consent forms, photographs in the record: restricted until D-5 ends."""
IDENTITY = {"people.identity", "people.patient", "people.merge"}
"""Without whom neither record nor voucher belongs to anybody."""
VOUCHERS = {"billing.money"}
GONE = {
    "people.search", "privacy.centre", "outbox.message", "outbox.notification", "journey.claim",
    "journey.survey", "growth.member", "growth.coupon", "growth.lead", "growth.profile", "growth.flow",
    "growth.call", "growth.credit", "growth.event", "growth.feedback", "growth.referral", "growth.story",
    "insight.import", "insight.mart", "outbox.enquiry",
}  # fmt: skip
"""Leads, tags, scores, membership, messages, search words, extracts: deleted at once."""
PROOF = {
    "people.breakglass", "privacy.consent", "privacy.request", "privacy.hold", "audit.log",
    "privacy.incident", "journey.lab_import", "journey.online", "growth.intake", "outbox.number",
    "outbox.stop",
}  # fmt: skip
"""What proves, or cannot be split by person and goes within a month."""
TABLE = {
    row["holding"]: Rule(row["holding"], Answer(row["answer"]), row["periods"], row["article"], row["why"])
    for row in shipped("privacy", "deletion")  # type: ignore[attr-defined]
}
PERIODS = {
    row["code"]: Period(row["code"], row["months"], Anchor(row["anchor"]), row["article"])
    for row in shipped("privacy", "retention")  # type: ignore[attr-defined]
}
YEARS_AFTER = {Anchor.LAST_VISIT: 15, Anchor.LAST_DISCHARGE: 30}


def years_later(day: date, years: int) -> date:
    return day + relativedelta(years=years)


def lawful(holding: str, dates: Mapping[Anchor, date], *, on: date, is_held: bool) -> Verdict:
    """The answer as regulations section 3 has it, reckoned in years."""
    if holding in PROOF:
        return Verdict(Answer.KEEP)
    if is_held:
        return Verdict(Answer.HOLD)
    if holding in GONE:
        return Verdict(Answer.ERASE)
    record = [years_later(day, YEARS_AFTER[anchor]) for anchor, day in dates.items() if anchor in YEARS_AFTER]
    voucher = [years_later(dates[Anchor.CREATED], 30)] if Anchor.CREATED in dates else []
    ends = voucher if holding in VOUCHERS else record if holding in RECORD else record or voucher
    if not ends or max(ends) < on:
        return Verdict(Answer.ERASE)
    return Verdict(Answer.SEAL, max(ends))


def test_every_line_of_the_table_is_one_of_five_classes() -> None:
    classes = [RECORD, IDENTITY, VOUCHERS, GONE, PROOF]
    assert set(TABLE) == set().union(*classes)
    assert sum(map(len, classes)) == len(TABLE)
    assert all(rule.article.startswith("《") and rule.why for rule in TABLE.values())


SOME = st.one_of(st.none(), DAYS)


@settings(max_examples=50, deadline=None)
@given(visit=SOME, discharge=SOME, paid=SOME, on=DAYS, is_held=st.booleans())
def test_every_holding_is_answered_as_the_law_has_it(
    visit: date | None, discharge: date | None, paid: date | None, on: date, is_held: bool
) -> None:
    known = {Anchor.LAST_VISIT: visit, Anchor.LAST_DISCHARGE: discharge, Anchor.CREATED: paid}
    dates = {anchor: day for anchor, day in known.items() if day is not None}
    for holding, rule in TABLE.items():
        found = decide(rule, PERIODS, dates, on=on, is_held=is_held)
        assert found == lawful(holding, dates, on=on, is_held=is_held), holding


@pytest.mark.parametrize("holding", sorted(RECORD | IDENTITY | VOUCHERS))
@pytest.mark.parametrize("began", [date(2024, 2, 29), date(2026, 2, 28), date(2026, 12, 31)])
def test_the_last_day_is_kept_whole_and_the_next_is_too_late(holding: str, began: date) -> None:
    anchor = Anchor.CREATED if holding in VOUCHERS else Anchor.LAST_VISIT
    last = years_later(began, 30 if holding in VOUCHERS else 15)
    dates = {anchor: began}
    assert decide(TABLE[holding], PERIODS, dates, on=last) == Verdict(Answer.SEAL, last)
    assert decide(TABLE[holding], PERIODS, dates, on=last + timedelta(days=1)) == Verdict(Answer.ERASE)
    assert (
        decide(TABLE[holding], PERIODS, dates, on=last + timedelta(days=1), is_held=True).answer
        == Answer.HOLD
    )
