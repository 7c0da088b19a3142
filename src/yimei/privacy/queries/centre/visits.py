"""Whose data a visit of the centre opens, and how long it lasts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.db.models.functions import Coalesce

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.people.enums import TokenKind
from yimei.people.models import Guardian, Patient
from yimei.people.queries import needs_guardian, proved_guardians
from yimei.people.queries.merges import id_numbers_of, other_files
from yimei.privacy.models import CentreSession
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import centre as rules
from yimei.vault import blind

Visit = CentreSession
"""What a screen calls the visit that it is given."""


@dataclass(frozen=True)
class Holder:
    """Whose data a number and a birthday lead to, and who speaks for her."""

    patient: Patient
    guardian: Guardian | None


def holder_of(number: str, birth_date: date, *, on: date) -> Holder | None:
    """Return the one living person of this birthday whose number, or whose guardian's number, this is.

    Several or none are nobody. A guardian comes with her own number and the birthday of whom she answers
    for, so that a mother who is a customer herself reaches herself by her own birthday.
    """
    token = blind.token(TokenKind.PHONE.value, number)
    hers = blind.token(TokenKind.GUARDIAN.value, number)
    living = Patient.objects.with_person().kept().filter(sealed_at=None)
    by_number = Q(person__tokens__token=token)
    by_guardian = Q(
        pk__in=Guardian.objects.exclude(verified_at=None)
        .filter(person__tokens__token=hers)
        .order_by()
        .values(stands=Coalesce("patient__merged_into", "patient"))
    )
    found = living.filter(by_number | by_guardian).distinct().order_by("pk")[:20]
    fitting = [one for one in found if one.person.birth_date == birth_date]
    if len(fitting) != 1:
        return None
    patient = fitting[0]
    same = [one for one in proved_guardians(patient) if one.person.phone == number]
    is_own = number in {file.person.phone for file in (patient, *other_files(patient))}
    if needs_guardian(patient, on):
        guardian = same[0] if same else None
        return Holder(patient, guardian) if is_own or guardian else None
    return Holder(patient, None) if is_own and not same else None


def session_behind(key_hash: str, *, now: datetime) -> CentreSession:
    """Return the visit of a browser while it lasts; over, sealed, erased and outgrown are all not found."""
    rows = CentreSession.objects.filter(key_hash=key_hash, ended_at=None)
    session = rows.select_related(
        "patient__person__vault_key", "patient__campus", "guardian__person__vault_key"
    ).first()
    if session is None or session.patient.is_sealed or session.patient.person.vault_key.is_destroyed:
        raise NotFound
    on = local_date(now)
    is_over = rules.is_over(
        started_at=session.started_at,
        seen_at=session.seen_at,
        idle=limit("centre.idle_minutes", on),
        visit=limit("centre.visit_minutes", on),
        now=now,
    )
    is_outgrown = session.guardian is not None and not needs_guardian(session.patient, on)
    if is_over or is_outgrown:
        raise NotFound
    return session


def numbers_of(session: CentreSession) -> list[str]:
    """Return the identity numbers by which whoever came in can prove herself; often there is none."""
    if session.guardian:
        return [number for number in (session.guardian.person.id_no,) if number]
    return id_numbers_of(session.patient)
