"""Who will soon answer for herself, who does since when, and what still waits for her own word."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from yimei.core import names
from yimei.core.clock import local_date
from yimei.people.access import need, shown_names
from yimei.people.enums import CapacityKind
from yimei.people.models import CapacityFinding, Guardian, Patient, Staff
from yimei.people.models.patients import PatientQuerySet
from yimei.people.roles import Permission
from yimei.privacy.enums import ChipState, ConsentAct
from yimei.privacy.models import ComingOfAge, Consent
from yimei.privacy.queries.consents import standings as consent_states
from yimei.privacy.queries.register import limit
from yimei.privacy.rules.majority import ENDINGS, Phase, Standing, majority_day, phase_of

REMIND_DAYS = "majority.remind_days"


@dataclass(frozen=True)
class Line:
    """One person of the list: when, what ended, what waits for her."""

    patient: Patient
    name: str
    day: date | None
    days_left: int
    row: ComingOfAge | None
    ended: tuple[tuple[str, int], ...]
    unconfirmed: tuple[str, ...]
    """Purposes to which only a guardian had agreed: they rest until she answers."""
    has_guardians_number: bool

    @property
    def waits(self) -> bool:
        return bool(self.unconfirmed) or self.has_guardians_number


@dataclass(frozen=True)
class Lists:
    """Who comes of age soon, who has and is to be asked, and who has answered."""

    soon: tuple[Line, ...]
    waiting: tuple[Line, ...]
    done: tuple[Line, ...]


def guarded() -> PatientQuerySet:
    """The living who have a guardian on record in any of their files: one row for each person."""
    heads = Guardian.objects.filter(patient__merged_into=None).values("patient")
    joined = Guardian.objects.exclude(patient__merged_into=None).values("patient__merged_into")
    living = Patient.objects.with_person().kept().counted().filter(person__vault_key__destroyed_at=None)
    return living.filter(Q(pk__in=heads) | Q(pk__in=joined)).order_by("pk")


def standings(patients: Iterable[Patient]) -> dict[int, Standing]:
    """What age and findings say of these persons, by the number of the file that stands; one query."""
    heads = {patient.head_id: patient.head for patient in patients}
    kinds: dict[int, set[str]] = defaultdict(set)
    hers = Q(patient__in=heads) | Q(patient__merged_into__in=heads)
    rows = CapacityFinding.objects.filter(hers, ended_at=None).order_by()
    for kind, approved, own, head in rows.values_list(
        "kind", "approved_at", "patient", "patient__merged_into"
    ):
        if approved is not None or kind == CapacityKind.LIMITED:
            kinds[head or own].add(kind)
    return {
        pk: Standing(
            head.person.birth_date,
            is_limited=CapacityKind.LIMITED in kinds[pk],
            has_own_income=CapacityKind.OWN_INCOME in kinds[pk],
        )
        for pk, head in heads.items()
    }


def phases(patients: Collection[Patient], *, on: date) -> dict[int, Phase]:
    days = limit(REMIND_DAYS, on)
    return {pk: phase_of(who, on=on, remind_days=days) for pk, who in standings(patients).items()}


def guardians_by_head(patients: Iterable[Patient]) -> dict[int, list[Guardian]]:
    """Who is on record as answering for these persons, whichever of their files it stands in; one query."""
    heads = {patient.head_id for patient in patients}
    found: dict[int, list[Guardian]] = defaultdict(list)
    rows = Guardian.objects.filter(Q(patient__in=heads) | Q(patient__merged_into__in=heads))
    for one in rows.select_related("patient", "person__vault_key").order_by("pk"):
        found[one.patient.head_id].append(one)
    return found


def with_guardians_number(patients: Collection[Patient], *, on: date) -> set[int]:
    """Files of those of age who are still reached at a number that is a former guardian's.

    What the hospital tells them somebody else would read. Who said that it is her own number too is not
    among them.
    """
    guardians = guardians_by_head(patients)
    suspects = [patient for patient in patients if patient.head_id in guardians]
    if not suspects:
        return set()
    grown = {pk for pk, phase in phases(suspects, on=on).items() if phase == Phase.OF_AGE}
    kept = set(
        ComingOfAge.objects.filter(patient__in=grown)
        .exclude(number_kept_at=None)
        .values_list("patient", flat=True)
    )
    found = set()
    for patient in suspects:
        if patient.head_id in grown - kept and has_number_of(patient.head, guardians[patient.head_id]):
            found.add(patient.pk)
    return found


def has_number_of(patient: Patient, guardians: Iterable[Guardian]) -> bool:
    number = patient.person.phone
    return bool(number) and any(
        one.person.phone == number for one in guardians if not one.person.vault_key.is_destroyed
    )


def lists(*, by: Staff, now: datetime) -> Lists:
    """The page of the officer; as many queries for one person as for hundreds."""
    need(by, Permission.PRIVACY_VIEW)
    on = local_date(now)
    people = list(guarded().filter(sealed_at=None).reachable(by, Permission.PRIVACY_VIEW))
    who = standings(people)
    days = limit(REMIND_DAYS, on)
    rows = {row.patient_id: row for row in ComingOfAge.objects.filter(patient__in=[one.pk for one in people])}
    known = {pk: phase_of(one, on=on, remind_days=days) for pk, one in who.items()}
    wanted = [
        one for one in people if known[one.pk] == Phase.SOON or (one.pk in rows and rows[one.pk].handed_at)
    ]
    wanted = [one for one in wanted if known[one.pk] != Phase.GUARDED]
    shown = shown_names(wanted, by=by)
    numbers = with_guardians_number(wanted, on=on)
    waiting = _unconfirmed(wanted, now)
    lines = [
        Line(
            patient=one,
            name=_masked(one, shown[one.pk]),
            day=_day(who[one.pk].birth_date),
            days_left=_left(who[one.pk].birth_date, on),
            row=rows.get(one.pk),
            ended=_ended(rows.get(one.pk)),
            unconfirmed=tuple(waiting.get(one.pk, ())),
            has_guardians_number=one.pk in numbers,
        )
        for one in wanted
    ]
    soon = sorted(
        (one for one in lines if known[one.patient.pk] == Phase.SOON), key=lambda one: one.days_left
    )
    grown = [one for one in lines if known[one.patient.pk] == Phase.OF_AGE]
    grown.sort(key=lambda one: one.days_left, reverse=True)
    return Lists(
        soon=tuple(soon),
        waiting=tuple(one for one in grown if one.waits),
        done=tuple(one for one in grown if not one.waits),
    )


def unconfirmed(patient: Patient, at: datetime) -> list[str]:
    """Names of the purposes to which only a guardian had agreed, for one person who is of age now."""
    return _unconfirmed([patient.head], at).get(patient.head_id, [])


def ends_on(patient: Patient, at: datetime) -> date | None:
    """The day on which her guardians' rights end, once it is near."""
    on = local_date(at)
    who = standings([patient])[patient.head_id]
    is_soon = phase_of(who, on=on, remind_days=limit(REMIND_DAYS, on)) == Phase.SOON
    return _day(who.birth_date) if is_soon else None


