"""The files of one person, files that may be one person's, and what was joined by whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from yimei.core.clock import local_date
from yimei.people import registry
from yimei.people.enums import PairDecision, Sex, TokenKind
from yimei.people.models import (
    Canary,
    DuplicatePair,
    Guardian,
    Merge,
    Patient,
    Person,
    SearchToken,
    Staff,
)
from yimei.people.models.patients import WITH_PERSON
from yimei.people.rules import capacity, likeness, merging, search
from yimei.people.rules.identity import Identity
from yimei.people.rules.likeness import Evidence
from yimei.vault import blind

SIGNS = (TokenKind.ID_NO, TokenKind.PHONE, TokenKind.NAME)
"""Words that two files of one person are likely to share."""
CANDIDATES = 30
"""How many namesakes are compared at entry; the nightly comparison looks at everybody."""


@dataclass(frozen=True)
class Side:
    """One of two files beside each other: numbers masked, and who cares for her."""

    patient: Patient
    identity: Identity
    has_history: bool
    owner: str


@dataclass(frozen=True)
class Comparison:
    """Two files beside each other, with what speaks for one person and what stands against joining them."""

    pair: DuplicatePair
    one: Side
    two: Side
    evidence: tuple[Evidence, ...]
    probability: float
    kept_id: int
    """The file that had better stand for the person."""
    waiting: Merge | None


def other_files(patient: Patient) -> list[Patient]:
    """The further files of this person, the one that stands for her first."""
    rows = Patient.objects.files_of(patient).exclude(pk=patient.pk)
    rows = rows.order_by(F("merged_into").asc(nulls_first=True), "pk")
    return list(rows.prefetch_related(*WITH_PERSON))  # nearly everybody has one file: nothing more is asked


def keys_of(patient: Patient) -> list[UUID]:
    """The opaque keys by which the log names this person: one for each file."""
    files = Patient.objects.filter(pk__in=Patient.objects.files_of(patient)).order_by("pk")
    return list(files.values_list("person__vault_key__public_id", flat=True))


def id_numbers_of(patient: Patient) -> list[str]:
    """The identity numbers in any of this person's files, her kept one's first."""
    people = [file.person for file in (patient, *other_files(patient))]
    return list(dict.fromkeys(person.id_no for person in people if person.id_no))


def files_by_person(patients: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """For each of these files that is not alone, all files of its person; two queries, none grows."""
    wanted = set(patients)
    joined = Patient.objects.exclude(merged_into=None)
    heads = set(
        joined.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted)).values_list("merged_into", flat=True)
    )
    if not heads:
        return {}
    groups: dict[int, set[int]] = {head: {head} for head in heads if head is not None}
    for pk, head in joined.filter(merged_into__in=groups).values_list("pk", "merged_into"):
        groups[head].add(pk)  # type: ignore[index]
    return {pk: frozenset(group) for group in groups.values() for pk in group & wanted}


def heads_of(patients: Iterable[int]) -> Mapping[int, int]:
    """The file that stands for the person, for those of these that were joined to another; one query."""
    rows = Patient.objects.exclude(merged_into=None).filter(pk__in=set(patients))
    return {pk: head for pk, head in rows.values_list("pk", "merged_into") if head is not None}


def pairs(by: Staff, *, decision: str = "") -> QuerySet[DuplicatePair]:
    """Return pairs to judge, the surest first; or those of one decision, the newest first."""
    rows = DuplicatePair.objects.visible_to(by).with_people()
    if decision in PairDecision and decision != PairDecision.WAITING:
        return rows.filter(decision=decision).order_by("-decided_at", "-id")
    waiting = rows.waiting().filter(
        decision=PairDecision.WAITING, one__restricted_at=None, two__restricted_at=None
    )
    return waiting.exclude(pk__in=Merge.objects.awaiting().values("pair")).order_by("-probability", "-id")


def waiting_count(by: Staff) -> int:
    """How many pairs and how many merges wait for this reader's word."""
    second = Merge.objects.visible_to(by).awaiting().exclude(asked_by=by).count()
    return pairs(by).order_by().count() + second


def merges(by: Staff) -> QuerySet[Merge]:
    """Return what was joined, refused or undone: what waits for a second person first."""
    rows = Merge.objects.visible_to(by).with_people()
    return rows.order_by(F("made_at").desc(nulls_first=True), F("refused_at").asc(nulls_first=True), "-id")


def merges_of(patient: Patient) -> list[Merge]:
    """By what the files of this person were joined, and still are; one query for whoever has one file."""
    rows = Merge.objects.standing().filter(kept=patient.head_id).order_by("made_at")
    return list(rows.prefetch_related("kept", "absorbed", "asked_by"))


