"""How a treatment episode is opened, moves on and ends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.billing.actions import quotes
from yimei.core.clock import local_date
from yimei.core.errors import Missing, RuleBroken
from yimei.hospital.models import Campus, Procedure
from yimei.journey import access
from yimei.journey.enums import BookingStatus, CaseStage, LossReason
from yimei.journey.models import Case, CaseMove
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import cases as rules
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission

ENDED = frozenset({CaseStage.CLOSED, CaseStage.LOST})


def open_new(
    *,
    patient: Patient,
    campus: Campus,
    procedure: Procedure,
    by: Staff | None,
    now: datetime,
    owner: Staff,
) -> Case:
    """Begin an episode with its first history row; the caller makes sure that there is no open one.

    ``owner`` answers for it where nobody of the house began it.
    """
    case = Case.objects.create(
        patient=patient,
        campus=campus,
        procedure=procedure,
        stage_since=now,
        opened_at=now,
        opened_by=by or owner,
    )
    CaseMove.objects.create(case=case, new=case.stage, by=by, at=now)
    return case


def move(
    case: Case,
    *,
    to: CaseStage,
    by: Staff | None,
    now: datetime,
    note: str = "",
    loss_reason: LossReason | None = None,
) -> Case:
    """Take a case, which the caller has locked, one step on: history row and audit line included."""
    old = CaseStage(case.stage)
    rules.check_move(old, to)
    case.stage, case.stage_since = to, now
    if to in ENDED:
        case.closed_at = now
        case.next_action, case.next_due_at, case.next_owner = "", None, None
    case.loss_reason = rules.check_loss(to, loss_reason)
    case.save(
        update_fields=[
            "stage",
            "stage_since",
            "closed_at",
            "loss_reason",
            "next_action",
            "next_due_at",
            "next_owner",
        ]
    )
    CaseMove.objects.create(case=case, old=old, new=to, note=note, by=by, at=now)
    log.record(f"journey.case.{to}", at=now, by=by, target=case, subject=case.patient.person.vault_key)
    return case


def step_back(case: Case, *, taken_at: datetime, by: Staff, now: datetime, note: str) -> Case:
    """Take back the step that one undone click took at that moment; the table of moves knows no way back."""
    last = case.moves.order_by("-at", "-id").first()
    if last is None or last.at != taken_at or last.old not in {CaseStage.BOOKED}:
        return case
    old, case.stage, case.stage_since = case.stage, CaseStage(last.old), now
    case.save(update_fields=["stage", "stage_since"])
    CaseMove.objects.create(case=case, old=old, new=case.stage, note=note, by=by, at=now)
    log.record(f"journey.case.{case.stage}", at=now, by=by, target=case, subject=case.subject)
    return case


def set_next(case: Case, *, action: str, due_at: datetime, owner: Staff | None) -> Case:
    """Say the one next action of an open case; the caller has locked it and writes the audit line."""
    case.next_action, case.next_due_at, case.next_owner = action, due_at, owner
    case.save(update_fields=["next_action", "next_due_at", "next_owner"])
    return case


@transaction.atomic
def press(case_id: UUID, *, by: Staff, now: datetime) -> Case:
    """Remind whoever owes the next step of a case (催办); once a day for each case."""
    need(by, Permission.INSIGHT_VIEW)
    case = access.open_case(case_id, by=by, permission=Permission.BOOKING_VIEW)
    if case.next_owner is None:
        raise RuleBroken(_("这位客户没有人负责下一步，请前台分诊或指定负责人。"))
    notifications.notify(
        case.next_owner,
        gettext_noop("负责人催办：「%(what)s」已逾期，请今天处理。") % {"what": case.next_action},
        key=f"journey.case.press:{case.public_id}:{local_date(now):%Y%m%d}",
        now=now,
        where=f"desk:case:{case.public_id}",
    )
    log.record("journey.case.pressed", at=now, by=by, target=case, subject=case.subject)
    return case


@transaction.atomic
def lose(case_id: UUID, *, reason: LossReason, note: str = "", by: Staff, now: datetime) -> Case:
    """Close a case that came to nothing (未成交), once nothing of it is still booked."""
    case = access.open_case(case_id, by=by, lock=True, permission=Permission.BOOKING_WRITE)
    coming = case.bookings.filter(status__in=booking_rules.HOLDING - {BookingStatus.SERVED}).values_list(
        "public_id", flat=True
    )
    if coming:
        raise RuleBroken(
            _("还有未完成的预约，请先取消或改期。"),
            missing=[
                Missing(_("未完成的预约"), _("结案前须释放占用的时间"), f"desk:booking:{public_id}")
                for public_id in coming
            ],
        )
    quotes.lapse(case.public_id, by=by, now=now)
    return move(case, to=CaseStage.LOST, by=by, now=now, note=note, loss_reason=reason)
