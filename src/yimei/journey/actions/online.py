"""The customer books by herself: a time is kept, her number is proved, then the desk's own engine books."""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import Conflict, RuleBroken
from yimei.core.language import kept
from yimei.journey.actions import arrangements, bookings, claims, reminders
from yimei.journey.enums import BookingChannel, BookingKind, HoldStatus, ResourceKind
from yimei.journey.models import Booking, OnlineCode, OnlineHold
from yimei.journey.queries import bookings as booking_queries
from yimei.journey.queries import kinds
from yimei.journey.queries import online as queries
from yimei.journey.rules import online as rules
from yimei.journey.rules import tokens
from yimei.outbox.actions import codes
from yimei.people.models import Patient, Staff
from yimei.vault import blind

KEPT = timedelta(days=1)
"""Holds and codes are removed a day after they ended."""


@transaction.atomic
def hold(
    *,
    campus_id: UUID,
    procedure_id: UUID,
    starts_at: datetime,
    channel: BookingChannel,
    ip: str,
    now: datetime,
    instead: str = "",
) -> str:
    """Keep a time free for some minutes and return the secret of its page; ``instead`` gives up another."""
    campus = arrangements.only_one(queries.campus_of(campus_id))
    procedure = queries.service(campus, procedure_id, now)
    numbers = queries.numbers(now)
    origin = blind.token("online-address", ip)
    before = _before(instead)
    lock(f"journey.online:{origin.hex()}")
    asked = OnlineHold.objects.filter(origin=origin, held_at__gt=now - rules.HOUR)
    rules.check_often(
        list(asked.order_by("-held_at").values_list("held_at", flat=True)[: numbers.holds_per_address]),
        most=numbers.holds_per_address,
        now=now,
        text=_("选择时间过于频繁，请在 %(time)s 之后再试，或致电医院预约。"),
        code="often",
    )
    if not rules.is_offered(starts_at, earliest=now + timedelta(minutes=numbers.lead_minutes)):
        raise RuleBroken(_("这个时间不能在网上预约，请另选一个，或致电医院。"), code="slot")
    if starts_at >= now + timedelta(days=numbers.days_ahead):
        raise RuleBroken(_("网上只能预约最近 %(days)d 天。") % {"days": numbers.days_ahead}, code="slot")
    arranged = arrangements.of_one(
        queries.KIND, procedure, campus, starts_at, staff_public_id=None, room_public_id=None, now=now
    )
    claims.lock_all([*arranged.resources, *(claims.held_by(before) if before else ())])
    if before:
        _end(before, HoldStatus.GIVEN_UP, now=now)
    part = arranged.choose()[0]
    token = secrets.token_urlsafe(24)
    row = OnlineHold.objects.create(
        token_hash=tokens.token_hash(token),
        origin=origin,
        campus=campus,
        kind=queries.KIND,
        procedure=procedure,
        staff=part.staff,
        room=part.room,
        starts_at=starts_at,
        ends_at=starts_at + arranged.duration,
        channel=channel,
        held_at=now,
        expires_at=now + timedelta(minutes=numbers.hold_minutes),
    )
    length = booking_queries.length_of(queries.KIND, procedure)
    holds = length.holds(starts_at, patient=0, staff=part.staff.pk, room=part.room.pk)
    claims.claim_holds(
        [one for one in holds if one.kind != ResourceKind.PATIENT],
        wanted=(row.starts_at, row.ends_at),
        hold=row,
    )
    log.record("journey.online.held", at=now, target=row)
    return token


@transaction.atomic
def give_up(token: str, *, now: datetime) -> OnlineHold:
    """Let a kept time go; letting it go again is nothing."""
    row = _locked(token)
    if row.status == HoldStatus.HELD:
        claims.lock_all(claims.held_by(row))
        _end(row, HoldStatus.GIVEN_UP, now=now)
        log.record("journey.online.given_up", at=now, target=row)
    return row


