"""Whose a number is, and the calls of one lead; whoever matched nobody, for the manager."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from yimei.core import phone
from yimei.growth.enums import CallWay
from yimei.growth.models import CallFile, CallRecord, Lead
from yimei.growth.queries.numbers import TOKEN
from yimei.hospital.models import Campus
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, Staff
from yimei.vault import blind

FILES, SHOWN = 20, 50


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


def files(*, by: Staff) -> list[CallFile]:
    return list(CallFile.objects.filter(campus=by.campus_id).select_related("by")[:FILES])


def unmatched(*, by: Staff) -> list[Told]:
    """Calls of the reader's campus that belong to nobody yet, the latest first."""
    rows = CallRecord.objects.living().filter(campus=by.campus_id, lead=None, patient=None)
    return _told(list(rows.select_related("vault_key", "staff")[:SHOWN]))


def of_lead(lead: Lead) -> list[Told]:
    """What the exchange has of a lead's number, whenever it was brought."""
    if lead.phone_token is None:
        return []
    mine = Q(lead=lead) | Q(phone_token=bytes(lead.phone_token), campus=lead.campus)
    return _told(list(CallRecord.objects.living().filter(mine).select_related("vault_key", "staff")[:SHOWN]))


def _told(rows: list[CallRecord]) -> list[Told]:
    return [Told(one, phone.mask(one.number), one.way == CallWay.IN) for one in rows]