def late(now: datetime) -> int:
    """How many came of age more than a day ago and were not handed over: the night did not do its work."""
    on = local_date(now - timedelta(days=1))
    people = list(guarded())
    handed = set(ComingOfAge.objects.exclude(handed_at=None).values_list("patient", flat=True))
    return sum(phase == Phase.OF_AGE and pk not in handed for pk, phase in phases(people, on=on).items())


def ending_words() -> list[str]:
    return [str(text) for text in ENDINGS.values()]


def _unconfirmed(patients: Collection[Patient], at: datetime) -> dict[int, list[str]]:
    heads = {one.head_id for one in patients}
    by_guardians = Consent.objects.filter(
        Q(patient__in=heads) | Q(patient__merged_into__in=heads),
        act=ConsentAct.GIVEN,
        guardian__isnull=False,
        purpose__is_active=True,
    )
    pairs = by_guardians.order_by("purpose_id").values_list("purpose__code", "purpose__name").distinct()
    titles: Mapping[str, str] = dict(pairs)
    if not titles:
        return {}
    found: dict[int, list[str]] = defaultdict(list)
    for (pk, code), state in consent_states(patients, titles, at).items():
        if state == ChipState.OUTDATED:
            found[pk].append(titles[code])
    return found


def _ended(row: ComingOfAge | None) -> tuple[tuple[str, int], ...]:
    if row is None:
        return ()
    return tuple((str(text), row.ended[code]) for code, text in ENDINGS.items() if code in row.ended)


def _masked(patient: Patient, shown: str) -> str:
    """An alias stays whole; a name is masked, as in every list of the officer."""
    return names.mask(shown) if shown == patient.person.name else shown


def _day(birth_date: date | None) -> date | None:
    return majority_day(birth_date) if birth_date else None


def _left(birth_date: date | None, on: date) -> int:
    return (majority_day(birth_date) - on).days if birth_date else 0
