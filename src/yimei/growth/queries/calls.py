"""Whose a number is, and the calls of one lead; whoever matched nobody, for the manager."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from yimei.core import phone
from yimei.growth.enums import CallWay
from yimei.growth.models import CallFile, CallRecord, Lead, Touch
from yimei.growth.queries.numbers import TOKEN
from yimei.hospital.models import Campus
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, Staff
from yimei.vault import blind

FILES, SHOWN = 20, 50
RECENT = timedelta(days=7)
"""How long a call that nobody answered is worth calling back."""


@dataclass(frozen=True)
class Match:
    """By number: the first living lead of it, else the one customer of it."""

    tokens: dict[str, bytes]
    leads: dict[str, Lead]
    patients: dict[str, Patient]

    def of(self, number: str) -> Lead | Patient | None:
        return self.leads.get(number) or self.patients.get(number)


@dataclass(frozen=True)
class Told:
    """A call as it is shown; its number masked."""

    call: CallRecord
    number: str
    may_write_down: bool

    @property
    def lead(self) -> Lead | None:
        """The lead to open; those of a restricted customer appear nowhere."""
        lead = self.call.lead
        return None if lead is None or (lead.patient and lead.patient.is_restricted) else lead

    @property
    def length(self) -> str:
        return f"{self.call.seconds // 60}:{self.call.seconds % 60:02d}"


def match(campus: Campus, numbers: Collection[str]) -> Match:
    """Find by blind index whose numbers these are at a campus; a number of several customers is nobody's."""
    tokens = {blind.token(TOKEN, one): one for one in numbers}
    found: dict[str, Lead] = {}
    rows = Lead.objects.living().filter(campus=campus, phone_token__in=tokens, duplicate_of=None)
    for lead in rows.select_related("vault_key").order_by("-created_at", "-pk"):
        found[tokens[bytes(lead.phone_token or b"")]] = lead
    others = {blind.token(TokenKind.PHONE.value, one): one for one in numbers if one not in found}
    counted = Patient.objects.counted().filter(campus=campus, sealed_at=None)
    hits = counted.filter(person__tokens__token__in=others).order_by()
    whose: dict[str, set[int]] = {}
    for token, patient in hits.values_list("person__tokens__token", "pk"):
        if bytes(token) in others:
            whose.setdefault(others[bytes(token)], set()).add(patient)
    single = {number: next(iter(ids)) for number, ids in whose.items() if len(ids) == 1}
    people = Patient.objects.filter(pk__in=single.values()).select_related("person__vault_key").in_bulk()
    return Match(
        {one: token for token, one in tokens.items()},
        found,
        {number: people[pk] for number, pk in single.items()},
    )


def elsewhere(campus: Campus, numbers: Collection[str]) -> list[tuple[Campus, Match]]:
    """The other campuses to which these numbers belong: each number to the one that heard of it last."""
    tokens = {blind.token(TOKEN, one): one for one in numbers}
    others = {blind.token(TokenKind.PHONE.value, one): one for one in numbers}
    asked = Lead.objects.living().filter(phone_token__in=tokens, duplicate_of=None).order_by()
    known = Patient.objects.counted().filter(person__tokens__token__in=others, sealed_at=None).order_by()
    ids = set(asked.values_list("campus", flat=True)) | set(known.values_list("campus", flat=True))
    places = Campus.objects.filter(pk__in=ids - {campus.pk}, is_active=True).order_by("pk")
    found = [(one, match(one, numbers)) for one in places]
    whose: dict[str, Campus] = {}
    for number in numbers:
        by_lead = [(one, hit.leads[number].created_at) for one, hit in found if number in hit.leads]
        by_file = [one for one, hit in found if number in hit.patients]
        if by_lead:
            whose[number] = max(by_lead, key=lambda pair: pair[1])[0]
        elif by_file:
            whose[number] = by_file[0]
    return [
        (
            one,
            Match(
                hit.tokens,
                {number: lead for number, lead in hit.leads.items() if whose.get(number) == one},
                {number: she for number, she in hit.patients.items() if whose.get(number) == one},
            ),
        )
        for one, hit in found
        if one in whose.values()
    ]


def files(*, by: Staff) -> list[CallFile]:
    return list(CallFile.objects.filter(campus=by.campus_id).select_related("by", "from_campus")[:FILES])


def unmatched(*, by: Staff) -> list[Told]:
    """Calls of the reader's campus that belong to nobody yet, the latest first."""
    rows = CallRecord.objects.living().filter(campus=by.campus_id, lead=None, patient=None)
    return _told(list(rows.select_related("vault_key", "staff")[:SHOWN]))


def missed(*, by: Staff, now: datetime) -> list[Told]:
    """Calls of known people that nobody answered and after which nobody talked to them, the latest first."""
    rows = CallRecord.objects.living().filter(
        Q(lead__isnull=False) | Q(patient__isnull=False),
        campus=by.campus_id,
        way=CallWay.IN,
        is_answered=False,
        started_at__gt=now - RECENT,
    )
    later = CallRecord.objects.filter(
        phone_token=OuterRef("phone_token"), is_answered=True, started_at__gt=OuterRef("started_at")
    )
    said = Touch.objects.filter(lead=OuterRef("lead"), by__isnull=False, at__gt=OuterRef("started_at"))
    waiting = (
        rows.exclude(Exists(later))
        .exclude(Exists(said))
        .select_related("vault_key", "staff", "lead__patient")
    )
    return _told(list(waiting[:SHOWN]))


def of_lead(lead: Lead) -> list[Told]:
    """What the exchange has of a lead's number, whenever it was brought."""
    if lead.phone_token is None:
        return []
    mine = Q(lead=lead) | Q(phone_token=bytes(lead.phone_token), campus=lead.campus)
    return _told(list(CallRecord.objects.living().filter(mine).select_related("vault_key", "staff")[:SHOWN]))


def _told(rows: list[CallRecord]) -> list[Told]:
    return [Told(one, phone.mask(one.number), one.way == CallWay.IN) for one in rows]
