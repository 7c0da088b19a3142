"""Each rule finds its pattern, says its numbers, and leaves an ordinary day alone."""

from datetime import UTC, datetime, timedelta

import pytest

from yimei.privacy.enums.watch import AlarmKind, AlarmSeverity
from yimei.privacy.rules.alarms import Event, Finding, Usual, find, is_business, is_night, line
from yimei.rehearsal.bench import theft

MORNING = datetime(2026, 6, 16, 1, 0, tzinfo=UTC)
NIGHT = datetime(2026, 6, 16, 15, 0, tzinfo=UTC)
NOBODY = Usual()


def looks(count: int, *, at: datetime = MORNING, every: float = 10, **values: object) -> list[Event]:
    return [
        Event(at + timedelta(minutes=every * n), 100 + 37 * n, "view", **values)  # type: ignore[arg-type]
        for n in range(count)
    ]


def kinds(events: list[Event], own: Usual = NOBODY) -> dict[AlarmKind, Finding]:
    return {finding.kind: finding for finding in find(events, own=own, role=NOBODY, law=250)}


def test_an_ordinary_day_is_left_alone() -> None:
    assert kinds(looks(29, every=15)) == {}
    assert kinds([]) == {}


def test_very_many_people_in_an_hour() -> None:
    found = kinds(looks(16, every=2))[AlarmKind.RATE]
    assert (found.seen, found.usual, found.until - found.since) == (16, 15, timedelta(minutes=30))
    assert AlarmKind.RATE not in kinds([Event(event.at, 1, "view") for event in looks(60, every=1)])
    assert AlarmKind.RATE not in kinds(looks(16, every=2), Usual(hourly=[20, 22, 18, 25, 21]))


def test_very_many_people_in_a_day_and_the_laws_number_at_once() -> None:
    found = kinds(looks(31, every=16))[AlarmKind.BREADTH]
    assert (found.seen, found.usual, found.severity) == (31, 30, AlarmSeverity.WARN)
    busy = Usual(daily=[400, 410, 390, 420, 400], hourly=[90] * 5)
    at_law = kinds(looks(250, every=2), busy)[AlarmKind.BREADTH]
    assert (at_law.severity, at_law.seen) == (AlarmSeverity.SEVERE, 250), "the usual never excuses the law"
    assert AlarmKind.BREADTH not in kinds(looks(249, every=2), busy)


def test_people_opened_at_night_off_duty() -> None:
    assert kinds(looks(4, at=NIGHT, every=5))[AlarmKind.HOURS].seen == 4
    assert kinds(looks(4, at=NIGHT, every=5, is_on_duty=True)) == {}
    assert kinds(looks(3, at=NIGHT, every=5)) == {}
    assert kinds(looks(4, at=NIGHT, every=5), Usual(nights=0.2)) == {}


@pytest.mark.parametrize(("hour", "night"), [(13, False), (14, True), (22, True), (23, False), (0, False)])
def test_the_night_is_the_hospitals(hour: int, night: bool) -> None:
    assert is_night(datetime(2026, 6, 16, hour, tzinfo=UTC)) is night


def test_people_with_whom_nothing_happens() -> None:
    assert kinds(looks(6, every=60, is_own=False))[AlarmKind.NOT_OWN].seen == 6
    assert kinds(looks(5, every=60, is_own=False)) == {}


@pytest.mark.parametrize("step", [1, -1, 3])
def test_file_after_file(step: int) -> None:
    run = [Event(MORNING + timedelta(minutes=20 * n), 500 + step * n, "view") for n in range(8)]
    assert kinds(run)[AlarmKind.SEQUENCE].seen == 8
    assert kinds(run[:7]) == {}
    twice = sorted([*run, *(Event(one.at, one.subject, "photo_view") for one in run)], key=lambda e: e.at)
    assert kinds(twice)[AlarmKind.SEQUENCE].seen == 8, "photos of the same file do not break the run"


def test_telephone_numbers_lists_canaries_and_emergencies() -> None:
    phones = [Event(event.at, event.subject, "reveal") for event in looks(11, every=5)]
    assert kinds(phones)[AlarmKind.REVEAL].severity == AlarmSeverity.SEVERE
    assert kinds(phones[:10]) == {}
    listed = [Event(MORNING, n, "export", is_canary=n == 3) for n in range(51)]
    assert set(kinds(listed)) == {AlarmKind.EXPORT, AlarmKind.BREADTH}, "her own canary lies in every list"
    found = find(looks(1, is_canary=True, is_own=False) * 2, own=NOBODY, role=NOBODY, law=250)
    assert [(one.kind, one.subject) for one in found] == [(AlarmKind.CANARY, 100)]
    assert kinds([Event(MORNING, 7, "break_glass")])[AlarmKind.GLASS].severity == AlarmSeverity.NOTE


def test_the_line_follows_her_own_days_and_her_roles_while_she_has_few() -> None:
    assert line([], [], least=15) == 15
    assert line([10, 12, 11, 9, 13], [100] * 50, least=5) == round(11 + 4 * 2**0.5)
    assert line([10], [40, 40, 40, 40], least=5) > 40


def test_thieves_are_found_and_honest_people_left_alone() -> None:
    """A small run of what `yimei bench theft` measures."""
    result = theft.run(100)
    assert result["false_alarm_rate"] <= 0.05
    for name, found in result["detection"].items():
        if name not in {"two_to_five_a_day", "met_a_canary"}:
            assert found["rate"] >= 0.9, name
    assert result["detection"]["met_a_canary"]["rate"] >= 0.4
    assert 0 <= result["detection"]["two_to_five_a_day"]["rate"] < 0.6, (
        "a patient thief is hardly seen in a day"
    )


@pytest.mark.parametrize(
    ("action", "is_by_somebody", "is_work"),
    [
        ("journey.booking.requested", True, True),
        ("journey.booking.requested", False, True),  # by the customer herself
        ("journey.survey.answered", False, True),
        ("growth.lead.touch", True, True),
        ("growth.points.follow", False, False),
        ("outbox.message.decided", True, False),
        ("outbox.message.decided", False, False),
        ("people.patient.view", True, False),
        ("people.patient.reveal", True, False),
        ("privacy.list.export", True, False),
        ("people.patient.break_glass", True, False),
    ],
)
def test_what_makes_opening_a_person_work(action: str, is_by_somebody: bool, is_work: bool) -> None:
    assert is_business(action, is_by_somebody=is_by_somebody) is is_work
