"""Signing in and out: password, second factor, lockout, and how long a browser stays signed in.

``session_key`` is any secret string that the caller keeps in the browser's session; only its hash is stored.
Django's ``login`` renews its own key, so a screen signs in without one, calls ``login`` and then ``start``.
"""

from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from secrets import token_bytes
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django_otp.oath import hotp

from yimei.audit import log
from yimei.core.clock import SHANGHAI
from yimei.core.database import locks
from yimei.core.errors import RuleBroken
from yimei.people.models import SignInAttempt, Staff, StaffSession
from yimei.people.rules import sessions as rules
from yimei.vault import blind

PASSWORD_LIMIT = 1024
TOTP_STEP = 30
TOTP_SECRET_BYTES = 20
ISSUER = "Yimei"


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs to know once."""

    secret: str
    uri: str
    qr_svg: str


def sign_in(
    username: str,
    password: str,
    totp: str = "",
    *,
    ip: str | None,
    device: str,
    now: datetime,
    session_key: str = "",
) -> Staff:
    """Return who this is, or refuse in a sentence that tells nobody whether the user exists.

    The try is written down before the password is looked at, so that many tries at once count as many.
    Not one transaction: a refused try must stay.
    """
    attempt, staff = _prove(username, password, ip=ip, now=now)
    if staff.totp_confirmed_at is not None:
        if not totp.strip():
            attempt.delete()
            raise RuleBroken(_("请输入动态口令。"), code="totp_needed")
        if not _spend(staff, totp, now=now):
            raise _refused(attempt, staff, now=now, why="totp")
    with transaction.atomic():
        attempt.ok = True
        attempt.save(update_fields=["ok"])
        if session_key:
            _open_session(staff, session_key, ip=ip, device=device, now=now)
        log.record("people.session.start", at=now, by=staff, target=staff)
    return staff


def verify(username: str, password: str, *, ip: str | None, now: datetime) -> Staff:
    """Return who signs with this password on another's device; nobody is signed in, the lockout is the same.

    Not one transaction, like ``sign_in``: a refused try must stay.
    """
    attempt, staff = _prove(username, password, ip=ip, now=now)
    with transaction.atomic():
        attempt.ok = True
        attempt.save(update_fields=["ok"])
        log.record("people.session.verify", at=now, by=staff, target=staff)
    return staff


def prove_again(proof: str, *, by: Staff, ip: str | None, now: datetime) -> None:
    """Ask whoever is signed in for password or one-time code once more; the lockout is the same.

    Not one transaction, like ``sign_in``: a refused try must stay.
    """
    attempt = _reserve(blind.token("username", _fold(by.username)), ip=ip, now=now)
    has_totp = by.totp_confirmed_at is not None
    is_right = (has_totp and _spend(by, proof, now=now)) or _password_fits(by, proof)
    if not is_right:
        raise _refused(attempt, by, now=now, why="again")
    with transaction.atomic():
        attempt.ok = True
        attempt.save(update_fields=["ok"])
        log.record("people.session.again", at=now, by=by, target=by)


def second_step(username: str, totp: str, *, ip: str | None, now: datetime) -> Staff:
    """Return who this is by the one-time code, for a caller who proved the password a moment ago.

    Not one transaction, like ``sign_in``: a refused try must stay.
    """
    attempt = _reserve(blind.token("username", _fold(username)), ip=ip, now=now)
    staff = _staff_named(username)
    if staff is None or staff.totp_confirmed_at is None or not _spend(staff, totp, now=now):
        raise _refused(attempt, staff, now=now, why="totp")
    with transaction.atomic():
        attempt.ok = True
        attempt.save(update_fields=["ok"])
        log.record("people.session.start", at=now, by=staff, target=staff)
    return staff


@transaction.atomic
def start(staff: Staff, *, session_key: str, ip: str | None, device: str, now: datetime) -> StaffSession:
    """Bind the browser to somebody who has just signed in."""
    return _open_session(staff, session_key, ip=ip, device=device, now=now)


def touch(session_key: str, now: datetime, *, is_attended: bool = True) -> bool:
    """Return whether the session lives; end it when its time is over. Writes once a minute at most.

    What a page asks by itself, with nobody before it, keeps no session awake.
    """
    session = _open_sessions(session_key).annotate(works_here=F("staff__is_active")).first()
    if session is None:
        return False
    reason = rules.end_reason(
        session.started_at, session.seen_at, now, settings.SESSION_IDLE, settings.SESSION_ABSOLUTE
    )
    if not session.works_here:
        reason = "inactive"
    if reason:
        _end(session, reason=reason, now=now)
        return False
    if is_attended and now - session.seen_at >= rules.SEEN_EVERY:
        StaffSession.objects.filter(pk=session.pk).update(seen_at=now)
    return True


def sign_out(session_key: str, *, now: datetime) -> None:
    session = _open_sessions(session_key).select_related("staff").first()
    if session is not None:
        _end(session, reason="signed_out", now=now)


@transaction.atomic
def sign_out_everywhere(*, by: Staff, now: datetime, except_key: str = "") -> int:
    """End every session of one's own but the one at hand; return how many ended."""
    count = end_all(by, reason="everywhere", now=now, except_key=except_key)
    log.record("people.session.everywhere", at=now, by=by, target=by, rows=count)
    return count


