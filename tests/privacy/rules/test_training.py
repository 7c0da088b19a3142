"""Quizzes, standings, the minors' year, samples and signing, as tables without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import CheckResult, ProofState, RoundKind
from yimei.privacy.queries.training import SHIPPED, shipped
from yimei.privacy.rules import audits, training

TODAY = date(2026, 6, 16)
QUIZ = "? 甲\n- 错\n* 对\n! 因为\n? 乙\n* 对\n- 错\n? 丙\n- 错\n- 错\n* 对"


@pytest.mark.parametrize("code", SHIPPED)
def test_the_courses_that_ship_have_a_text_and_a_fair_quiz(code: str) -> None:
    body = shipped(code)
    assert len(training.read_body(body["body"])) >= 3
    questions = training.read_quiz(body["quiz"])
    assert len(questions) >= 5
    assert all(question.why and len(set(question.options)) == len(question.options) for question in questions)


def test_a_quiz_is_read_and_marked() -> None:
    questions = training.read_quiz(QUIZ)
    assert [question.answer for question in questions] == [1, 0, 2]
    assert training.mark(questions, {0: 1, 1: 0, 2: 2}) == 100
    assert training.mark(questions, {0: 1, 1: -1, 7: 0}) == 33
    assert training.mark(questions, {}) == 0


@pytest.mark.parametrize(
    "text", ["", "- 选项", "? 甲\n* 对", QUIZ + "\n? 丁\n- 错\n- 错", QUIZ + "\n? 丁\n* 对\n* 对", "# x"]
)
def test_an_unfair_quiz_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        training.read_quiz(text)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20))
def test_shuffling_loses_no_question(seed: str) -> None:
    questions = training.read_quiz(QUIZ)
    order = training.shuffled(questions, seed)
    assert sorted(n for n, _options in order) == [0, 1, 2]
    assert all(sorted(options) == list(range(len(questions[n].options))) for n, options in order)
    assert order == training.shuffled(questions, seed)


@pytest.mark.parametrize(
    ("valid_to", "state"),
    [
        (None, "overdue"),
        (TODAY - timedelta(days=1), "overdue"),
        (TODAY, "soon"),
        (TODAY + timedelta(days=30), "soon"),
        (TODAY + timedelta(days=31), "current"),
    ],
)
def test_a_pass_counts_to_its_last_day(valid_to: date | None, state: str) -> None:
    assert training.standing(valid_to, TODAY) == state


@pytest.mark.parametrize(
    ("since", "states", "blocked"),
    [
        (None, ["overdue"], False),
        (TODAY, ["overdue"], False),
        (TODAY - timedelta(days=29), ["overdue"], False),
        (TODAY - timedelta(days=30), ["overdue"], True),
        (TODAY - timedelta(days=30), ["current", "soon"], False),
    ],
)
def test_access_lapses_after_the_grace(since: date | None, states: list[str], blocked: bool) -> None:
    assert training.is_blocked(states, gate_since=since, grace_days=30, on=TODAY) is blocked


@pytest.mark.parametrize(
    ("on", "filed", "year", "state"),
    [
        (date(2026, 9, 30), {2025}, 2025, "filed"),
        (date(2026, 10, 1), {2025}, 2026, "open"),
        (date(2026, 12, 31), {2025}, 2026, "open"),
        (date(2027, 1, 14), {2025}, 2026, "open"),
        (date(2027, 1, 15), {2025}, 2026, "red"),
        (date(2027, 1, 31), {2025}, 2026, "red"),
        (date(2027, 2, 1), {2025}, 2026, "overdue"),
        (date(2027, 2, 1), {2026}, 2026, "filed"),
        (date(2026, 10, 1), set(), 2025, "overdue"),
        (date(2026, 11, 1), {2025, 2026}, 2026, "filed"),
    ],
)
def test_the_minors_year(on: date, filed: set[int], year: int, state: str) -> None:
    found = audits.minors_year(on, filed)
    assert (found.year, found.state) == (year, state)
    assert found.due_on == date(year + 1, 1, 31)


@pytest.mark.parametrize(
    ("on", "filed", "year", "state"),
    [
        (date(2026, 6, 13), set(), 2026, "ahead"),
        (date(2026, 9, 30), set(), 2026, "ahead"),
        (date(2026, 10, 1), set(), 2026, "open"),
        (date(2026, 12, 1), {2026}, 2026, "filed"),
        (date(2027, 1, 15), set(), 2026, "red"),
        (date(2027, 2, 1), set(), 2026, "overdue"),
    ],
)
def test_a_new_house_owes_nothing_for_the_years_before(
    on: date, filed: set[int], year: int, state: str
) -> None:
    found = audits.minors_year(on, filed, since=2026)
    assert (found.year, found.state, found.due_on) == (year, state, date(year + 1, 1, 31))


@pytest.mark.parametrize(
    ("kind", "on", "period"),
    [
        (RoundKind.GENERAL, date(2026, 6, 16), (date(2026, 1, 1), date(2026, 6, 16))),
        (RoundKind.MINORS, date(2027, 1, 20), (date(2026, 1, 1), date(2026, 12, 31))),
        (RoundKind.MINORS, date(2026, 11, 29), (date(2026, 1, 1), date(2026, 11, 29))),
    ],
)
def test_a_round_of_minors_looks_at_the_year_that_is_filed_next(
    kind: RoundKind, on: date, period: tuple[date, date]
) -> None:
    assert audits.period_of(kind, on=on, minors=audits.minors_year(on, {2025})) == period
    audits.check_period(kind, *period)


def test_a_round_of_minors_covers_one_year_and_no_round_ends_before_it_begins() -> None:
    audits.check_period(RoundKind.GENERAL, date(2025, 7, 1), date(2026, 6, 30))
    with pytest.raises(RuleBroken, match="同一年"):
        audits.check_period(RoundKind.MINORS, date(2025, 7, 1), date(2026, 6, 30))
    with pytest.raises(RuleBroken, match="晚于"):
        audits.check_period(RoundKind.GENERAL, TODAY, TODAY - timedelta(days=1))


def test_a_sample_can_be_drawn_again() -> None:
    ids = [str(n) for n in range(100)]
    drawn = audits.draw(ids, seed="20260616:looks", size=20)
    assert drawn == audits.draw(list(reversed(ids)), seed="20260616:looks", size=20)
    assert drawn != audits.draw(ids, seed="20260617:looks", size=20)
    assert len(set(drawn)) == 20
    assert audits.draw(ids[:3], seed="x", size=20) != []
    for size in (0, 201):
        with pytest.raises(RuleBroken):
            audits.draw(ids, seed="x", size=size)


@pytest.mark.parametrize(
    ("states", "result"),
    [
        ([], CheckResult.OPEN),
        ([ProofState.NONE], CheckResult.OPEN),
        ([ProofState.GOOD], CheckResult.OK),
        ([ProofState.GOOD, ProofState.NONE], CheckResult.OK),
        ([ProofState.GOOD, ProofState.WARN], CheckResult.PARTLY),
        ([ProofState.WARN, ProofState.BAD], CheckResult.NO),
    ],
)
def test_a_rule_is_as_good_as_its_worst_test(states: list[ProofState], result: CheckResult) -> None:
    assert audits.result_of(states) == result


def test_green_needs_every_test() -> None:
    assert audits.worst([ProofState.GOOD, ProofState.NONE]) == ProofState.NONE
    assert audits.worst([ProofState.GOOD, ProofState.BAD]) == ProofState.BAD
    assert audits.worst([ProofState.GOOD]) == ProofState.GOOD
    assert audits.worst([]) == ProofState.NONE


def test_a_shortfall_has_an_owner_and_a_day() -> None:
    audits.check_judgement(CheckResult.OK, finding="", has_owner=False, due_on=None, on=TODAY)
    with pytest.raises(RuleBroken) as caught:
        audits.check_judgement(CheckResult.NO, finding="", has_owner=False, due_on=None, on=TODAY)
    assert len(caught.value.missing) == 3
    with pytest.raises(RuleBroken):
        audits.check_sign([("B-1", CheckResult.OPEN, False)])
    with pytest.raises(RuleBroken):
        audits.check_sign([("B-1", CheckResult.NO, False)])
    audits.check_sign([("B-1", CheckResult.NO, True), ("C-1", CheckResult.NA, False)])


@pytest.mark.parametrize(
    ("value", "reached"), [(799, []), (800, [80]), (949, [80]), (950, [80, 95]), (1000, [80, 95, 100])]
)
def test_a_counter_alarms_at_its_steps(value: int, reached: list[int]) -> None:
    assert audits.steps(value, 1000, [80, 95, 100]) == reached
