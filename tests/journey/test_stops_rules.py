"""Stop rules on plain values: every boundary, what goes on, what ended, what is not known."""

from datetime import date, timedelta

import pytest

from yimei.core.errors import RuleBroken
from yimei.hospital.actions.reference import read
from yimei.hospital.enums import StopKind
from yimei.journey.enums import StopState
from yimei.journey.rules import stops
from yimei.journey.rules.stops import Rule, Sign

TODAY = date(2026, 6, 16)
ASPIRIN = Rule("ASPIRIN", StopKind.MEDICATION, "阿司匹林", ("阿司匹林", "aspirin"), 14, True, source="弱来源")
MENSES = Rule("MENSES", StopKind.MENSES, "月经期", ("月经",), 7, True)
PREGNANT = Rule("PREGNANCY", StopKind.PREGNANCY, "妊娠", ("怀孕",), 180, False)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def found(rule: Rule, state: StopState, *, on: date, last: date | None = None, final: bool = False):  # type: ignore[no-untyped-def]
    signs = {rule.code: Sign(rule.code, state, last, TODAY)}
    return next(iter(stops.findings([rule], signs, on=on, is_final=final)), None)


def test_what_ended_blocks_until_its_days_are_over_and_not_longer() -> None:
    over = StopState.STOPPED
    assert found(ASPIRIN, over, on=TODAY + days(13), last=TODAY).free_from == TODAY + days(14)
    assert found(ASPIRIN, over, on=TODAY + days(14), last=TODAY) is None
    assert found(ASPIRIN, over, on=TODAY + days(13), last=TODAY, final=True).is_blocking


def test_what_goes_on_may_still_be_stopped_in_time_but_not_on_the_day() -> None:
    now = StopState.NOW
    assert found(ASPIRIN, now, on=TODAY + days(13)).is_blocking
    soon = found(ASPIRIN, now, on=TODAY + days(20))
    assert not soon.is_blocking
    assert f"{TODAY + days(6)}" in soon.words
    late = found(ASPIRIN, now, on=TODAY + days(20), final=True)
    assert late.is_blocking
    assert "须确认何时停的" in late.words


def test_menses_count_from_the_first_day() -> None:
    assert found(MENSES, StopState.STOPPED, on=TODAY, last=TODAY - days(6)).is_blocking
    assert found(MENSES, StopState.STOPPED, on=TODAY, last=TODAY - days(7)) is None
    assert found(MENSES, StopState.NOW, on=TODAY + days(7), final=True) is None


def test_a_pregnancy_blocks_however_far_the_day_is() -> None:
    finding = found(PREGNANT, StopState.NOW, on=TODAY + days(900))
    assert finding.is_blocking
    assert finding.free_from is None


def test_no_is_no_and_silence_is_nothing() -> None:
    assert found(ASPIRIN, StopState.NO, on=TODAY) is None
    assert stops.findings([ASPIRIN], {}, on=TODAY, is_final=True) == []


def test_the_last_word_counts_and_of_one_day_the_later_said() -> None:
    first = Sign("ASPIRIN", StopState.NOW, None, TODAY)
    second = Sign("ASPIRIN", StopState.NO, None, TODAY)
    older = Sign("ASPIRIN", StopState.NOW, None, TODAY - days(1))
    assert stops.newest([first, second, older])["ASPIRIN"] is second


def test_another_answer_asks_for_another_override() -> None:
    one = found(ASPIRIN, StopState.STOPPED, on=TODAY, last=TODAY - days(1))
    other = found(ASPIRIN, StopState.STOPPED, on=TODAY, last=TODAY - days(2))
    assert one.key != other.key


@pytest.mark.parametrize(
    ("text", "is_sign"),
    [
        ("阿司匹林 100 mg 每日", True),
        ("阿 司 匹 林", True),
        ("Aspirin 81mg", True),
        ("否认服用阿司匹林", True),
        ("未用阿司匹林", False),
        ("不吃阿司匹林", False),
        ("已停阿司匹林，又服阿司匹林", True),
        ("青霉素", False),
    ],
)
def test_a_word_is_a_sign_unless_it_is_denied(text: str, is_sign: bool) -> None:
    """A denial further away than three characters is read as a sign: asking once more harms nobody."""
    assert bool(stops.by_words([ASPIRIN], text)) is is_sign


def test_what_is_over_has_a_day_that_is_not_to_come() -> None:
    stops.check_sign(StopState.STOPPED, TODAY, today=TODAY)
    stops.check_sign(StopState.NOW, None, today=TODAY)
    for last in (None, TODAY + days(1)):
        with pytest.raises(RuleBroken, match="最后一次"):
            stops.check_sign(StopState.STOPPED, last, today=TODAY)


def test_the_label_says_what_no_clinician_has_confirmed() -> None:
    assert ASPIRIN.label == "弱来源 · 待临床确认"


@pytest.mark.parametrize("row", read("stop_rules")["rules"], ids=lambda row: str(row["code"]))
def test_every_rule_that_ships_has_a_source_and_waits_for_confirmation(row: dict[str, object]) -> None:
    assert row["kind"] in StopKind
    assert row["source"]
    assert row["words"]
    assert "confirmed_at" not in row
    assert row["code"] != "PREGNANCY" or row["may_override"] is False


def told(**answers: object) -> dict[str, tuple[str, date | None]]:
    kinds = {"MENSES": StopKind.MENSES, "PREGNANCY": StopKind.PREGNANCY, "SMOKING": StopKind.SMOKING}
    known = [
        Rule(
            row["code"],
            kinds.get(row["code"], StopKind.MEDICATION),
            row["name"],
            tuple(row["words"]),
            14,
            True,
        )
        for row in read("stop_rules")["rules"]
    ]
    found = stops.from_answers(known, answers, told_on=TODAY)
    return {each.code: (each.state, each.last) for each in found}


def test_answers_of_a_questionnaire_are_signs_of_their_rules() -> None:
    now = (StopState.NOW, None)
    assert told(medicine_kinds=["anticoagulant", "isotretinoin"]) == {"ANTICOAG": now, "RETINOID": now}
    assert told(medicine_kinds=["hormone"]) == {"OCP": now, "OESTROGEN": now}
    assert told(medicine_kinds=["none"], smoking="never", pregnancy="no") == {}
    assert told(pregnancy="pregnant") == {"PREGNANCY": now}
    assert told(pregnancy="trying") == {}, "who means to become pregnant is not"
    assert told(smoking="now") == {"SMOKING": now}
    assert told(medicine_names="拜阿司匹灵 100 mg，每晚") == {"ASPIRIN": now}
    assert told(medicine_names="未用阿司匹林") == {}


def test_what_a_questionnaire_dates_counts_from_that_day() -> None:
    over = StopState.STOPPED
    assert told(menses="2026-06-01") == {"MENSES": (over, date(2026, 6, 1))}
    assert told(smoking="past", stopped_weeks="3") == {"SMOKING": (over, TODAY - days(21))}


def test_an_answer_about_a_rule_that_does_not_concern_her_is_left_out() -> None:
    assert stops.from_answers([ASPIRIN], {"pregnancy": "pregnant"}, told_on=TODAY) == []


def test_what_was_said_otherwise_is_kept_beside_what_counts() -> None:
    first = Sign("ASPIRIN", StopState.NOW, None, TODAY - days(1), source="问卷")
    last = Sign("ASPIRIN", StopState.NO, None, TODAY)
    assert stops.otherwise([first, last], last) == [first]
    assert stops.otherwise([last], last) == []
    assert stops.otherwise([], None) == ()