def end_all(staff: Staff, *, reason: str, now: datetime, except_key: str = "") -> int:
    """Part of a larger action, which writes the log."""
    open_ones = StaffSession.objects.filter(staff=staff, ended_at=None)
    if except_key:
        open_ones = open_ones.exclude(key_hash=rules.key_hash(except_key))
    return open_ones.update(ended_at=now, end_reason=reason)


@transaction.atomic
def change_password(*, by: Staff, old: str, new: str, now: datetime, session_key: str = "") -> Staff:
    """Set one's own password; every other browser is signed out."""
    staff = Staff.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if len(old) > PASSWORD_LIMIT or not staff.check_password(old):
        raise RuleBroken(_("原密码不对。"), code="old_password")
    if compare_digest(old.encode(), new.encode()):
        raise RuleBroken(_("新密码不能与原密码相同。"), code="password")
    set_password(staff, new, now=now, must_change=False)
    end_all(staff, reason="password", now=now, except_key=session_key)
    log.record("people.password.change", at=now, by=staff, target=staff)
    return staff


def set_password(staff: Staff, password: str, *, now: datetime, must_change: bool) -> None:
    """Check and save a password (NIST 800-63B: length and known words, no forced composition). No log."""
    if len(password) > PASSWORD_LIMIT:
        raise RuleBroken(_("密码不能超过 %(limit)d 个字符。") % {"limit": PASSWORD_LIMIT}, code="password")
    check_password(password, staff)
    staff.set_password(password)
    staff.password_changed_at = now
    staff.must_change_password = must_change
    staff.save(update_fields=["password", "password_changed_at", "must_change_password"])


def check_password(password: str, staff: Staff) -> None:
    """Refuse what is too short, too common, or made of one's own name."""
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise RuleBroken("".join(_sentence(one) for one in error.error_list), code="password") from None
    folded = password.casefold()
    own = [word.casefold() for word in (staff.username, staff.name) if len(word) >= 2]
    if any(word in folded for word in own):
        raise RuleBroken(_("密码不能包含用户名或姓名。"), code="password")


def _sentence(error: ValidationError) -> str:
    """Django's own words for these are not all in Chinese."""
    own = {
        "password_too_short": _("密码至少 %(min_length)d 个字符。"),
        "password_too_common": _("这个密码太常见，请换一个。"),
        "password_too_similar": _("密码与个人资料太相似，请换一个。"),
    }
    return own.get(error.code or "", str(error.message)) % (error.params or {})


@transaction.atomic
def begin_totp(*, by: Staff, now: datetime) -> Enrolment:
    """Make a new secret for an authenticator app; it counts from its first right code on."""
    staff = Staff.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if staff.totp_confirmed_at is not None:
        raise RuleBroken(_("动态口令已启用；更换手机请联系管理员重置。"), code="totp")
    secret = b32encode(token_bytes(TOTP_SECRET_BYTES)).decode()
    staff.totp_secret, staff.totp_last_step = secret, -1
    staff.save(update_fields=["totp_secret", "totp_last_step"])
    log.record("people.totp.begin", at=now, by=staff, target=staff)
    label = quote(f"{ISSUER}:{staff.username}")
    uri = f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": ISSUER, "period": TOTP_STEP})
    svg = segno.make(uri, error="m", micro=False).svg_inline(scale=5, border=2, omitsize=True)
    return Enrolment(secret=secret, uri=uri, qr_svg=svg)


@transaction.atomic
def confirm_totp(code: str, *, by: Staff, now: datetime) -> Staff:
    staff = Staff.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if staff.totp_confirmed_at is not None:
        raise RuleBroken(_("动态口令已启用。"), code="totp")
    if not _spend(staff, code, now=now):
        raise RuleBroken(_("动态口令不对，请核对手机时间后重试。"), code="totp")
    staff.refresh_from_db(fields=["totp_last_step"])
    staff.totp_confirmed_at = now
    staff.save(update_fields=["totp_confirmed_at"])
    log.record("people.totp.confirm", at=now, by=staff, target=staff)
    return staff


