"""Somebody who only asked sees what is kept of her, and has it erased, by a code to her number."""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.growth.actions import erasing
from yimei.growth.enums import EraseReason
from yimei.growth.models import EnquiryVisit
from yimei.growth.queries import enquiries as queries
from yimei.outbox.actions import codes, optouts
from yimei.people.rules.sessions import key_hash
from yimei.privacy.actions import automated
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import centre as rules
from yimei.vault import blind

KEPT = timedelta(days=1)


@transaction.atomic
def ask_code(phone: str, *, ip: str, now: datetime) -> EnquiryVisit:
    """Send a code to a number of which an enquiry is kept; the answer is the same when there is none."""
    number = phones.normalise(phone)
    return _ask(blind.token("enquiry-phone", number), queries.token_of(number), ip=ip, now=now)


@transaction.atomic
def ask_again(visit_id: UUID, *, ip: str, now: datetime) -> EnquiryVisit:
    """Send another code to the number of an ask within the hour; it counts among the asks like the first."""
    row = only(EnquiryVisit.objects.filter(asked_at__gt=now - rules.HOUR), visit_id)
    return _ask(bytes(row.knock), bytes(row.phone_token), ip=ip, now=now)


def enter(visit_id: UUID, digits: str, *, now: datetime) -> str:
    """Return the secret of a short visit for the right code, once.

    Not one transaction: a refused try must stay.
    """
    row = _spend_try(visit_id, now=now)
    is_right = compare_digest(bytes(row.code), _fingerprint(row, digits))
    if not is_right or not queries.leads_behind(bytes(row.phone_token)).exists():
        log.record("growth.enquiry.refused", at=now, target=row, result="refused")
        raise rules.wrong_code(tries=row.tries, most=limit("centre.code_tries", local_date(now)))
    return _begin(row.public_id, now=now)


@transaction.atomic
def forget(secret: str, *, now: datetime) -> int:
    """Erase every enquiry of the number that this visit has proved; customers' own go by the centre."""
    visit = queries.visit_behind(secret, now=now)
    visit = only(EnquiryVisit.objects.filter(ended_at=None), visit.public_id, lock=True)
    visit.ended_at = now
    visit.save(update_fields=["ended_at"])
    return erasing.erase_number(bytes(visit.phone_token), why=EraseReason.ASKED, by=None, now=now)


@transaction.atomic
def give_to_people(secret: str, *, now: datetime) -> int:
    """Silence every program about whoever this visit has proved (PIPL 24); the visit goes on."""
    visit = queries.visit_behind(secret, now=now)
    token = bytes(only(EnquiryVisit.objects.filter(ended_at=None), visit.public_id, lock=True).phone_token)
    keys = queries.keys_behind(token)
    return sum(automated.to_people(one.program.code, keys, by=None, now=now) for one in queries.judged(token))


@transaction.atomic
def stop(secret: str, *, now: datetime) -> None:
    """Nothing more goes to the number that this visit has proved, until she asks or agrees anew."""
    visit = queries.visit_behind(secret, now=now)
    lead = queries.leads_behind(bytes(visit.phone_token)).first()
    if lead is not None:
        ref = f"visit:{visit.public_id}"
        optouts.stop_number(lead.phone, channel=ConsentChannel.PORTAL, ref=ref, now=now)


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove codes and visits a day after; the log keeps that somebody knocked."""
    return EnquiryVisit.objects.filter(asked_at__lt=now - KEPT).delete()[0]


def _ask(knock: bytes, phone_token: bytes, *, ip: str, now: datetime) -> EnquiryVisit:
    on, origin = local_date(now), blind.token("enquiry-address", ip)
    lock(f"growth.enquiry:{knock.hex()}", f"growth.enquiry:{origin.hex()}")
    for field, token, code in (
        ("knock", knock, "centre.asks_per_hour"),
        ("origin", origin, "centre.asks_per_address"),
    ):
        most = limit(code, on)
        asked = EnquiryVisit.objects.filter(**{field: token}, asked_at__gt=now - rules.HOUR)
        rules.check_asks(list(asked.values_list("asked_at", flat=True)[:most]), most=most, now=now)
    minutes = limit("centre.code_minutes", on)
    digits = f"{secrets.randbelow(10**rules.DIGITS):0{rules.DIGITS}d}"
    row = EnquiryVisit(
        knock=knock,
        origin=origin,
        phone_token=phone_token,
        asked_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    row.code = _fingerprint(row, digits)
    row.save(force_insert=True)
    lead = queries.leads_behind(bytes(row.phone_token)).first()
    if lead is not None:
        where = lead.campus.phone or lead.campus.name
        params = {"code": digits, "minutes": str(minutes), "phone": where}
        codes.send("centre.code", phone=lead.phone, params=params, key=f"enquiry:{row.public_id}", now=now)
    log.record("growth.enquiry.code", at=now, target=row, result="ok" if lead else "unknown")
    return row


@transaction.atomic
def _spend_try(visit_id: UUID, *, now: datetime) -> EnquiryVisit:
    row = only(EnquiryVisit.objects.all(), visit_id, lock=True)
    most = limit("centre.code_tries", local_date(now))
    rules.check_try(expires_at=row.expires_at, used_at=row.used_at, tries=row.tries, most=most, now=now)
    row.tries += 1
    row.save(update_fields=["tries"])
    return row


@transaction.atomic
def _begin(visit_id: UUID, *, now: datetime) -> str:
    """Use the code up and open the visit; of two clicks at once one comes too late."""
    row = only(EnquiryVisit.objects.all(), visit_id, lock=True)
    most = limit("centre.code_tries", local_date(now)) + 1
    rules.check_try(expires_at=row.expires_at, used_at=row.used_at, tries=row.tries, most=most, now=now)
    secret = secrets.token_urlsafe(32)
    row.used_at, row.key_hash = now, key_hash(secret)
    row.expires_at = now + timedelta(minutes=limit("centre.idle_minutes", local_date(now)))
    row.save(update_fields=["used_at", "key_hash", "expires_at"])
    log.record("growth.enquiry.opened", at=now, target=row)
    return secret


def _fingerprint(row: EnquiryVisit, digits: str) -> bytes:
    return blind.token("enquiry-code", f"{row.public_id}:{''.join(digits.split())[:20]}")