@transaction.atomic
def ask_code(token: str, *, phone: str, ip: str, now: datetime) -> OnlineCode:
    """Send a code to a number; whose it is, nobody asks and nobody learns."""
    number = phones.normalise(phone)
    if not phones.takes_texts(number):
        raise RuleBroken(_("请填写能收短信的国内手机号；座机或国外号码请致电医院预约。"), code="phone")
    row = _locked(token)
    rules.check_held(HoldStatus(row.status), expires_at=row.expires_at, now=now)
    numbers = queries.numbers(now)
    knock, origin = queries.knock_of(number), blind.token("online-address", ip)
    lock(f"journey.online:{knock.hex()}", f"journey.online:{origin.hex()}")
    for field, value, most in (
        ("knock", knock, numbers.codes_per_phone),
        ("origin", origin, numbers.codes_per_address),
    ):
        asked = OnlineCode.objects.filter(**{field: value}, asked_at__gt=now - rules.HOUR)
        rules.check_often(
            list(asked.values_list("asked_at", flat=True)[:most]),
            most=most,
            now=now,
            text=_("获取验证码过于频繁，请在 %(time)s 之后再试，或致电医院预约。"),
            code="phone",
        )
    digits = f"{secrets.randbelow(10**rules.DIGITS):0{rules.DIGITS}d}"
    code = OnlineCode(
        hold=row,
        knock=knock,
        origin=origin,
        asked_at=now,
        expires_at=now + timedelta(minutes=numbers.code_minutes),
    )
    code.code = _fingerprint(code, digits)
    code.save(force_insert=True)
    row.expires_at = max(row.expires_at, code.expires_at + timedelta(minutes=1))
    row.save(update_fields=["expires_at"])
    codes.send(
        "online.code",
        phone=number,
        params={
            "code": digits,
            "minutes": str(numbers.code_minutes),
            "phone": row.campus.phone or row.campus.name,
        },
        key=f"online.code:{code.public_id}",
        now=now,
    )
    log.record("journey.online.code", at=now, target=row)
    return code


def is_proved(token: str, *, phone: str) -> bool:
    """Whether this very number was proved for what the holder of the secret keeps."""
    row, number = queries.hold_of(token), phones.normalise(phone)
    return row.knock is not None and bytes(row.knock) == queries.knock_of(number)


def verify(token: str, *, phone: str, digits: str, now: datetime) -> OnlineHold:
    """Prove the number by the newest code that was sent to it.

    Not one transaction: a refused try must stay.
    """
    number = phones.normalise(phone)
    code, most = _spend_try(token, number, now=now)
    if not compare_digest(bytes(code.code), _fingerprint(code, digits)):
        log.record("journey.online.refused", at=now, target=code.hold, result="refused")
        raise rules.wrong_code(tries=code.tries, most=most)
    return _verified(token, code, now=now)


@transaction.atomic
def begin(token: str, *, phone: str, is_current: bool, now: datetime) -> OnlineHold:
    """Let one of several clicks go on to book; what must be so before anybody is written down is asked."""
    number = phones.normalise(phone)
    row = _locked(token)
    rules.check_held(HoldStatus(row.status), expires_at=row.expires_at, now=now)
    is_same = row.knock is not None and bytes(row.knock) == queries.knock_of(number)
    rules.check_verified(is_verified=row.is_verified, is_same_number=is_same)
    rules.check_agreed(is_current=is_current)
    rules.check_open_bookings(known=queries.open_count(number, now=now), most=queries.numbers(now).open_most)
    if row.began_at is not None and now - row.began_at < rules.AT_WORK:
        raise Conflict(_("正在为您预约，请稍候。"))
    row.began_at = now
    row.save(update_fields=["began_at"])
    return row


@transaction.atomic
def let_go(hold_id: UUID) -> None:
    """Let another click try, after one that was refused."""
    OnlineHold.objects.open().filter(public_id=hold_id).update(began_at=None)


@transaction.atomic
def book(hold_id: UUID, *, patient: Patient, owner: Staff | None, read: str, now: datetime) -> Booking:
    """Turn a kept time into a booking of hers, confirmed at once unless she stayed away too often.

    ``owner`` is who answers for her, ``read`` names the notice she read.
    """
    rows = OnlineHold.objects.filter(public_id=hold_id)
    lock_rows(rows)
    row = rows.select_related("campus", "procedure", "staff__role", "room").get()
    rules.check_held(HoldStatus(row.status), expires_at=row.expires_at, now=now)
    rules.check_verified(is_verified=row.is_verified, is_same_number=True)
    kind, channel = BookingKind(row.kind), BookingChannel(row.channel)
    booking = bookings.book(
        patient=patient,
        campus=row.campus,
        kind=kind,
        visit_kind=kinds.suggest(patient, kind),
        procedure=row.procedure,
        starts_at=row.starts_at,
        arrange=lambda: arrangements.of_one(
            kind,
            row.procedure,
            row.campus,
            row.starts_at,
            staff_public_id=row.staff.public_id,
            room_public_id=row.room.public_id,
            now=now,
        ),
        note="",
        key=uuid5(row.public_id, "booking"),
        by=None,
        now=now,
        offer=row,
        tells=True,
        channel=channel,
        owner=owner or row.staff,
        said=gettext_noop("客户自己预约（%(channel)s），已读%(read)s")
        % {"channel": kept(channel.label), "read": read},
    )
    row.status, row.booking = HoldStatus.BOOKED, booking
    row.save(update_fields=["status", "booking"])
    if arrangements.needs_deposit(booking, now=now) is None:
        bookings.confirm_opened(booking, by=None, now=now)
    return booking


