"""Read what is sealed: for one of five reasons, asked by one, allowed by another, for a day (PIPL 47)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_unsealing
from yimei.privacy.actions import erasure
from yimei.privacy.enums import UnsealReason
from yimei.privacy.models import Unsealing
from yimei.privacy.queries import limit
from yimei.privacy.queries.sections import Section, sections_of

REASON_MIN = 10


@transaction.atomic
def ask(file_no: str, *, reason: UnsealReason, text: str, by: Staff, now: datetime) -> Unsealing:
    """Ask to read the sealed data behind a file number; nothing of them is shown with the asking."""
    if not any(by.may(right) for right in (Permission.PRIVACY_WRITE, Permission.CLINICAL_VIEW)):
        raise NotFound
    sealed = Patient.objects.with_person().exclude(sealed_at=None)
    patient = sealed.filter(file_no=file_no.strip().upper(), person__vault_key__destroyed_at=None).first()
    if patient is None:
        raise RuleBroken(_("没有这个档案号的封存资料。"), code="file_no")
    words = " ".join(text.split())
    if len(words) < REASON_MIN:
        raise RuleBroken(_("请写明依据与用途，至少 %(least)d 个字。") % {"least": REASON_MIN}, code="text")
    unsealing, is_new = Unsealing.objects.get_or_create(
        patient=patient,
        asked_by=by,
        judged_at=None,
        defaults={"reason": reason, "text": words, "asked_at": now},
    )
    if not is_new:
        raise RuleBroken(_("您的上一次申请还在等待批准。"), code="file_no")
    _log("asked", unsealing, by=by, now=now)
    return unsealing


@transaction.atomic
def judge(unsealing_id: UUID, *, is_granted: bool, by: Staff, now: datetime) -> Unsealing:
    """Allow or refuse; whoever asks does not allow."""
    if not any(by.may(right) for right in (Permission.PRIVACY_WRITE, Permission.PRIVACY_VIEW)):
        raise NotFound
    unsealing = open_unsealing(unsealing_id, by=by, lock=True)
    if unsealing.judged_at is not None:
        raise RuleBroken(_("这次申请已经审批过了。"))
    if unsealing.asked_by_id == by.pk:
        raise RuleBroken(_("解封查阅须由另一人批准。"))
    unsealing.judged_at, unsealing.judged_by, unsealing.is_granted = now, by, is_granted
    if is_granted:
        unsealing.until = now + timedelta(hours=limit("unsealing.hours", local_date(now)))
    unsealing.save(update_fields=["judged_at", "judged_by", "is_granted", "until"])
    _log("granted" if is_granted else "refused", unsealing, by=by, now=now)
    return unsealing


@transaction.atomic
def read(unsealing_id: UUID, *, by: Staff, now: datetime) -> list[Section]:
    """Return the sealed data to the one who asked, while it is allowed; each reading is a look in the log."""
    unsealing = open_unsealing(unsealing_id, by=by)
    if unsealing.asked_by_id != by.pk:
        raise NotFound
    if unsealing.until is None or now >= unsealing.until:
        raise RuleBroken(_("没有获准，或查阅时间已过；资料仍在封存中。"), code="sealed")
    found = sections_of(unsealing.patient)
    _log(Look.VIEW.value, unsealing, by=by, now=now)
    return found


@transaction.atomic
def resume(unsealing_id: UUID, *, by: Staff, now: datetime) -> Patient:
    """Take the seal off because the person came back and asked for it: two people stand behind it."""
    need(by, Permission.PRIVACY_WRITE)
    unsealing = open_unsealing(unsealing_id, by=by, lock=True)
    if unsealing.asked_by_id != by.pk:
        raise NotFound
    if unsealing.reason != UnsealReason.PERSON or unsealing.until is None or now >= unsealing.until:
        raise RuleBroken(_("只有以「本人请求」为由、且在获准时间内，才能恢复处理。"), code="sealed")
    patient = erasure.lift(unsealing.patient, by=by, now=now)
    _log("resumed", unsealing, by=by, now=now)
    return patient


def _log(word: str, unsealing: Unsealing, *, by: Staff, now: datetime) -> None:
    log.record(
        f"privacy.unsealing.{word}",
        at=now,
        by=by,
        target=unsealing,
        subject=unsealing.patient.person.vault_key,
        purpose=unsealing.reason,
    )
