"""Levels, clocks and closing of incidents, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, IncidentStatus
from yimei.privacy.queries.packs import SHIPPED, shipped
from yimei.privacy.rules import incidents as rules

AT = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
NUMBERS = {
    number.code: number.value for name in SHIPPED for rule in shipped(name).rules for number in rule.numbers
}
FACTS = rules.Facts(
    kind=IncidentKind.LEAK,
    level=IncidentLevel.MINOR,
    discovered_at=AT,
    profiles=frozenset({"cn"}),
    numbers=NUMBERS,
)


def ends(facts: rules.Facts) -> dict[str, timedelta]:
    return {clock.code: clock.due_at - AT for clock in rules.clocks(facts)}


def test_a_small_leak_is_told_at_once_and_has_no_hours() -> None:
    clocks = rules.clocks(FACTS)
    assert {clock.code for clock in clocks} == {"pipl.authority", "pipl.persons"}
    assert all(clock.is_immediate and clock.due_at == AT for clock in clocks)


@pytest.mark.parametrize(("operator", "hours"), [("ordinary", 4), ("critical", 1), ("central", 2)])
def test_hours_of_the_reporting_measures_depend_on_the_operator(operator: str, hours: int) -> None:
    facts = replace(FACTS, level=IncidentLevel.LARGER, operator=operator)
    assert ends(facts)["csl.report"] == timedelta(hours=hours)


def test_other_laws_bring_their_own_clocks() -> None:
    facts = replace(FACTS, profiles=frozenset({"cn", "gdpr", "hipaa"}), persons=500)
    found = ends(facts)
    assert found["gdpr.authority"] == timedelta(hours=72)
    assert found["hipaa.persons"] == found["hipaa.hhs"] == timedelta(days=60)
    assert "hipaa.media" not in found
    few = ends(replace(facts, persons=499))["hipaa.hhs"]
    assert few + AT == datetime(2026, 12, 31, 16, tzinfo=UTC) + timedelta(days=60)
    assert "hipaa.media" in ends(replace(facts, persons=501))


def test_minors_crime_and_the_final_report_start_their_own_duty() -> None:
    handled = AT + timedelta(days=3)
    facts = replace(FACTS, minors=1, is_crime=True, level=IncidentLevel.MAJOR, handled_at=handled)
    found = {clock.code: clock for clock in rules.clocks(facts)}
    assert {"minors.guardians", "police", "csl.final"} <= set(found)
    assert found["csl.final"].trigger_at == handled
    assert found["csl.final"].due_at == handled + timedelta(days=30)


def test_a_suspicious_message_that_reached_nobody_starts_no_clock() -> None:
    assert rules.clocks(replace(FACTS, kind=IncidentKind.PHISHING)) == []
    assert rules.clocks(replace(FACTS, kind=IncidentKind.PHISHING, persons=1))


@pytest.mark.parametrize(
    ("persons", "loss", "level"),
    [
        (999_999, 499, "minor"),
        (1_000_000, 0, "larger"),
        (0, 500, "larger"),
        (10_000_000, 0, "major"),
        (0, 2000, "major"),
        (100_000_000, 0, "grave"),
        (0, 10_000, "grave"),
    ],
)
def test_the_level_follows_persons_or_loss(persons: int, loss: int, level: str) -> None:
    assert rules.level_of(persons=persons, loss_wan=loss, numbers=NUMBERS) == level


def test_a_level_may_be_raised_and_never_lowered() -> None:
    rules.check_level(IncidentLevel.GRAVE, IncidentLevel.LARGER)
    with pytest.raises(RuleBroken, match="至少为"):
        rules.check_level(IncidentLevel.MINOR, IncidentLevel.LARGER)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from([clock.code for clock in rules.DUTIES])), st.integers(0, 2000), st.booleans())
def test_a_running_clock_is_never_started_again(known: set[str], persons: int, is_crime: bool) -> None:
    facts = replace(
        FACTS,
        persons=persons,
        minors=persons // 2,
        is_crime=is_crime,
        profiles=frozenset({"cn", "gdpr", "hipaa"}),
    )
    fresh = rules.new_duties(rules.clocks(facts), known)
    assert not {clock.code for clock in fresh} & known


def test_only_persons_may_be_left_untold_and_only_with_a_reason() -> None:
    rules.check_exempt("pipl.persons", "设备已远程擦除，数据全程加密")
    with pytest.raises(RuleBroken, match="10 个字"):
        rules.check_exempt("pipl.persons", "没事")
    with pytest.raises(RuleBroken, match="不能豁免"):
        rules.check_exempt("pipl.authority", "设备已远程擦除，数据全程加密")


def close(**values: object) -> None:
    given_values = {
        "status": IncidentStatus.OPEN,
        "duties": [("pipl.authority", DutyState.DONE)],
        "measures": "已改密码",
        "report": "总结",
        "handled_at": AT,
        **values,
    }
    rules.check_close(**given_values)  # type: ignore[arg-type]


def test_closing_names_everything_that_is_open() -> None:
    close()
    with pytest.raises(RuleBroken) as caught:
        close(duties=[("pipl.authority", DutyState.OPEN)], measures="", report=" ", handled_at=None)
    assert len(caught.value.missing) == 4
    with pytest.raises(RuleBroken, match="处置中"):
        close(status=IncidentStatus.REPORTED)


@pytest.mark.parametrize("text", ["您的手术资料", "病历外泄", "术后照片", ""])
def test_a_text_message_gives_nothing_away(text: str) -> None:
    with pytest.raises(RuleBroken):
        rules.check_neutral({"harm": text})
    rules.check_neutral({"harm": "可能收到骚扰电话"})
