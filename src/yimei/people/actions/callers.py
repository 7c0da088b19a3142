"""Somebody on the telephone: the same name and number is the same customer, however often one clicks."""

from datetime import datetime

from django.db import transaction

from yimei.core import phone as phones
from yimei.core.database.locks import lock
from yimei.hospital.models import Campus
from yimei.people.actions import patients
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, Staff
from yimei.people.queries import matching
from yimei.people.rules.search import fold
from yimei.vault import blind


@transaction.atomic
def find_or_create(*, name: str, phone: str, source: str, campus: Campus, by: Staff, at: datetime) -> Patient:
    """Return the visible customer of exactly this name and number, or write her down."""
    number = phones.normalise(phone)
    lock(f"people.caller:{number}")
    found = matching(TokenKind.PHONE, number, by=by).values("pk")
    for known in Patient.objects.with_person().filter(pk__in=found):
        if fold(known.person.name) == fold(name):
            return known
    return patients.create(name=name, phone=number, source=source, campus=campus, by=by, at=at)


@transaction.atomic
def herself(
    *, name: str, phone: str, source: str, campus: Campus, online: Staff | None, at: datetime
) -> Patient:
    """Return the customer of exactly this name and proved number, or write her down by her own act."""
    number = phones.normalise(phone)
    lock(f"people.caller:{number}")
    token = blind.token(TokenKind.PHONE.value, number)
    found = Patient.objects.counted().filter(person__tokens__token=token, sealed_at=None)
    for known in found.with_person().select_related("online").order_by("pk"):
        if fold(known.person.name) == fold(name) and not known.person.vault_key.is_destroyed:
            return known
    return patients.create_herself(
        name=name, phone=number, source=source, campus=campus, online=online, at=at
    )
