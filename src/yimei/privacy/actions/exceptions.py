"""When a notice could not come first: why, who allowed it, and that it was made up for (PIPL 18)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.people.access import need, open_patient
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_exception
from yimei.privacy.enums import ExceptionKind
from yimei.privacy.models import NoticeException
from yimei.privacy.queries.register import limit
from yimei.privacy.rules.holds import check_words


@transaction.atomic
def record(
    patient_id: UUID, *, kind: ExceptionKind, reason: str, by: Staff, now: datetime
) -> NoticeException:
    """Write down that data were handled before or without telling; an emergency is told once it is over."""
    patient = open_patient(patient_id, by=by, lock=True)
    hours = limit("notice.exception_hours", local_date(now))
    is_emergency = kind == ExceptionKind.EMERGENCY
    made = NoticeException.objects.create(
        patient=patient,
        kind=kind,
        reason=check_words(reason, code="reason"),
        at=now,
        by=by,
        due_at=now + timedelta(hours=hours) if is_emergency else None,
    )
    _log("recorded", made, by=by, now=now)
    return made


@transaction.atomic
def approve(exception_id: UUID, *, by: Staff, now: datetime) -> NoticeException:
    """Another person stands for it; whoever wrote it down does not."""
    need(by, Permission.PRIVACY_WRITE)
    found = open_exception(exception_id, by=by, lock=True)
    if found.approved_by_id is not None:
        raise RuleBroken(_("已经批准过了。"))
    if found.by_id == by.pk:
        raise RuleBroken(_("告知的例外须由另一人批准。"))
    found.approved_by = by
    found.save(update_fields=["approved_by"])
    _log("approved", found, by=by, now=now)
    return found


@transaction.atomic
def tell(exception_id: UUID, *, by: Staff, now: datetime) -> NoticeException:
    """The emergency is over and the person has been told."""
    found = open_exception(exception_id, by=by, lock=True)
    if found.kind != ExceptionKind.EMERGENCY or found.told_at is not None:
        raise RuleBroken(_("不需要补告，或已经补告。"))
    found.told_at, found.told_by = now, by
    found.save(update_fields=["told_at", "told_by"])
    _log("told", found, by=by, now=now)
    return found


def _log(word: str, found: NoticeException, *, by: Staff, now: datetime) -> None:
    log.record(
        f"privacy.exception.{word}",
        at=now,
        by=by,
        target=found,
        subject=found.patient.person.vault_key,
        detail={"kind": found.kind},
    )
