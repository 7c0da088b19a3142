"""Writes of the operation: on the board, through the safety check, along its times, off the board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.core.numbers import whole
from yimei.hospital.enums import Anaesthesia, RoomKind
from yimei.hospital.models import Device, Room
from yimei.journey.access import open_case, open_operation
from yimei.journey.actions import cases, claims
from yimei.journey.enums import CaseStage, Part, Phase, ResourceKind, SurgeryStatus
from yimei.journey.models import (
    Case,
    ChecklistPhase,
    ChecklistSignature,
    Plan,
    Surgery,
    SurgeryMember,
)
from yimei.journey.queries import facts, plans
from yimei.journey.rules import checklist, gates
from yimei.journey.rules import surgeries as rules
from yimei.people.access import may_see_clinical, may_see_special, need
from yimei.people.actions import care
from yimei.people.enums import CareReason
from yimei.people.models import Staff
from yimei.people.roles import Permission

CARE_OF = {
    Part.SURGEON: CareReason.SURGEON,
    Part.ANAESTHETIST: CareReason.ANAESTHETIST,
    Part.NURSE: CareReason.NURSE,
    Part.ASSISTANT: CareReason.TEAM,
}
ROLES_OF = {
    Part.SURGEON: frozenset({"surgeon"}),
    Part.ANAESTHETIST: frozenset({"anaesthetist"}),
    Part.NURSE: frozenset({"nurse"}),
    Part.ASSISTANT: frozenset({"surgeon", "nurse"}),
}
RECOVER_WITHIN = timedelta(hours=2)
"""A patient who is longer in recovery is looked at again."""


@dataclass(frozen=True)
class Team:
    """Who stands at the table, by public id; the anaesthetist may be absent only under local anaesthesia."""

    nurse: UUID
    anaesthetist: UUID | None = None
    assistant: UUID | None = None


@transaction.atomic
def schedule(
    case_id: UUID,
    *,
    room_id: UUID,
    starts_at: datetime,
    team: Team,
    device_ids: Sequence[UUID] = (),
    by: Staff,
    now: datetime,
) -> Surgery:
    """Put the chosen plan on the board; the database refuses every overlap of people, room and devices."""
    need(by, Permission.SCHEDULE_WRITE)
    case = open_case(case_id, by=by, lock=True, permission=Permission.SCHEDULE_WRITE)
    rules.check_start(starts_at, now=now)
    plan = plans.in_force(case)
    sees_clinical = may_see_clinical(by, case.patient, now)
    gates.pass_gate(
        CaseStage.SCHEDULED,
        facts.gather(case, on=starts_at, before=CaseStage.SCHEDULED),
        sees_clinical=sees_clinical,
        sees_special=may_see_special(by, case.patient, now),
    )
    if plan is None:
        raise NotFound
    room = _room(room_id, case=case)
    members = _members(team, plan=plan, case=case)
    devices = list(Device.objects.filter(public_id__in=device_ids, campus=case.campus_id, is_active=True))
    if len(devices) != len(set(device_ids)):
        raise NotFound
    procedure = plan.procedure
    operating = sum(each.minutes_p50 for each in plans.procedures_of(plan))
    length = procedure.setup_minutes + operating + procedure.turnover_minutes
    ends_at = starts_at + timedelta(minutes=length)
    rules.check_one_day(starts_at, ends_at)
    surgery = Surgery.objects.create(
        case=case,
        plan=plan,
        campus=case.campus,
        room=room,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
        created_by=by,
    )
    SurgeryMember.objects.bulk_create(
        [SurgeryMember(surgery=surgery, staff=staff, part=part) for part, staff in members]
    )
    claims.claim(
        [
            (ResourceKind.PATIENT, case.patient.head_id),
            (ResourceKind.ROOM, room.pk),
            *((ResourceKind.STAFF, staff.pk) for _part, staff in members),
            *((ResourceKind.DEVICE, device.pk) for device in devices),
        ],
        starts_at=starts_at,
        ends_at=ends_at,
        surgery=surgery,
    )
    for part, staff in members:
        care.begin(case.patient, staff=staff, reason=CARE_OF[part], at=now)
    if case.stage == CaseStage.PLANNED:
        cases.move(case, to=CaseStage.SCHEDULED, by=by, now=now)
    cases.set_next(case, action=gettext_noop("术前签署与核对"), due_at=starts_at, owner=plan.surgeon)
    log.record("journey.surgery.scheduled", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


@transaction.atomic
def cancel(surgery_id: UUID, *, reason: str, by: Staff, now: datetime) -> Surgery:
    """Take an operation off the board; everything it held is free again and the case is planned as before."""
    need(by, Permission.SCHEDULE_WRITE)
    surgery = open_operation(surgery_id, by=by, permission=Permission.SCHEDULE_WRITE)
    if not reason.strip():
        raise RuleBroken(_("请写明取消手术的原因。"))
    return _take_off(surgery, surgery.case, reason=reason.strip(), by=by, now=now)


def follow_plan(case: Case, plan: Plan, *, by: Staff, now: datetime) -> None:
    """A new plan version was chosen for a case on the board; the caller has locked the case.

    Same surgeon, procedure and kind of anaesthesia: the operation follows the new version. Otherwise it comes
    off the board, for its room, team and time were made for something else.
    """
    surgery = facts.open_surgery_of(case)
    if surgery is None or surgery.status != SurgeryStatus.SCHEDULED:
        raise RuleBroken(_("手术已经开始，方案不能再更换。"))
    old = surgery.plan
    same_team = old.surgeon_id == plan.surgeon_id and _needs_anaesthetist(old) == _needs_anaesthetist(plan)
    if same_team and plans.procedures_of(old) == plans.procedures_of(plan):
        surgery.plan = plan
        surgery.save(update_fields=["plan"])
        log.record("journey.surgery.replanned", target=surgery, subject=case.subject, by=by, at=now)
    else:
        _take_off(
            surgery,
            case,
            reason=gettext_noop("方案更新为 v%(v)d，须重新排台") % {"v": plan.version},
            by=by,
            now=now,
        )


@transaction.atomic
def enter_room(surgery_id: UUID, *, by: Staff, now: datetime) -> Surgery:
    """The patient enters the theatre: everything that must come first is judged once more, at knife time."""
    surgery = _open(surgery_id, by=by)
    case = surgery.case
    rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.IN_ROOM)
    rules.check_enter(surgery.starts_at, now=now)
    gates.pass_gate(
        CaseStage.IN_SURGERY,
        facts.gather(case, on=now, before=CaseStage.IN_SURGERY),
        sees_special=may_see_special(by, case.patient, now),
    )
    surgery.entered_at = now
    _move(surgery, SurgeryStatus.IN_ROOM, ["entered_at"])
    cases.move(case, to=CaseStage.IN_SURGERY, by=by, now=now)
    log.record("journey.surgery.entered", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


@transaction.atomic
def answer_check(
    surgery_id: UUID, *, phase: Phase, answers: Mapping[str, str], by: Staff, now: datetime
) -> ChecklistPhase:
    """Record the answers of one moment; it is complete when all three have signed."""
    surgery = _open(surgery_id, by=by)
    case = surgery.case
    rules.check_phase_time(phase, SurgeryStatus(surgery.status), closure_at=surgery.closure_at)
    done = _completed(surgery)
    checklist.check_order(phase, completed=done)
    if phase in done:
        raise RuleBroken(_("「%(phase)s」核查已全部签名，不能再改。") % {"phase": phase.label})
    checklist.check_answers(phase, answers, count_start=_count_start(surgery))
    row, is_new = ChecklistPhase.objects.get_or_create(
        surgery=surgery,
        phase=phase,
        defaults={"answers": dict(answers), "recorded_by": by, "recorded_at": now},
    )
    if not is_new and dict(row.answers) != dict(answers):
        if row.signatures.exists():
            raise RuleBroken(_("已有人签名，核查内容不能再改。"))
        row.answers, row.recorded_by, row.recorded_at = dict(answers), by, now
        row.save(update_fields=["answers", "recorded_by", "recorded_at"])
    log.record(f"journey.checklist.{phase}.answered", target=row, subject=case.subject, by=by, at=now)
    return row


@transaction.atomic
def sign_check(surgery_id: UUID, *, phase: Phase, signer: Staff, by: Staff, now: datetime) -> ChecklistPhase:
    """One member of the team signs; ``signer`` has proved who it is by own sign-in or password."""
    surgery = _open(surgery_id, by=by)
    case = surgery.case
    row = surgery.phases.filter(phase=phase).first()
    if row is None:
        raise RuleBroken(_("请先完成「%(phase)s」的核查项目，再签名。") % {"phase": phase.label})
    parts = checklist.signers(has_anaesthetist=_has_anaesthetist(surgery))
    part = next(
        (
            Part(each.part)
            for each in surgery.members.all()
            if each.staff_id == signer.pk and each.part in parts
        ),
        None,
    )
    if part is None:
        raise RuleBroken(_("%(name)s 不在这台手术的核查签名人中。") % {"name": signer.name})
    signed = [Part(each.part) for each in row.signatures.all()]
    if part in signed:
        raise RuleBroken(_("%(part)s 已经签过名。") % {"part": part.label})
    ChecklistSignature.objects.create(phase=row, part=part, staff=signer, at=now)
    if not checklist.unsigned(signed=[*signed, part], has_anaesthetist=_has_anaesthetist(surgery)):
        row.completed_at = now
        row.save(update_fields=["completed_at"])
    log.record(f"journey.checklist.{phase}.signed", target=row, subject=case.subject, by=signer, at=now)
    return row


@transaction.atomic
def start_anaesthesia(surgery_id: UUID, *, by: Staff, now: datetime) -> Surgery:
    surgery = _open(surgery_id, by=by)
    rules.check_in_room(SurgeryStatus(surgery.status))
    return _time(surgery, "anaesthesia_at", after=Phase.SIGN_IN, by=by, now=now)


@transaction.atomic
def start_operation(surgery_id: UUID, *, by: Staff, now: datetime) -> Surgery:
    """Knife to skin (切皮)."""
    surgery = _open(surgery_id, by=by)
    rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.OPERATING)
    rules.check_anaesthesia(surgery.anaesthesia_at)
    surgery.status = SurgeryStatus.OPERATING
    return _time(surgery, "incision_at", after=Phase.TIME_OUT, by=by, now=now)


@transaction.atomic
def finish_operation(
    surgery_id: UUID, *, record: str, blood_loss_ml: int, by: Staff, now: datetime
) -> Surgery:
    """Skin closed; the operation record is written by the surgeon."""
    surgery = _open(surgery_id, by=by)
    case = surgery.case
    if not any(each.staff_id == by.pk and each.part == Part.SURGEON for each in surgery.members.all()):
        raise RuleBroken(_("手术记录由手术医师书写。"))
    if len(record.strip()) < 10:
        raise RuleBroken(_("请写手术记录（至少 10 个字）。"))
    if surgery.incision_at is None:
        raise RuleBroken(_("还没有登记切皮时间。"))
    surgery.record, surgery.blood_loss_ml, surgery.closure_at = record.strip(), blood_loss_ml, now
    rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.CLOSED)
    _move(surgery, SurgeryStatus.CLOSED, ["record", "blood_loss_ml", "closure_at"])
    log.record("journey.surgery.closed", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


@transaction.atomic
def leave_room(surgery_id: UUID, *, by: Staff, now: datetime) -> Surgery:
    """The patient leaves the theatre for recovery, after the third moment is signed by all."""
    surgery = _open(surgery_id, by=by)
    case = surgery.case
    rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.RECOVERING)
    gates.pass_gate(CaseStage.RECOVERING, facts.gather(case, on=now, before=CaseStage.RECOVERING))
    surgery.left_at = now
    _move(surgery, SurgeryStatus.RECOVERING, ["left_at"])
    claims.release(surgery, now)
    cases.move(case, to=CaseStage.RECOVERING, by=by, now=now)
    cases.set_next(case, action=gettext_noop("恢复观察与离院"), due_at=now + RECOVER_WITHIN, owner=None)
    log.record("journey.surgery.left", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


def _time(surgery: Surgery, field: str, *, after: Phase, by: Staff, now: datetime) -> Surgery:
    """Write one time, and the status that came with it, once the check before it is signed by all."""
    case = surgery.case
    if after not in _completed(surgery):
        raise RuleBroken(
            _("「%(phase)s」核查还没有全部签名。") % {"phase": after.label},
            missing=[Missing(str(after.label), checklist.SOURCE, f"desk:case-surgery:{case.public_id}")],
            code="checklist",
        )
    if getattr(surgery, field) is not None:
        raise RuleBroken(_("这个时间已经登记过了。"))
    setattr(surgery, field, now)
    surgery.save(update_fields=[field, "status"])
    log.record(f"journey.surgery.{field}", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


def _open(surgery_id: UUID, *, by: Staff) -> Surgery:
    need(by, Permission.SURGERY_WRITE)
    return open_operation(surgery_id, by=by, permission=Permission.SURGERY_WRITE)


def _move(surgery: Surgery, to: SurgeryStatus, fields: list[str]) -> None:
    surgery.status = to
    surgery.save(update_fields=["status", *fields])


def _take_off(surgery: Surgery, case: Case, *, reason: str, by: Staff, now: datetime) -> Surgery:
    rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.CANCELLED)
    surgery.cancel_reason = reason
    _move(surgery, SurgeryStatus.CANCELLED, ["cancel_reason"])
    claims.release(surgery, now)
    if case.stage == CaseStage.SCHEDULED:
        cases.move(case, to=CaseStage.PLANNED, by=by, now=now, note=reason)
    log.record("journey.surgery.cancelled", target=surgery, subject=case.subject, by=by, at=now)
    return surgery


def _room(room_id: UUID, *, case: Case) -> Room:
    kind = RoomKind.OR if case.procedure.is_operation else RoomKind.TREATMENT
    room = Room.objects.filter(public_id=room_id, campus=case.campus_id, is_active=True).first()
    if room is None:
        raise NotFound
    if room.kind != kind:
        raise RuleBroken(_("「%(room)s」不是%(kind)s，请另选。") % {"room": room.name, "kind": kind.label})
    return room


def _members(team: Team, *, plan: Plan, case: Case) -> list[tuple[Part, Staff]]:
    wanted = [
        (Part.NURSE, team.nurse),
        (Part.ANAESTHETIST, team.anaesthetist),
        (Part.ASSISTANT, team.assistant),
    ]
    if team.anaesthetist is None:
        if _needs_anaesthetist(plan):
            raise RuleBroken(_("这个方案的麻醉方式须安排麻醉师。"))
        if team.assistant is None:
            raise RuleBroken(_("局部麻醉不排麻醉师时，须安排一名助手参加三方核查。"))
    members = [(Part.SURGEON, plan.surgeon)]
    for part, public_id in wanted:
        if public_id is None:
            continue
        staff = Staff.objects.active().filter(public_id=public_id, campus=case.campus_id).first()
        if staff is None:
            raise NotFound
        if staff.role_code not in ROLES_OF[part]:
            raise RuleBroken(_("%(name)s 不能担任%(part)s。") % {"name": staff.name, "part": part.label})
        if any(staff.pk == other.pk for _part, other in members):
            raise RuleBroken(_("%(name)s 在这台手术里只能担任一个职责。") % {"name": staff.name})
        members.append((part, staff))
    return members


def _needs_anaesthetist(plan: Plan) -> bool:
    return plan.anaesthesia in {Anaesthesia.SEDATION, Anaesthesia.GENERAL}


def _has_anaesthetist(surgery: Surgery) -> bool:
    return any(each.part == Part.ANAESTHETIST for each in surgery.members.all())


def _completed(surgery: Surgery) -> list[Phase]:
    rows = surgery.phases.exclude(completed_at=None).values_list("phase", flat=True)
    return [Phase(phase) for phase in rows]


def _count_start(surgery: Surgery) -> int | None:
    row = surgery.phases.filter(phase=Phase.TIME_OUT).first()
    return whole(str(row.answers.get("count_start", ""))) if row else None
