"""Moves, clocks and proofs of a request, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Decision, IdentityMethod, Refusal, Requester, RequestKind, Unit
from yimei.privacy.enums import RequestStatus as Status
from yimei.privacy.rules import requests as rules

NOON = datetime(2026, 6, 16, 4, tzinfo=UTC)
HOUSE = rules.Deadline(15, 30, Unit.DAYS)


@given(st.datetimes(datetime(2021, 1, 1), datetime(2060, 1, 1)))
def test_the_clock_ends_with_the_fifteenth_local_day_and_stops_at_the_thirtieth(moment: datetime) -> None:
    received = moment.replace(tzinfo=UTC)
    due, stop = rules.due(received, HOUSE)
    assert local_date(due - timedelta(seconds=1)) == local_date(received) + timedelta(days=15)
    assert local_date(stop - timedelta(seconds=1)) == local_date(received) + timedelta(days=30)


def test_a_month_of_the_gdpr_ends_on_the_last_day_of_a_short_month() -> None:
    received = datetime(2026, 1, 31, 4, tzinfo=UTC)
    due, stop = rules.due(received, rules.Deadline(1, 3, Unit.MONTHS))
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
        rules.check_requester(Requester.RELATIVE, proof="", statement="", is_minor=False, has_guardian=False)
    assert len(refused.value.missing) == 2
    rules.check_requester(
        Requester.RELATIVE, proof="户口簿 1", statement="办理遗产", is_minor=False, has_guardian=False
    )


def test_a_guardian_speaks_only_for_a_minor_and_only_when_verified() -> None:
    for is_minor, has_guardian in ((False, True), (True, False)):
        with pytest.raises(RuleBroken):
            rules.check_requester(
                Requester.GUARDIAN, proof="x", statement="", is_minor=is_minor, has_guardian=has_guardian
            )
    rules.check_requester(Requester.GUARDIAN, proof="x", statement="", is_minor=True, has_guardian=True)


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
    due, stop = rules.due(NOON, HOUSE)
    with pytest.raises(RuleBroken):
        rules.check_extension(until, due_at=due, hard_stop_at=stop, reason=reason, now=due if late else NOON)


def test_an_extension_to_the_hard_stop_is_allowed() -> None:
    due, stop = rules.due(NOON, HOUSE)
    rules.check_extension(date(2026, 7, 16), due_at=due, hard_stop_at=stop, reason="资料多", now=NOON)
