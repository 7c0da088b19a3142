"""The arithmetic of the deletion table, over dates and periods of every kind."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.clock import add_years
from yimei.privacy.enums import Anchor, Answer
from yimei.privacy.rules.erasure import Period, Rule, add_months, decide, keep_until

PERIODS = {
    "record.outpatient": Period("record.outpatient", 180, Anchor.LAST_VISIT),
    "record.inpatient": Period("record.inpatient", 360, Anchor.LAST_DISCHARGE),
    "voucher": Period("voucher", 360, Anchor.CREATED),
}
RECORD = [["record.outpatient", "record.inpatient"]]
IDENTITY = Rule("people.identity", Answer.SEAL, [*RECORD, ["voucher"]], "", "")
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


@given(visit=DAYS, discharge=DAYS)
def test_the_record_stays_to_the_later_of_fifteen_and_thirty_years(visit: date, discharge: date) -> None:
    dates = {Anchor.LAST_VISIT: visit, Anchor.LAST_DISCHARGE: discharge}
    assert keep_until(RECORD, PERIODS, dates) == max(add_years(visit, 15), add_years(discharge, 30))


@given(visit=DAYS, later=DAYS)
def test_a_new_visit_never_shortens_the_time(visit: date, later: date) -> None:
    first = keep_until(RECORD, PERIODS, {Anchor.LAST_VISIT: visit})
    again = keep_until(RECORD, PERIODS, {Anchor.LAST_VISIT: max(visit, later)})
    assert first is not None
    assert again is not None
    assert again >= first


@given(day=DAYS, months=st.integers(0, 400))
def test_months_land_in_the_right_month_and_never_after_the_day(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


def test_a_leap_day_falls_on_the_last_of_february() -> None:
    assert keep_until(RECORD, PERIODS, {Anchor.LAST_VISIT: date(2024, 2, 29)}) == date(2039, 2, 28)


def test_who_never_came_and_never_paid_goes_at_once() -> None:
    assert decide(IDENTITY, PERIODS, {Anchor.LAST_CONTACT: date(2026, 1, 1)}, on=date(2026, 1, 2)) == decide(
        Rule("x", Answer.ERASE, [], "", ""), PERIODS, {}, on=date(2026, 1, 2)
    )


def test_a_voucher_holds_the_name_of_somebody_who_only_paid() -> None:
    verdict = decide(IDENTITY, PERIODS, {Anchor.CREATED: date(2026, 1, 1)}, on=date(2026, 1, 2))
    assert (verdict.answer, verdict.until) == (Answer.SEAL, date(2056, 1, 1))


@given(visit=DAYS, created=DAYS)
def test_the_first_group_that_has_begun_decides_whatever_a_later_one_says(visit: date, created: date) -> None:
    """The name of somebody with a record stays as long as the record; vouchers keep their own rows longer."""
    both = {Anchor.LAST_VISIT: visit, Anchor.CREATED: created}
    assert keep_until(IDENTITY.periods, PERIODS, both) == keep_until(
        RECORD, PERIODS, {Anchor.LAST_VISIT: visit}
    )


@pytest.mark.parametrize(
    ("on", "answer"), [(date(2041, 6, 16), Answer.SEAL), (date(2041, 6, 17), Answer.ERASE)]
)
def test_the_last_day_counts_whole(on: date, answer: Answer) -> None:
    rule = Rule("journey.record", Answer.SEAL, RECORD, "", "")
    assert decide(rule, PERIODS, {Anchor.LAST_VISIT: date(2026, 6, 16)}, on=on).answer == answer


def test_proof_is_kept_whatever_the_dates() -> None:
    rule = Rule("audit.log", Answer.KEEP, [], "", "")
    assert decide(rule, PERIODS, {}, on=date(2100, 1, 1)).answer == Answer.KEEP


@given(
    answer=st.sampled_from([Answer.ERASE, Answer.SEAL, Answer.KEEP]),
    visit=DAYS,
    on=DAYS,
)
def test_a_dispute_beats_every_period_and_proof_stays(answer: Answer, visit: date, on: date) -> None:
    rule = Rule("x", answer, RECORD if answer == Answer.SEAL else [], "", "")
    verdict = decide(rule, PERIODS, {Anchor.LAST_VISIT: visit}, on=on, is_held=True)
    assert verdict.answer == (Answer.KEEP if answer == Answer.KEEP else Answer.HOLD)
    assert verdict.until is None


@given(visit=DAYS, on=DAYS)
def test_nothing_sealed_goes_early_and_nothing_stays_late(visit: date, on: date) -> None:
    rule = Rule("x", Answer.SEAL, RECORD, "", "")
    verdict = decide(rule, PERIODS, {Anchor.LAST_VISIT: visit}, on=on)
    assert (verdict.answer == Answer.ERASE) == (on > add_years(visit, 15))
