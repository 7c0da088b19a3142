"""Thieves of the rehearsal: played through the product's doors and alarms, and gone without a trace."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from tests.factories.audit import EntryFactory
from tests.factories.people import PatientFactory, StaffFactory
from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.people.models import Canary
from yimei.privacy.models import Alarm
from yimei.rehearsal.actions.thieves import play
from yimei.rehearsal.rules import thefts
from yimei.rehearsal.rules.thefts import Act, Reader

NURSE, CARER = UUID(int=1), UUID(int=2)
MIDNIGHT = local_day(datetime(2026, 6, 16, tzinfo=UTC).date())[0]
THIEF = Reader(NURSE, "nurse", range(1, 201), range(51, 201), range(1, 211), may_reveal=True)


def test_a_file_is_opened_before_something_is_done_with_it() -> None:
    acts = [Act(MIDNIGHT + timedelta(hours=9 + hour), NURSE, hour) for hour in range(8)]
    readers = {NURSE: THIEF, CARER: Reader(CARER, "surgeon", [], [], [])}
    seen = thefts.honest(acts, readers, {hour: [CARER] for hour in range(8)}, Random(3))
    for act in acts:
        assert any(
            one.subject == act.subject and timedelta() < act.at - one.at < timedelta(minutes=9)
            for one in seen
        )
    assert {one.actor for one in seen} == {NURSE, CARER}, "those who care for her look as well"
    assert seen == thefts.honest(acts, readers, {hour: [CARER] for hour in range(8)}, Random(3))
    assert thefts.honest(acts, {}, {}, Random(3)) == [], "nobody who left opens anything"


@pytest.mark.parametrize("kind", thefts.QUICK)
def test_a_theft_stays_within_its_day_and_its_thiefs_reach(kind: str) -> None:
    for seed in range(20):
        taken = list(thefts.QUICK[kind](THIEF, MIDNIGHT, Random(seed)))
        assert len({one.subject for one in taken}) == len(taken) >= 5
        within = THIEF.searched if kind == "five_by_search" else THIEF.reach
        assert {one.subject for one in taken} <= set(within)
        assert {local_date(one.at) for one in taken} == {local_date(MIDNIGHT)}
    few = Reader(NURSE, "nurse", range(3), range(3), range(3))
    assert 0 < len(list(thefts.QUICK[kind](few, MIDNIGHT, Random(1)))) <= 3


def test_no_list_of_a_thief_needs_anybodys_leave() -> None:
    taken = list(thefts.lists(THIEF, MIDNIGHT, Random(5)))
    assert {one.kind for one in taken} == {Look.EXPORT}
    assert all(sum(one.at == at for one in taken) <= 50 for at in {one.at for one in taken})


@pytest.mark.django_db
def test_an_empty_hospital_has_nothing_to_steal() -> None:
    with pytest.raises(RuleBroken, match="彩排"):
        play(quick=1, slow=1, worlds=1, seed=1)


@pytest.mark.slow(reason="plays a month of a small hospital, its alarms and nine thefts")
@pytest.mark.django_db
def test_thefts_are_found_and_nothing_is_left_of_them(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thefts, "SLOW", {"two_to_five_a_day": thefts.SLOW["two_to_five_a_day"]})
    clerk, officer = StaffFactory(role="reception"), StaffFactory(role="privacy")
    people = [PatientFactory(campus=clerk.campus) for _one in range(75)]
    for day in range(1, 6):
        EntryFactory(
            "journey.booking.arrived",
            subject=people[day].person.vault_key,
            by=clerk,
            at=now - timedelta(days=day),
        )
    EntryFactory("people.role.seed", at=now)
    before = Entry.objects.count()
    played = play(quick=1, slow=1, worlds=1, seed=1)
    assert (played.thieves, played.staff_months, played.people) == (1, 1, 75)
    assert {tally.tried for tally in [*played.quick.values(), *played.slow.values()]} == {1}
    sure = {"rate", "breadth", "out_of_hours", "sequential_browsing", "bulk_export", "not_own_patients"}
    assert {kind for kind in sure if played.quick[kind].found} == sure
    assert played.quick["sequential_browsing"].rules["sequence"] == 1
    assert played.slow["two_to_five_a_day"].found == 1
    assert all(0 < tally.delays[0] < 24 for tally in played.quick.values() if tally.found)
    assert (Entry.objects.count(), Alarm.objects.count(), Canary.objects.count()) == (before, 0, 0)
    assert officer.is_active
