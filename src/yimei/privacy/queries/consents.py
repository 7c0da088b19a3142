"""Where the consents of one person stand at one moment; the latest act counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.people.models import Patient, Staff
from yimei.people.queries import needing_guardian
from yimei.privacy import registry
from yimei.privacy.enums import Basis, ChipState, ConsentAct
from yimei.privacy.models import Consent, Notice, Purpose
from yimei.privacy.queries.register import audience_of, current_notice, facts_of, limit
from yimei.privacy.rules import consents as rules
from yimei.privacy.rules.restriction import is_stopped

PERSON = Coalesce("patient__merged_into", "patient")
"""The file that stands for whoever answered: a later answer in another of her files counts as well."""
HEAD = ("patient__merged_into__person__vault_key",)
LONGEST = 500
"""A list that a day's work can clear; what comes after shows as it shrinks."""


@dataclass(frozen=True)
class Chip:
    """One purpose and where it stands, as the customer page shows it."""

    purpose: Purpose
    state: ChipState
    consent: Consent | None
    standing: rules.Standing | None

    @property
    def code(self) -> str:
        return self.purpose.code

    @property
    def name(self) -> str:
        return self.purpose.name

    @property
    def is_given(self) -> bool:
        return self.state == ChipState.GIVEN

    @property
    def is_standing(self) -> bool:
        """What was agreed to and not taken back, also while a restriction has stopped it."""
        return self.state in {ChipState.GIVEN, ChipState.STOPPED}

    @property
    def label(self) -> str:
        """Where it stands in words; what a guardian had agreed to is the person's to answer now."""
        return _("须本人重新同意") if self.is_outgrown else str(self.state.label)

    @property
    def is_outgrown(self) -> bool:
        """Only a guardian had agreed, and the person answers for herself by now."""
        return self.state == ChipState.OUTDATED and bool(self.standing and self.standing.is_outgrown)


@dataclass(frozen=True)
class Ask:
    """One question that may be put to this person now, with the notice that must be shown first."""

    purpose: Purpose
    notice: Notice


def has_consent(patient: Patient, purpose_code: str, at: datetime) -> Consent | None:
    """Return the consent that allows this purpose at a moment, or nothing."""
    found = chip(patient, purpose_code, at)
    return found.consent if found is not None and found.is_given else None


def chip(patient: Patient, purpose_code: str, at: datetime, *, even_stopped: bool = False) -> Chip | None:
    """Where one purpose stands; nothing for a purpose that needs no consent."""
    found = consent_chips(patient, at, only=purpose_code, even_stopped=even_stopped)
    return next(iter(found), None)


def consent_chips(
    patient: Patient, at: datetime, *, only: str = "", even_stopped: bool = False
) -> list[Chip]:
    """Return one chip for each purpose in force that rests on consent.

    What care needs stays among them while its assessment waits: who agreed before goes on being treated.
    """
    return answers_of(patient, only=only, even_stopped=even_stopped).chips(at)


@dataclass(frozen=True)
class Answers:
    """What one person answered to the purposes that ask her, read once: it is judged for any moment."""

    patient: Patient
    purposes: Sequence[Purpose]
    acts: Sequence[Consent]
    material: "Sequence[MaterialRow]"

    def consent(self, purpose_code: str, at: datetime) -> Consent | None:
        """The consent that allows a purpose at a moment, or nothing."""
        found = next(iter(self.chips(at, only=purpose_code)), None)
        return found.consent if found is not None and found.is_given else None

    def chips(self, at: datetime, *, only: str = "") -> list[Chip]:
        purposes = [one for one in self.purposes if not only or one.code == only]
        asked = {one.pk for one in purposes}
        said: dict[int, list[Consent]] = defaultdict(list)
        for act in self.acts:
            if act.at <= at and act.purpose_id in asked:
                said[act.purpose_id].append(act)
        latest = {purpose: _counting(of_it) for purpose, of_it in said.items()}
        material = _newest_material(self.material, at)
        guarded = _still_guarded(latest.values(), at)
        return [self._chip(one, latest.get(one.pk), material, guarded, at) for one in purposes]

    def _chip(
        self,
        purpose: Purpose,
        answer: Consent | None,
        material: Mapping[tuple[str, int], int],
        guarded: Collection[int],
        at: datetime,
    ) -> Chip:
        standing = _standing(answer, guarded)
        state = rules.state_of(
            standing,
            material_version=material.get((answer.notice.code, purpose.pk), 0) if answer else 0,
            now=at,
            changed_at=purpose.changed_at,
            is_stopped=is_stopped(facts_of(purpose), is_restricted=self.patient.is_restricted),
        )
        return Chip(purpose=purpose, state=state, consent=answer, standing=standing)


