"""The blind index of one patient, written whole each time."""

from django.utils.translation import gettext as _

from yimei.core.database import locks
from yimei.core.errors import RuleBroken
from yimei.people.enums import TokenKind
from yimei.people.models import Guardian, Patient, Person, SearchToken
from yimei.people.rules import search
from yimei.vault import blind


def write(patient: Patient) -> None:
    """Replace every search token of the patient by those of today's identity."""
    person = patient.person
    words = search.words_of(
        name=person.name, phone_no=person.phone, id_no=person.id_no, file_no=patient.file_no or ""
    )
    tokens = {blind.token(kind.value, word): kind for kind, word in words}
    erase(person)
    SearchToken.objects.bulk_create(
        SearchToken(person=person, campus_id=patient.campus_id, kind=kind, token=token)
        for token, kind in tokens.items()
    )


def write_guardian(guardian: Guardian) -> None:
    """Let a proved guardian be recognised by her own number; no search of patients asks for this word."""
    person = guardian.person
    erase(person)
    if person.phone:
        SearchToken.objects.create(
            person=person,
            campus_id=guardian.patient.campus_id,
            kind=TokenKind.GUARDIAN,
            token=blind.token(TokenKind.GUARDIAN.value, person.phone),
        )


def erase(person: Person) -> None:
    """Nobody finds this person any more."""
    SearchToken.objects.filter(person=person).delete()


def check_id_no_free(id_no: str, *, person: Person | None = None) -> None:
    """Refuse an identity number that another patient holds; the lock lasts until the transaction ends."""
    token = blind.token(TokenKind.ID_NO.value, id_no)
    locks.lock(f"people.id_no:{token.hex()}")
    holders = SearchToken.objects.filter(token=token)
    if person is not None:
        holders = holders.exclude(person=person)
    if holders.exists():
        raise RuleBroken(_("该证件号已有客户登记，请先查找，不要重复建档。"), code="duplicate")