def _prove(username: str, password: str, *, ip: str | None, now: datetime) -> tuple[SignInAttempt, Staff]:
    """Return the reserved try and who it is, if name and password belong together."""
    attempt = _reserve(blind.token("username", _fold(username)), ip=ip, now=now)
    staff = _staff_named(username)
    if not _password_fits(staff, password) or staff is None:
        raise _refused(attempt, staff, now=now, why="password")
    return attempt, staff


@transaction.atomic
def _reserve(token: bytes, *, ip: str | None, now: datetime) -> SignInAttempt:
    """Write the try down as failed unless user or address are locked."""
    locks.lock(f"people.sign_in:{token.hex()}", f"people.sign_in.ip:{ip}")
    until = rules.locked_until(_failures(token, now), now)
    if until is None and ip:
        recent = SignInAttempt.objects.filter(ip=ip, ok=False, at__gt=now - rules.WINDOW - rules.LOCK)
        times = list(recent.order_by("-at").values_list("at", flat=True)[: rules.TRIES_PER_ADDRESS])
        until = rules.locked_until(times, now, tries=rules.TRIES_PER_ADDRESS)
    if until is not None:
        raise _locked(until)
    return SignInAttempt.objects.create(username_token=token, ip=ip or None, at=now, ok=False)


def _failures(token: bytes, now: datetime) -> list[datetime]:
    """Return the failures since the last success, newest first."""
    tries = SignInAttempt.objects.filter(username_token=token, at__gt=now - rules.WINDOW - rules.LOCK)
    times: list[datetime] = []
    for at, ok in tries.order_by("-at", "-id").values_list("at", "ok")[: rules.TRIES]:
        if ok:
            break
        times.append(at)
    return times


def _refused(attempt: SignInAttempt, staff: Staff | None, *, now: datetime, why: str) -> RuleBroken:
    """Log the failure and return the sentence for it, the same whether or not the user exists."""
    token = bytes(attempt.username_token)
    log.record(
        "people.session.refuse",
        at=now,
        target=staff,
        result="refused",
        detail={"why": why, "user": token.hex()},
    )
    failures = _failures(token, now)
    if until := rules.locked_until(failures, now):
        return _locked(until)
    left = {"left": rules.tries_left(failures, now)}
    if why == "again":
        return RuleBroken(_("密码或动态口令不对，还可以试 %(left)d 次。") % left, code="proof")
    if why == "totp":
        return RuleBroken(_("动态口令不对或已用过，还可以试 %(left)d 次。") % left, code="totp")
    return RuleBroken(_("用户名或密码不对，还可以试 %(left)d 次。") % left, code="sign_in")


def _locked(until: datetime) -> RuleBroken:
    shown = until.astimezone(SHANGHAI).strftime("%H:%M:%S")
    return RuleBroken(_("尝试次数过多，请在 %(time)s 之后再试。") % {"time": shown}, code="locked")


def _fold(username: str) -> str:
    return username.strip().casefold()[:200]


def _staff_named(username: str) -> Staff | None:
    name = _fold(username)
    if "\0" in name:
        return None
    return Staff.objects.active().select_related("vault_key").filter(username=name).first()


def _password_fits(staff: Staff | None, password: str) -> bool:
    """Take the same time whether or not there is such a user."""
    if len(password) > PASSWORD_LIMIT:
        password = ""
    if staff is None:
        make_password(password)
        return False
    return staff.check_password(password)


def _spend(staff: Staff, code: str, *, now: datetime) -> bool:
    """Use up a one-time code: this step, the one before or after, never one that was used."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6) or not staff.totp_secret:
        return False
    secret = b32decode(staff.totp_secret)
    step = int(now.timestamp()) // TOTP_STEP
    for candidate in (step - 1, step, step + 1):
        if compare_digest(f"{hotp(secret, candidate):06d}", digits):
            fresh = Staff.objects.filter(pk=staff.pk, totp_last_step__lt=candidate)
            return fresh.update(totp_last_step=candidate) == 1
    return False


def _open_session(
    staff: Staff, session_key: str, *, ip: str | None, device: str, now: datetime
) -> StaffSession:
    return StaffSession.objects.update_or_create(
        key_hash=rules.key_hash(session_key),
        defaults={
            "staff": staff,
            "ip": ip or None,
            "device": device.replace("\0", "")[:120],
            "started_at": now,
            "seen_at": now,
            "ended_at": None,
            "end_reason": "",
        },
    )[0]


def _open_sessions(session_key: str) -> QuerySet[StaffSession]:
    return StaffSession.objects.filter(key_hash=rules.key_hash(session_key), ended_at=None)


@transaction.atomic
def _end(session: StaffSession, *, reason: str, now: datetime) -> None:
    if StaffSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now, end_reason=reason):
        log.record("people.session.end", at=now, by=session.staff, target=session, detail={"why": reason})
