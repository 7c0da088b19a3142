"""The blind index of one patient, written whole each time."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.core.database import locks
from yimei.core.errors import RuleBroken
from yimei.people.enums import TokenKind
from yimei.people.models import Guardian, Patient, Person, SearchToken
from yimei.people.rules import search
from yimei.vault import blind


def write(patient: Patient) -> None:
    """Replace every search token of a person by those of today's identity.

    The kept file is found by every word of the files joined to it; a joined one keeps tokens of its own only
    where it belongs to another campus, whose people would not find her otherwise.
    """
    head = patient.head
    joined = list(Patient.objects.filter(merged_into=head).select_related("person__vault_key").order_by("pk"))
    for file in (head, *joined):
        erase(file.person)
    _add(head, [word for file in (head, *joined) for word in _words_of(file)])
    for file in joined:
        if file.campus_id != head.campus_id:
            _add(file, [word for word in _words_of(file) if word[0] != TokenKind.ID_NO])


def write_first(patient: Patient) -> None:
    """Write those of a person who has just been written down: nothing is there to replace or to join."""
    _add(patient, _words_of(patient))


def _words_of(patient: Patient) -> list[tuple[TokenKind, str]]:
    who = patient.person
    words = search.words_of(name=who.name, phone_no=who.phone, id_no=who.id_no, file_no=patient.file_no or "")
    return list(words)


def _add(patient: Patient, words: Iterable[tuple[TokenKind, str]]) -> None:
    tokens = {blind.token(kind.value, word): kind for kind, word in words}
    SearchToken.objects.bulk_create(
        SearchToken(person=patient.person, campus_id=patient.campus_id, kind=kind, token=token)
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
