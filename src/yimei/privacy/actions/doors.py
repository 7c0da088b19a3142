"""The door of the privacy centre: a code to her phone opens a short visit."""

import secrets
from datetime import date, datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.rules.sessions import key_hash
from yimei.privacy import registry
from yimei.privacy.models import CentreCode, CentreSession
from yimei.privacy.queries.centre import visits
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import centre as rules
from yimei.vault import blind

BEHIND_A_CODE = ("patient__person__vault_key", "guardian__person__vault_key")


@transaction.atomic
def ask_code(phone: str, birth_date: date, *, ip: str, now: datetime) -> CentreCode:
    """Send a code when number and birthday belong to somebody; the answer is the same when they do not."""
    number = phones.normalise(phone)
    knock, origin = blind.token("centre-phone", number), blind.token("centre-address", ip)
    _check_asks(knock, origin, now=now)
    return _issue(visits.holder_of(number, birth_date, on=local_date(now)), knock, origin, now=now)


@transaction.atomic
def ask_again(code_id: UUID, *, ip: str, now: datetime) -> CentreCode:
    """Send another code for what was typed within the hour; it counts among the asks like the first."""
    recent = CentreCode.objects.select_related(*BEHIND_A_CODE).filter(asked_at__gt=now - rules.HOUR)
    row = only(recent, code_id)
    knock, origin = bytes(row.knock), blind.token("centre-address", ip)
    _check_asks(knock, origin, now=now)
    return _issue(_holder_behind(row, now=now), knock, origin, now=now)


def enter(code_id: UUID, digits: str, *, now: datetime) -> str:
    """Return the secret of a new visit for the right code, once.

    Not one transaction: a refused try must stay.
    """
    row = _spend_try(code_id, now=now)
    if row.patient is None or not compare_digest(bytes(row.code), _fingerprint(row, digits)):
        log.record("privacy.centre.refused", at=now, target=row, result="refused")
        raise rules.wrong_code(tries=row.tries, most=limit("centre.code_tries", local_date(now)))
    return _begin(row.public_id, now=now)


def _issue(holder: visits.Holder | None, knock: bytes, origin: bytes, *, now: datetime) -> CentreCode:
    minutes = limit("centre.code_minutes", local_date(now))
    digits = f"{secrets.randbelow(10**rules.DIGITS):0{rules.DIGITS}d}"
    row = CentreCode(
        knock=knock,
        origin=origin,
        patient=holder.patient if holder else None,
        guardian=holder.guardian if holder else None,
        asked_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    row.code = _fingerprint(row, digits)
    row.save(force_insert=True)
    if holder:
        _send(row, holder, digits, minutes, now=now)
    log.record(
        "privacy.centre.code",
        at=now,
        target=row,
        subject=holder.patient.person.vault_key if holder else None,
        result="ok" if holder else "unknown",
    )
    return row


def _check_asks(knock: bytes, origin: bytes, *, now: datetime) -> None:
    lock(f"privacy.centre:{knock.hex()}", f"privacy.centre:{origin.hex()}")
    for field, token, code in (
        ("knock", knock, "centre.asks_per_hour"),
        ("origin", origin, "centre.asks_per_address"),
    ):
        most = limit(code, local_date(now))
        asked = CentreCode.objects.filter(**{field: token}, asked_at__gt=now - rules.HOUR)
        rules.check_asks(list(asked.values_list("asked_at", flat=True)[:most]), most=most, now=now)


def _send(row: CentreCode, holder: visits.Holder, digits: str, minutes: int, *, now: datetime) -> None:
    patient = holder.patient
    with in_house():
        registry.messenger()(
            "centre.code",
            patient=patient,
            guardian=holder.guardian,
            params={
                "code": digits,
                "minutes": str(minutes),
                "phone": patient.campus.phone or patient.campus.name,
            },
            key=f"centre.code:{row.public_id}",
            now=now,
        )


def _fingerprint(row: CentreCode, digits: str) -> bytes:
    return blind.token("centre-code", f"{row.public_id}:{''.join(digits.split())[:20]}")


@transaction.atomic
def _spend_try(code_id: UUID, *, now: datetime) -> CentreCode:
    row = only(CentreCode.objects.all(), code_id, lock=True)
    most = limit("centre.code_tries", local_date(now))
    rules.check_try(expires_at=row.expires_at, used_at=row.used_at, tries=row.tries, most=most, now=now)
    row.tries += 1
    row.save(update_fields=["tries"])
    return row


@transaction.atomic
def _begin(code_id: UUID, *, now: datetime) -> str:
    """Use the code up and open the visit; of two clicks at once one comes too late."""
    row = only(CentreCode.objects.select_related(*BEHIND_A_CODE), code_id, lock=True)
    most = limit("centre.code_tries", local_date(now)) + 1
    rules.check_try(expires_at=row.expires_at, used_at=row.used_at, tries=row.tries, most=most, now=now)
    holder = _holder_behind(row, now=now)
    if holder is None:
        raise RuleBroken(_("这个验证码已经失效，请重新索取。"), code="worn")
    patient = holder.patient
    row.used_at = now
    row.save(update_fields=["used_at"])
    secret = secrets.token_urlsafe(32)
    session = CentreSession.objects.create(
        patient=patient, guardian=holder.guardian, key_hash=key_hash(secret), started_at=now, seen_at=now
    )
    log.record("privacy.centre.opened", at=now, target=session, subject=patient.person.vault_key)
    return secret


def _holder_behind(row: CentreCode, *, now: datetime) -> visits.Holder | None:
    """Return who is behind a code as long as number and birthday still lead to her."""
    patient = row.patient
    if patient is None or patient.is_sealed or patient.person.vault_key.is_destroyed:
        return None
    birth_date, number = patient.person.birth_date, (row.guardian or patient).person.phone
    holder = birth_date and visits.holder_of(number, birth_date, on=local_date(now))
    return holder if holder and (holder.patient, holder.guardian) == (patient, row.guardian) else None