def compared(pair: DuplicatePair) -> Comparison:
    """Put both files of a pair beside each other; what was learnt over all files outranks the defaults."""
    histories = registry.with_history([pair.one_id, pair.two_id])
    one, two = (_side(patient, histories) for patient in (pair.one, pair.two))
    found = likeness.compare(one.identity, two.identity)
    learnt = {each.field: each for each in likeness.unpacked(pair.evidence)}
    evidence = tuple(
        learnt[each.field] if each.field in learnt and learnt[each.field].level == each.level else each
        for each in found
    )
    kept, _absorbed = merging.suggested(
        *(_file_of(side.patient, side.has_history, ()) for side in (one, two))
    )
    return Comparison(
        pair=pair,
        one=one,
        two=two,
        evidence=evidence,
        probability=pair.probability if pair.probability is not None else likeness.probability(evidence),
        kept_id=kept.id,
        waiting=Merge.objects.awaiting().with_people().filter(pair=pair).first(),
    )


def files_for(patients: Sequence[Patient], *, now: datetime) -> list[merging.File]:
    """What the rules look at, for files that are open and locked."""
    numbers = [patient.pk for patient in patients]
    histories = registry.with_history(numbers)
    guardians: dict[int, list[Identity]] = {}
    rows = Guardian.objects.filter(patient__in=numbers).select_related("person__vault_key")
    for guardian in rows:
        guardians.setdefault(guardian.patient_id, []).append(identity_of(guardian.person))
    absorbing = set(
        Patient.objects.filter(merged_into__in=numbers).order_by().values_list("merged_into", flat=True)
    )
    made_up = set(Canary.objects.filter(patient__in=numbers).values_list("patient", flat=True))
    day = local_date(now)
    return [
        _file_of(
            patient,
            patient.pk in histories,
            guardians.get(patient.pk, ()),
            is_canary=patient.pk in made_up,
            is_minor=capacity.needs_guardian(patient.person.birth_date, day),
            has_absorbed=patient.pk in absorbing,
        )
        for patient in patients
    ]


def identity_of(person: Person) -> Identity:
    return Identity(person.name, person.phone, person.id_no, person.birth_date, Sex(person.sex))


def likely_same(patient: Patient) -> list[tuple[Patient, tuple[Evidence, ...], float]]:
    """Whom a new file may repeat, with what speaks for it: those who share a number or the name."""
    who = identity_of(patient.person)
    words = {TokenKind.ID_NO: who.id_no, TokenKind.PHONE: who.phone, TokenKind.NAME: search.fold(who.name)}
    tokens = [blind.token(kind.value, words[kind]) for kind in SIGNS if words[kind]]
    named = SearchToken.objects.filter(token__in=tokens).values("person")
    others = Patient.objects.kept().counted().filter(person__in=named, sealed_at=None).exclude(pk=patient.pk)
    found = []
    for other in others.prefetch_related(*WITH_PERSON).order_by("-pk")[:CANDIDATES]:
        evidence = likeness.compare(who, identity_of(other.person))
        chance = likeness.probability(evidence)
        if chance >= likeness.OFFERED:
            found.append((other, evidence, chance))
    return found


def known_pairs(numbers: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which of these pairs somebody or something has put down already."""
    firsts = {one for one, _two in numbers}
    rows = DuplicatePair.objects.filter(one__in=firsts).values_list("one", "two")
    return set(rows) & set(numbers)


def _side(patient: Patient, histories: set[int]) -> Side:
    owner = patient.consultant or patient.online
    return Side(
        patient=patient,
        identity=identity_of(patient.person),
        has_history=patient.pk in histories,
        owner=owner.name if owner else "",
    )


def _file_of(
    patient: Patient,
    has_history: bool,
    guardians: Sequence[Identity],
    *,
    is_canary: bool = False,
    is_minor: bool = False,
    has_absorbed: bool = False,
) -> merging.File:
    return merging.File(
        id=patient.pk,
        public_id=str(patient.public_id),
        label=patient.file_no or str(patient.public_id)[:8],
        identity=identity_of(patient.person),
        created_at=patient.created_at,
        is_registered=patient.registered_at is not None,
        is_sealed=patient.is_restricted or patient.person.vault_key.is_destroyed,
        is_canary=is_canary,
        is_vip=patient.is_vip,
        employee_id=patient.employee_id,
        is_minor=is_minor,
        has_history=has_history,
        is_absorbed=patient.is_merged,
        has_absorbed=has_absorbed,
        guardians=guardians,
    )