def answers_of(patient: Patient, *, only: str = "", even_stopped: bool = False) -> Answers:
    """Read what one person answered to every purpose in force, or to one; three queries."""
    purposes = Purpose.objects.filter(basis=Basis.CONSENT)
    if not even_stopped:
        purposes = purposes.filter(Q(closed_at=None) | Q(is_necessary=True), is_active=True)
    files = Patient.objects.files_of(patient)
    acts = Consent.objects.filter(patient__in=files).exclude(act=ConsentAct.SHOWN)
    if only:
        purposes, acts = purposes.filter(code=only), acts.filter(purpose__code=only)
    rows = list(acts.select_related("notice").order_by("at", "id"))
    elsewhere = [act for act in rows if act.patient_id != patient.pk]
    prefetch_related_objects(elsewhere, "patient__person__vault_key", *HEAD)
    for act in rows:
        if act.patient_id == patient.pk:
            act.patient = patient
    return Answers(patient, list(purposes), rows, _material_rows() if rows else ())


def consenting(patients: Iterable[Patient], purpose_code: str, at: datetime) -> set[int]:
    """Return the keys of those who allow this purpose at a moment; two queries, however many they are."""
    found = standings(patients, [purpose_code], at)
    return {patient for (patient, _code), state in found.items() if state == ChipState.GIVEN}


def told_of(patients: Iterable[Patient], purpose_code: str, words: str, at: datetime) -> set[int]:
    """Of those who allow this purpose, whom the notice they agreed under told of a receiver, in these words.

    A yes given before a receiver was named does not reach it (PIPL 23, 39). Four queries.
    """
    people = {patient.pk: patient.head_id for patient in patients}
    agreeing = consenting(patients, purpose_code, at)
    heads = {people[pk] for pk in agreeing}
    acts = Consent.objects.filter(
        Q(patient__in=heads) | Q(patient__merged_into__in=heads),
        purpose__code=purpose_code,
        act=ConsentAct.GIVEN,
        at__lte=at,
    )
    rows = acts.annotate(person=PERSON).order_by("at", "id").values_list("person", "notice")
    latest = dict(rows)
    naming = {
        notice.pk
        for notice in Notice.objects.filter(pk__in=set(latest.values()))
        if any(words in text for text in _paragraphs(notice, "purposes"))
    }
    return {pk for pk in agreeing if latest.get(people[pk]) in naming}


def standings(
    patients: Iterable[Patient], purpose_codes: Iterable[str], at: datetime
) -> dict[tuple[int, str], ChipState]:
    """Where these purposes stand with these people; whoever was never asked is not in it. Two queries."""
    asked = list(patients)
    people = {patient.pk: patient.head_id for patient in asked}
    restricted = {patient.pk for patient in asked if patient.is_restricted}
    hers = Q(patient__in=people.values()) | Q(patient__merged_into__in=people.values())
    acts = Consent.objects.filter(hers, purpose__code__in=list(purpose_codes), at__lte=at)
    is_open = Q(purpose__closed_at=None) | Q(purpose__is_necessary=True)
    active = acts.filter(is_open, purpose__is_active=True, purpose__basis=Basis.CONSENT)
    said: dict[tuple[int, str], list[Consent]] = defaultdict(list)
    for act in (
        active.exclude(act=ConsentAct.SHOWN)
        .select_related("notice", "purpose", "patient__person__vault_key", *HEAD)
        .order_by("at", "id")
    ):
        said[act.patient.head_id, act.purpose.code].append(act)
    latest = {
        (pk, code): _counting(of_it)
        for pk, head in people.items()
        for (person, code), of_it in said.items()
        if person == head
    }
    material = _material_versions(at) if latest else {}
    guarded = _still_guarded(latest.values(), at)
    return {
        key: rules.state_of(
            _standing(act, guarded),
            material_version=material.get((act.notice.code, act.purpose_id), 0),
            now=at,
            changed_at=act.purpose.changed_at,
            is_stopped=is_stopped(facts_of(act.purpose), is_restricted=key[0] in restricted),
        )
        for key, act in latest.items()
    }


def pending_asks(patient: Patient, at: datetime) -> list[Ask]:
    """Return the questions that may be put now: open, not refused of late, and with a notice to show."""
    on = local_date(at)
    audience = audience_of(patient, on)
    days = limit("consent.ask_again_days", on)
    asks = []
    for each in consent_chips(patient, at):
        if is_stopped(facts_of(each.purpose), is_restricted=patient.is_restricted):
            continue
        if each.purpose.closed_at or not rules.may_ask(
            each.standing, each.state, ask_again_days=days, now=at
        ):
            continue
        notice = current_notice(each.code, audience)
        if notice is not None:
            asks.append(Ask(purpose=each.purpose, notice=notice))
    return asks