@transaction.atomic
def link(booking: Booking, *, now: datetime) -> str:
    """Return the token of a page on which she who has just booked may move or cancel it."""
    return reminders.new_link(booking, now=now)


def expire(*, now: datetime) -> int:
    """Give back what nobody booked in time, each in a transaction of its own; return how many."""
    due = OnlineHold.objects.open().filter(expires_at__lte=now).values_list("pk", flat=True)
    return sum(_lapse(pk, now=now) for pk in list(due))


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove holds, their claims and codes a day after they ended; the booking stays."""
    old = OnlineHold.objects.exclude(status=HoldStatus.HELD).filter(expires_at__lt=now - KEPT)
    return old.delete()[0]


# ---- one hold -----------------------------------------------------------------------------------


def _before(token: str) -> OnlineHold | None:
    """The time that the same visitor kept before, locked, while she still keeps it."""
    if not token:
        return None
    rows = OnlineHold.objects.open().filter(token_hash=tokens.token_hash(token))
    lock_rows(rows)
    return rows.first()


def _locked(token: str) -> OnlineHold:
    rows = OnlineHold.objects.filter(token_hash=tokens.token_hash(token))
    lock_rows(rows)
    return queries.hold_of(token)


def _end(row: OnlineHold, status: HoldStatus, *, now: datetime) -> None:
    """Release what a hold keeps; the caller has locked it."""
    claims.release(row, now)
    row.status, row.expires_at = status, min(row.expires_at, now)
    row.save(update_fields=["status", "expires_at"])


@transaction.atomic
def _lapse(pk: int, *, now: datetime) -> bool:
    rows = OnlineHold.objects.filter(pk=pk)
    lock_rows(rows)
    row = rows.get()
    if row.status != HoldStatus.HELD or now < row.expires_at:
        return False
    claims.lock_all(claims.held_by(row))
    _end(row, HoldStatus.EXPIRED, now=now)
    log.record("journey.online.expired", at=now, target=row)
    return True


def _fingerprint(code: OnlineCode, digits: str) -> bytes:
    return blind.token("online-code", f"{code.public_id}:{''.join(digits.split())[:20]}")


@transaction.atomic
def _spend_try(token: str, number: str, *, now: datetime) -> tuple[OnlineCode, int]:
    """Count a try of the newest code of this number before it is looked at."""
    row = _locked(token)
    rules.check_held(HoldStatus(row.status), expires_at=row.expires_at, now=now)
    code = row.codes.filter(knock=queries.knock_of(number)).select_related("hold").first()
    if code is None:
        raise RuleBroken(_("请先获取验证码。"), code="worn")
    most = queries.numbers(now).code_tries
    rules.check_try(expires_at=code.expires_at, used_at=code.used_at, tries=code.tries, most=most, now=now)
    code.tries += 1
    code.save(update_fields=["tries"])
    return code, most


@transaction.atomic
def _verified(token: str, code: OnlineCode, *, now: datetime) -> OnlineHold:
    """Use the code up and note that the number is hers; of two clicks at once one comes too late."""
    row = _locked(token)
    fresh = row.codes.get(pk=code.pk)
    if fresh.used_at is not None:
        raise RuleBroken(_("这个验证码已经失效，请重新获取。"), code="worn")
    fresh.used_at = now
    fresh.save(update_fields=["used_at"])
    row.verified_at, row.knock = now, fresh.knock
    row.save(update_fields=["verified_at", "knock"])
    log.record("journey.online.verified", at=now, target=row)
    return row
