"""Moves, clocks and proofs of a request, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import DayKind
from yimei.hospital.rules.calendar import is_workday
from yimei.privacy.enums import Decision, IdentityMethod, Refusal, Requester, RequestKind, Unit
from yimei.privacy.enums import RequestStatus as Status
from yimei.privacy.rules import requests as rules

NOON = datetime(2026, 6, 16, 4, tzinfo=UTC)
HOUSE = rules.Deadline(15, 30, Unit.DAYS)
WORKDAYS = rules.Deadline(15, 15, Unit.WORKDAYS)


def both(clock: rules.Clock) -> tuple[datetime, datetime]:
    return clock.due_at, clock.hard_stop_at


@st.composite
def calendars(draw: st.DrawFn) -> dict[date, DayKind]:
    """A State Council table of two years: some weekdays off, some weekend days worked."""
    days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
    kinds = st.sampled_from(DayKind)
    return draw(st.dictionaries(days, kinds, max_size=40))


@given(st.datetimes(datetime(2021, 1, 1), datetime(2060, 1, 1)))
def test_the_clock_ends_with_the_fifteenth_local_day_and_stops_at_the_thirtieth(moment: datetime) -> None:
    received = moment.replace(tzinfo=UTC)
    due, stop = both(rules.due(received, HOUSE))
    assert local_date(due - timedelta(seconds=1)) == local_date(received) + timedelta(days=15)
    assert local_date(stop - timedelta(seconds=1)) == local_date(received) + timedelta(days=30)


def test_a_month_of_the_gdpr_ends_on_the_last_day_of_a_short_month() -> None:
    received = datetime(2026, 1, 31, 4, tzinfo=UTC)
    due, stop = both(rules.due(received, rules.Deadline(1, 3, Unit.MONTHS)))
    assert local_date(due - timedelta(seconds=1)) == date(2026, 2, 28)
    assert local_date(stop - timedelta(seconds=1)) == date(2026, 4, 30)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.UNPROVED, Status.CANCELLED])
def test_what_has_ended_moves_no_more(status: Status) -> None:
    for new in Status:
        with pytest.raises(RuleBroken):
            rules.check_move(status, new)


def test_nothing_is_decided_before_the_identity_is_proved() -> None:
    with pytest.raises(RuleBroken, match="待核验身份"):
        rules.check_move(Status.RECEIVED, Status.DECIDED)


@pytest.mark.parametrize(
    "kind", [RequestKind.DELETE, RequestKind.COPY, RequestKind.ACCESS, RequestKind.CLOSE]
)
def test_a_call_back_is_not_enough_to_destroy_or_hand_out(kind: RequestKind) -> None:
    with pytest.raises(RuleBroken, match="核对身份证件原件"):
        rules.check_identity(kind, Requester.SELF, IdentityMethod.CALL_BACK)


def test_a_call_back_is_enough_to_take_a_consent_back() -> None:
    rules.check_identity(RequestKind.WITHDRAW, Requester.SELF, IdentityMethod.CALL_BACK)


def test_whoever_speaks_for_another_brings_papers() -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_requester(
            Requester.RELATIVE,
            kind=RequestKind.COPY,
            proof="",
            statement="",
            is_minor=False,
            has_guardian=False,
        )
    assert len(refused.value.missing) == 2
    rules.check_requester(
        Requester.RELATIVE,
        kind=RequestKind.COPY,
        proof="户口簿 1",
        statement="办理遗产",
        is_minor=False,
        has_guardian=False,
    )


def test_a_guardian_speaks_only_for_a_minor_and_only_when_verified() -> None:
    for is_minor, has_guardian in ((False, True), (True, False)):
        with pytest.raises(RuleBroken):
            rules.check_requester(
                Requester.GUARDIAN,
                kind=RequestKind.COPY,
                proof="x",
                statement="",
                is_minor=is_minor,
                has_guardian=has_guardian,
            )
    rules.check_requester(
        Requester.GUARDIAN, kind=RequestKind.COPY, proof="x", statement="", is_minor=True, has_guardian=True
    )


def test_a_refusal_says_why_in_words() -> None:
    for refusal, reply in (("", "理由"), (Refusal.EXCESSIVE, " ")):
        with pytest.raises(RuleBroken):
            rules.check_decision(RequestKind.ACCESS, Decision.REFUSED, refusal=refusal, reply=reply)
    rules.check_decision(RequestKind.ACCESS, Decision.REFUSED, refusal=Refusal.EXCESSIVE, reply="本月第五次")


def test_every_refusal_names_an_article_and_the_remedy() -> None:
    assert set(rules.REFUSAL_ARTICLES) == set(Refusal)
    assert "人民法院" in rules.remedy()


@pytest.mark.parametrize(
    ("until", "reason", "late"),
    [(date(2026, 7, 20), "", False), (date(2026, 7, 17), "多", False), (date(2026, 7, 10), "多", True)],
)
def test_an_extension_is_reasoned_within_the_hard_stop_and_in_time(
    until: date, reason: str, late: bool
) -> None:
    due, stop = both(rules.due(NOON, HOUSE))
    with pytest.raises(RuleBroken):
        rules.check_extension(until, due_at=due, hard_stop_at=stop, reason=reason, now=due if late else NOON)


@pytest.mark.parametrize("until", [date.min, date.max])
def test_an_extension_to_the_ends_of_the_calendar_is_refused_in_words(until: date) -> None:
    due, stop = both(rules.due(NOON, HOUSE))
    with pytest.raises(RuleBroken, match="只能延长到"):
        rules.check_extension(until, due_at=due, hard_stop_at=stop, reason="资料多", now=NOON)


def test_an_extension_to_the_hard_stop_is_allowed() -> None:
    due, stop = both(rules.due(NOON, HOUSE))
    rules.check_extension(date(2026, 7, 16), due_at=due, hard_stop_at=stop, reason="资料多", now=NOON)


@settings(max_examples=50)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1)), calendars())
def test_fifteen_working_days_hold_fifteen_working_days(moment: datetime, table: dict[date, DayKind]) -> None:
    received = moment.replace(tzinfo=UTC)
    clock = rules.due(received, WORKDAYS, table)
    first, last = local_date(received), local_date(clock.due_at - timedelta(seconds=1))
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(is_workday(day, table) for day in days) == 15
    assert is_workday(last, table)
    known = {day.year for day, kind in table.items() if kind == DayKind.HOLIDAY}
    assert clock.is_provisional == bool({day.year for day in days} - known)


@settings(max_examples=50)
@given(calendars(), st.dates(date(2026, 2, 1), date(2027, 3, 1)))
def test_a_new_holiday_never_shortens_a_clock(table: dict[date, DayKind], day: date) -> None:
    without = {known: kind for known, kind in table.items() if known != day}
    with_it = {**without, day: DayKind.HOLIDAY}
    assert rules.due(NOON, WORKDAYS, with_it).due_at >= rules.due(NOON, WORKDAYS, without).due_at


@pytest.mark.parametrize("kind", [RequestKind.CLOSE, RequestKind.WITHDRAW, RequestKind.RESTRICT])
def test_relatives_ask_only_for_what_the_law_gives_them(kind: RequestKind) -> None:
    with pytest.raises(RuleBroken, match="第四十九条"):
        rules.check_requester(
            Requester.RELATIVE, kind=kind, proof="x", statement="x", is_minor=False, has_guardian=False
        )


def test_a_guardian_speaks_no_more_from_the_eighteenth_birthday_on() -> None:
    rules.check_still_guardian(Requester.GUARDIAN, is_minor=True)
    rules.check_still_guardian(Requester.SELF, is_minor=False)
    with pytest.raises(RuleBroken, match="已年满 18 周岁"):
        rules.check_still_guardian(Requester.GUARDIAN, is_minor=False)


@pytest.mark.parametrize(
    ("kind", "wanted", "about", "details", "field"),
    [
        (RequestKind.CORRECT, {}, [], "", "wanted"),
        (RequestKind.CORRECT, {"file_no": "1"}, [], "", "wanted"),
        (RequestKind.CORRECT, {}, ["surgery"], " ", "details"),
        (RequestKind.COMPLAIN, {}, [], "", "details"),
    ],
)
def test_a_wish_says_what_is_wrong(
    kind: RequestKind, wanted: dict[str, str], about: list[str], details: str, field: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.check_wish(kind, wanted=wanted, about=about, details=details)
    assert refused.value.code == field


@pytest.mark.parametrize("kind", list(RequestKind))
def test_a_code_alone_never_hands_out_or_destroys(kind: RequestKind) -> None:
    assert rules.suffices(kind, IdentityMethod.CODE) == (kind in rules.LIGHT)
    assert rules.suffices(kind, IdentityMethod.CODE_ID)
    assert not set(rules.methods_for(kind, Requester.SELF)) & rules.BY_CODE