def missing_for_care(patient: Patient, at: datetime, *, where: str = "") -> tuple[Missing, ...]:
    """Name the consents without which this person cannot be treated; marketing is never among them."""
    chips = consent_chips(patient, at)
    states = {each.code: each.state for each in chips}
    return rules.missing_for_care([facts_of(each.purpose) for each in chips], states, where=where)


def terms_of(purpose: Purpose, notice: Notice) -> dict[str, list[str]]:
    """What exactly is agreed to: categories and recipients from the data map, methods from the notice."""
    serving = [one for one in registry.all_holdings() if purpose.code in one.purpose_codes]
    methods: list[str] = next((part["paragraphs"] for part in notice.body if part["code"] == "methods"), [])
    return {
        "categories": list(dict.fromkeys(word for one in serving for word in one.categories)),
        "recipients": list(dict.fromkeys(word for one in serving for word in one.recipients)),
        "methods": list(methods),
    }


def _paragraphs(notice: Notice, code: str) -> list[str]:
    return [text for part in notice.body if part["code"] == code for text in part["paragraphs"]]


def outdated(by: Staff, at: datetime) -> list[Consent]:
    """Consents that a changed notice has outrun, or that a guardian gave for somebody who is an adult now.

    Only of patients whom the reader may find; the oldest first, so that the list can be worked off.
    """
    later = (
        Consent.objects.annotate(person=PERSON)
        .filter(
            person=OuterRef("person"),
            purpose=OuterRef("purpose"),
            at__gte=OuterRef("at"),
            pk__gt=OuterRef("pk"),
        )
        .exclude(act=ConsentAct.SHOWN)
    )
    given = (
        Consent.objects.visible_to(by)
        .annotate(person=PERSON)
        .filter(act=ConsentAct.GIVEN, purpose__is_active=True, purpose__basis=Basis.CONSENT)
    )
    changed = Q(guardian__isnull=False) | Q(at__lt=F("purpose__changed_at"))
    material = _material_versions(at)
    for (code, purpose_id), version in material.items():
        changed |= Q(notice__code=code, purpose=purpose_id, notice__version__lt=version)
    rows = (
        given.filter(changed)
        .exclude(Exists(later))
        .select_related("purpose", "notice", "patient__person__vault_key", "patient__campus", *HEAD)
    )
    found = list(rows.order_by("at", "pk")[:LONGEST])
    guarded = _still_guarded(found, at)
    return [
        one
        for one in found
        if rules.state_of(
            _standing(one, guarded),
            material_version=material.get((one.notice.code, one.purpose_id), 0),
            now=at,
            changed_at=one.purpose.changed_at,
        )
        == ChipState.OUTDATED
    ]


def _counting(acts: Sequence[Consent]) -> Consent:
    """The act that counts among those of all files of one person, told in order of time."""
    told = [rules.Told(act.patient_id, ConsentAct(act.act), act.at, act.patient.merged_at) for act in acts]
    return acts[rules.counting(told)]


def _still_guarded(consents: Iterable[Consent], at: datetime) -> set[int]:
    """Files of those for whom a guardian said yes and must still answer; one query or none."""
    signed = [one.patient for one in consents if one.guardian_id is not None]
    return needing_guardian(signed, local_date(at)) if signed else set()


def _standing(consent: Consent | None, guarded: Collection[int]) -> rules.Standing | None:
    if consent is None:
        return None
    return rules.Standing(
        act=ConsentAct(consent.act),
        at=consent.at,
        notice_version=consent.notice.version,
        valid_to=consent.valid_to,
        is_outgrown=consent.guardian_id is not None and consent.patient_id not in guarded,
    )


MaterialRow = tuple[str, int, "Sequence[str] | None", datetime, int, str]
"""A version that asks for a new consent: code, version, what it renews, since when, purpose and its code."""


def _material_versions(at: datetime) -> Mapping[tuple[str, int], int]:
    """The newest version of each notice that asks for a new consent, by notice code and purpose."""
    return _newest_material(_material_rows(), at)


def _material_rows() -> list[MaterialRow]:
    rows = Notice.purposes.through.objects.filter(
        notice__is_material=True, notice__published_at__isnull=False
    )
    return list(
        rows.values_list(
            "notice__code",
            "notice__version",
            "notice__renews",
            "notice__published_at",
            "purpose_id",
            "purpose__code",
        )
    )


def _newest_material(rows: Iterable[MaterialRow], at: datetime) -> Mapping[tuple[str, int], int]:
    """A version names the purposes that it asks anew; one that names none asks all of its own."""
    found: dict[tuple[str, int], int] = defaultdict(int)
    for code, version, renews, published_at, purpose_id, purpose in rows:
        if published_at <= at and (renews is None or purpose in renews):
            found[code, purpose_id] = max(version, found[code, purpose_id])
    return found
