"""Everything that looks at one person looks at all her files, and at one of them once they are parted."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import AlertFactory, GuardianFactory, PatientFactory, StaffFactory
from yimei.audit import log
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.queries import facts as profiles
from yimei.hospital.models import Campus
from yimei.journey.enums import BookingStatus, ResourceKind
from yimei.journey.models import ResourceClaim
from yimei.journey.queries import cases, facts
from yimei.people.actions import looks, merges, pairs
from yimei.people.models import Merge, Patient, Staff
from yimei.privacy.actions import consents, erasure, holds, incidents, letters, successions
from yimei.privacy.actions.requests import receiving
from yimei.privacy.enums import ConsentAct, HoldKind, RequestChannel, Requester, RequestKind
from yimei.privacy.enums.incidents import IncidentKind, IncidentLevel
from yimei.privacy.enums.parties import SuccessionKind
from yimei.privacy.models import Incident, SuccessionWord
from yimei.privacy.queries import counters
from yimei.privacy.queries.consents import outdated
from yimei.privacy.queries.holds import held
from yimei.privacy.queries.incidents import reach
from yimei.privacy.queries.looks import seen
from yimei.privacy.queries.sections import sections_of
from yimei.privacy.rules.consents import Told, counting

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def two_files(**given: Any) -> tuple[Staff, Patient, Patient]:
    by = StaffFactory(role="reception")
    kept = PatientFactory(campus=by.campus, registered=True)
    return by, kept, PatientFactory(campus=by.campus, person__phone=kept.person.phone, **given)


def join(kept: Patient, absorbed: Patient, *, by: Staff, now: datetime) -> Merge:
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    merge = merges.ask(pair.public_id, kept_id=kept.public_id, reason="核对了身份证", by=by, now=now)
    if merge.made_at is None:
        second = StaffFactory(role="reception", campus=by.campus)
        merge = merges.approve(merge.public_id, by=second, now=now)
    return merge


def part(merge: Merge, *, by: Staff, now: datetime) -> None:
    merges.undo(merge.public_id, reason="并错了人", is_different=True, by=by, now=now)


def fresh(patient: Patient) -> Patient:
    return Patient.objects.with_person().get(pk=patient.pk)


def test_one_timeline_and_one_line_in_the_list(now: datetime) -> None:
    by, kept, absorbed = two_files()
    first = CaseFactory(patient=kept, campus=by.campus, opened_at=now - 2 * HOUR)
    second = CaseFactory(patient=absorbed, campus=by.campus, opened_at=now - HOUR)
    assert len(cases.customers(by=by)) == 2
    merge = join(kept, absorbed, by=by, now=now)
    assert [case.pk for case in cases.of_patient(fresh(kept), by=by)] == [second.pk, first.pk]
    [row] = cases.rows(cases.customers(by=by), by=by)
    assert (row.patient, row.case) == (kept, second)
    assert len(cases.customers(by=by, stage=second.stage)) == 1
    part(merge, by=by, now=now)
    assert [case.pk for case in cases.of_patient(fresh(kept), by=by)] == [first.pk]
    assert len(cases.customers(by=by)) == 2


def test_the_gates_read_the_kept_papers_and_both_files_guardians(now: datetime) -> None:
    by, kept, absorbed = two_files(person__birth_date=None)
    case = CaseFactory(patient=absorbed, campus=by.campus)
    before = facts.gather(case, on=now)
    assert (before.is_registered, before.needs_guardian) == (False, True)
    join(kept, absorbed, by=by, now=now)
    case.refresh_from_db()
    after = facts.gather(case, on=now)
    assert (after.is_registered, after.needs_guardian) == (True, False)


def test_nobody_is_in_two_places_because_she_has_two_files(now: datetime) -> None:
    by, kept, absorbed = two_files()
    times = {"campus": by.campus, "starts_at": now + HOUR, "ends_at": now + 2 * HOUR}
    later = BookingFactory(patient=absorbed, **times)
    merge = join(kept, absorbed, by=by, now=now)
    hers = ResourceClaim.objects.get(booking=later, kind=ResourceKind.PATIENT)
    assert hers.resource_id == kept.pk
    with pytest.raises(Conflict, match="这位客户"):
        BookingFactory(patient=fresh(kept), **times)
    part(merge, by=by, now=now)
    hers.refresh_from_db()
    assert hers.resource_id == absorbed.pk
    BookingFactory(patient=fresh(kept), **times)


def test_files_that_hold_the_same_hour_are_not_joined(now: datetime) -> None:
    by, kept, absorbed = two_files()
    for patient in (kept, absorbed):
        BookingFactory(patient=patient, campus=by.campus, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    with pytest.raises(RuleBroken) as refused:
        join(kept, absorbed, by=by, now=now)
    assert "同一时间" in refused.value.missing[0].what


Y, N, W = ConsentAct.GIVEN, ConsentAct.REFUSED, ConsentAct.WITHDRAWN


@pytest.mark.parametrize(
    ("said", "joined", "counts"),
    [
        ([(1, Y, 1), (1, W, 2)], None, 1),
        ([(1, W, 1), (1, Y, 2)], None, 1),
        ([(1, Y, 1), (2, Y, 2)], 5, 1),
        ([(1, N, 1), (2, Y, 2)], 5, 0),
        ([(1, Y, 1), (2, N, 2)], 5, 1),
        ([(1, Y, 1), (2, N, 2), (1, Y, 3)], 5, 1),
        ([(1, N, 1), (2, Y, 2), (2, N, 3), (1, Y, 4)], 5, 2),
        ([(1, N, 1), (2, Y, 2), (1, Y, 6)], 5, 2),
        ([(1, Y, 1), (2, N, 2), (2, Y, 6)], 5, 2),
        ([(1, Y, 1), (2, Y, 2), (1, W, 6)], 5, 2),
        ([(1, N, 1), (2, N, 2), (2, Y, 3)], 5, 0),
    ],
)
def test_a_no_in_either_file_stands_until_she_answers_as_one(
    said: list[tuple[int, ConsentAct, int]], joined: int | None, counts: int
) -> None:
    """File 1 is kept, file 2 was joined to it at hour 5."""
    start = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    told = [
        Told(file, act, start + hour * HOUR, start + joined * HOUR if joined and file == 2 else None)
        for file, act, hour in said
    ]
    assert counting(told) == counts


def test_a_hold_on_one_file_holds_both(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = two_files()
    officer = StaffFactory(role="privacy")
    words = {"ground": "患者提出封存病历", "parties": "患者、医务科"}
    holds.open_for(str(kept.file_no), kind=HoldKind.SEALING, **words, by=officer, now=now)
    assert absorbed.pk not in held([absorbed.pk])
    join(kept, absorbed, by=by, now=now)
    assert held([kept.pk, absorbed.pk]).keys() == {kept.pk, absorbed.pk}


def test_copy_and_looks_reach_both_files(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = two_files()
    AlertFactory(patient=absorbed)
    nurse = StaffFactory(role="nurse", campus=by.campus)
    subject = absorbed.person.vault_key
    log.record("people.patient.view", at=now, by=nurse, target=absorbed, subject=subject, purpose="treatment")
    merge = join(kept, absorbed, by=by, now=now)
    told = {section.code: section.rows for section in sections_of(fresh(kept))}
    assert "青霉素" in str(told["people.alert"])
    assert len(told["people.identity"]) == 2
    assert [look.who for look in seen(fresh(kept))] == [nurse.name]
    part(merge, by=by, now=now)
    assert seen(fresh(kept)) == []


def test_a_request_that_runs_comes_first(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = two_files()
    receiving.receive(
        absorbed.public_id,
        kind=RequestKind.COPY,
        requester=Requester.SELF,
        channel=RequestChannel.DESK,
        by=StaffFactory(role="privacy"),
        now=now,
    )
    with pytest.raises(RuleBroken) as refused:
        join(kept, absorbed, by=by, now=now)
    assert "正在办理" in refused.value.missing[0].what


def test_an_erasure_takes_both_files_and_cannot_be_parted(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = two_files()
    merge = join(kept, absorbed, by=by, now=now)
    erasure.carry_out(fresh(kept), now=now)
    for patient in (kept, absorbed):
        gone = fresh(patient)
        assert gone.person.vault_key.is_destroyed
        assert gone.is_sealed
    with pytest.raises(NotFound):
        part(merge, by=by, now=now)


def test_a_restriction_stops_both_and_coming_back_brings_both(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = two_files()
    join(kept, absorbed, by=by, now=now)
    erasure.restrict(fresh(kept), now=now)
    assert fresh(absorbed).is_sealed
    erasure.lift(fresh(kept), now=now, by=StaffFactory(role="privacy"))
    assert not fresh(absorbed).is_sealed


def test_a_profile_counts_one_person(now: datetime) -> None:
    by, kept, absorbed = two_files()
    for patient, hours in ((kept, 5), (absorbed, 3)):
        came = {"status": BookingStatus.SERVED, "arrived_at": now - HOUR, "visit_kind": "first"}
        times = {"starts_at": now - hours * HOUR, "ends_at": now - (hours - 1) * HOUR}
        BookingFactory(patient=patient, campus=by.campus, **came, **times)
    merge = join(kept, absorbed, by=by, now=now)
    found = profiles.of_customers([kept.pk, absorbed.pk], now=now)
    assert found.keys() == {kept.pk}
    assert found[kept.pk]["visits"] == 2
    part(merge, by=by, now=now)
    assert {
        pk: one["visits"] for pk, one in profiles.of_customers([kept.pk, absorbed.pk], now=now).items()
    } == {
        kept.pk: 1,
        absorbed.pk: 1,
    }


def seen_twice(campus: Campus, now: datetime) -> tuple[Staff, Patient, Patient]:
    """A child with two files that one account looked at, her mother on record in the absorbed one."""
    by = StaffFactory(role="reception", campus=campus)
    born = {"person__birth_date": date(2012, 3, 8)}
    kept = PatientFactory(campus=campus, registered=True, **born)
    absorbed = PatientFactory(campus=campus, person__phone=kept.person.phone, **born)
    GuardianFactory(patient=absorbed, person__phone="12000000021")
    for patient in (kept, absorbed):
        looks.record(patient, page="detail", by=by, at=now - 3 * HOUR)
    return by, kept, absorbed


def incident_of(by: Staff, officer: Staff, now: datetime) -> Incident:
    found = incidents.report(
        kind=IncidentKind.MISUSE, title="批量查看", what="x", discovered_at=now - HOUR, by=officer, now=now
    )
    incidents.triage(
        found.public_id, kind=IncidentKind.MISUSE, level=IncidentLevel.MINOR, is_sensitive=True,
        is_crime=False, loss_wan=0, persons=0, minors=0, by=officer, now=now,
    )  # fmt: skip
    incidents.find_affected(
        found.public_id, account=by, since=now - 48 * HOUR, until=now, by=officer, now=now
    )
    words = {"harm": "可能收到骚扰电话", "measures": "已停用账号", "advice": "留意来电"}
    return incidents.describe(found.public_id, by=officer, now=now, **words)


def test_a_breach_touches_one_person_and_her_guardian_in_the_other_file(
    campus: Campus, now: datetime
) -> None:
    by, kept, absorbed = seen_twice(campus, now)
    officer = StaffFactory(role="privacy", campus=campus)
    join(kept, absorbed, by=by, now=now)
    found = incident_of(by, officer, now)
    assert (found.persons, found.minors) == (1, 1)
    [one] = found.affected.all()
    assert (one.patient, one.looks) == (kept, 2)
    assert reach.without_guardian(found) == 0
    assert letters.draft(found.public_id, by=officer, now=now) == 2
    assert set(found.letters.values_list("patient", "guardian__patient")) == {
        (kept.pk, None),
        (kept.pk, absorbed.pk),
    }


def test_a_successor_is_told_of_once_and_counters_count_once(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = seen_twice(campus, now)
    for patient in (kept, absorbed):
        AlertFactory(patient=patient)
    apart = counters.measure(now)
    join(kept, absorbed, by=by, now=now)
    joined = counters.measure(now)
    assert {code: apart[code] - joined[code] for code in ("persons", "spi", "minors18")} == {
        "persons": 1,
        "spi": 1,
        "minors18": 1,
    }
    first, second = StaffFactory(role="privacy", campus=campus), StaffFactory(role="director", campus=campus)
    taken = successions.register(
        kind=SuccessionKind.MERGER, recipient="颐华医疗", contact="400", what="病历",
        effective_on=date(2026, 12, 1), by=first, now=now,
    )  # fmt: skip
    successions.approve(taken.public_id, by=second, now=now)
    assert successions.tell(taken.public_id, now=now) == 1
    [word] = SuccessionWord.objects.all()
    assert (word.patient, word.guardian is not None) == (kept, True)


def test_who_answered_in_the_other_file_is_not_asked_again(campus: Campus, now: datetime) -> None:
    by, kept, absorbed = seen_twice(campus, now)
    mother = absorbed.guardians.get()
    consents.give(absorbed, "care.health", now=now, guardian=mother)
    join(kept, absorbed, by=by, now=now)
    grown = now.replace(year=2031)
    officer = StaffFactory(role="privacy", campus=campus)
    assert [one.patient for one in outdated(officer, grown)] == [absorbed]
    consents.give(fresh(kept), "care.health", now=grown)
    assert outdated(officer, grown + HOUR) == []
