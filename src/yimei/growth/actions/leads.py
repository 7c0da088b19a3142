"""Leads: written down, contacted, lost, reopened, booked, erased."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.names import normalise
from yimei.growth.access import open_lead, own_lead
from yimei.growth.actions import owning
from yimei.growth.enums import AssignRule, EndReason, LeadLoss, LeadStatus, Outcome, StepKind, TouchKind
from yimei.growth.models import Lead, LeadStep, Touch
from yimei.growth.queries import enquiries, numbers, owners
from yimei.growth.rules import leads as rules
from yimei.growth.rules import pool
from yimei.hospital.enums import Category
from yimei.hospital.models import Campus
from yimei.outbox.actions import enquiries as answers
from yimei.outbox.actions import optouts
from yimei.people import registry
from yimei.people.access import need
from yimei.people.enums import LookPurpose, RevealPurpose, SourceKind, TokenKind
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.people.rules.search import fold
from yimei.privacy.enums import ConsentChannel
from yimei.vault import blind
from yimei.vault.keys import new_key

NAME_LENGTH, WECHAT_LENGTH = 60, 60
TALKED = frozenset({Outcome.REACHED, Outcome.WANTS_VISIT, Outcome.CALL_BACK, Outcome.ASKED})
"""Contacts that lengthen the protection; ringing without an answer only shows that somebody tried."""


@transaction.atomic
def write_down(
    *,
    name: str,
    phone: str,
    source: str,
    kind: TouchKind,
    by: Staff | None,
    now: datetime,
    interest: str = "",
    wechat: str = "",
    note: str = "",
    rule: AssignRule | None = None,
    campus: Campus | None = None,
) -> Lead:
    """Keep an enquiry; a number that is already here is linked to the first lead, whose owner is told.

    Nobody as ``by`` is the person herself on the website; then ``campus`` says where she asked.
    """
    if by is not None:
        need(by, Permission.LEAD_WRITE)
        campus = by.campus
    if campus is None:
        raise NotFound
    who, number = _clean_name(name), phones.normalise(phone)
    words = rules.check_words(note)
    if kind not in rules.FROM_PERSON and kind != TouchKind.WECHAT:
        raise RuleBroken(_("请选择对方是怎样找来的。"), code="kind")
    token = blind.token(numbers.TOKEN, number)
    lock(f"growth.phone:{token.hex()}")
    root = _root(token)
    lead = Lead(
        vault_key=new_key(),
        campus=campus,
        name=who,
        phone=number,
        wechat=wechat.replace("\0", "").strip()[:WECHAT_LENGTH],
        phone_token=token,
        interest=Category(interest) if interest else "",
        source=SourceKind(source),
        created_at=now,
        created_by=by,
        last_touch_at=now,
    )
    if root is not None:
        return _link(lead, root, kind=kind, words=words, rule=rule, by=by, now=now)
    known, original = _recognise(number, who)
    lead.patient = known
    if rules.is_response(kind, has_author=by is not None):
        lead.first_response_at = now
    lead.save(force_insert=True)
    _first_touch(lead, kind=kind, words=words, by=by, now=now)
    LeadStep.objects.create(lead=lead, kind=StepKind.CREATED, by=by, at=now)
    owning.assign_new(lead, rule=rule, original=original, by=by, now=now)
    log.record(
        "growth.lead.create",
        at=now,
        by=by,
        target=lead,
        subject=lead.vault_key,
        detail={"owner": str(lead.owner.public_id) if lead.owner else ""},
    )
    return lead


@transaction.atomic
def touch(
    lead_id: UUID,
    *,
    kind: TouchKind,
    outcome: Outcome,
    note: str,
    next_due_at: datetime | None,
    by: Staff,
    now: datetime,
) -> Touch:
    """Keep what came of a contact and when the next one is; whoever must not be called again is lost."""
    lead = own_lead(lead_id, by=by, lock=True)
    _check_open(lead)
    words = rules.check_words(note)
    rules.check_next(outcome, next_due_at, now=now)
    kept = Touch.objects.create(
        lead=lead,
        kind=kind,
        outcome=outcome,
        source=lead.source,
        note=words,
        next_due_at=None if outcome in rules.NO_NEXT else next_due_at,
        by=by,
        at=now,
    )
    lead.last_touch_at = now
    lead.next_due_at = kept.next_due_at or lead.next_due_at
    if lead.first_response_at is None and rules.is_response(kind, has_author=True):
        lead.first_response_at = now
    lead.save(update_fields=["last_touch_at", "next_due_at", "first_response_at"])
    if outcome in TALKED:
        _extend(lead, now=now)
    if loss := rules.LOSS_BY.get(outcome):
        _end(lead, LeadStatus.LOST, loss=loss, kind=StepKind.LOST, because=EndReason.LOST, by=by, now=now)
    if outcome == Outcome.REFUSED:
        optouts.stop_number(lead.phone, channel=ConsentChannel.PHONE, ref=f"lead:{kept.pk}", now=now, by=by)
    log.record("growth.lead.touch", at=now, by=by, target=lead, subject=lead.vault_key, reason=outcome.value)
    return kept


@transaction.atomic
def lose(lead_id: UUID, *, loss: LeadLoss, by: Staff, now: datetime) -> Lead:
    """Close a lead with the reason why nothing came of it."""
    lead = own_lead(lead_id, by=by, lock=True)
    _check_open(lead)
    if loss == LeadLoss.ERASED:
        raise RuleBroken(_("请选择流失原因。"), code="loss")
    _end(lead, LeadStatus.LOST, loss=loss, kind=StepKind.LOST, because=EndReason.LOST, by=by, now=now)
    log.record("growth.lead.lose", at=now, by=by, target=lead, subject=lead.vault_key, reason=loss.value)
    return lead


@transaction.atomic
def reopen(lead_id: UUID, *, by: Staff, now: datetime) -> Lead:
    """Take a lost lead up again; it is the reader's from now on."""
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.loss == LeadLoss.REFUSED:
        raise RuleBroken(
            _("对方要求不再联系，不能由本院重新跟进；对方再次咨询时系统会自动恢复。"), code="refused"
        )
    rules.check_move(LeadStatus(lead.status), LeadStatus.OPEN)
    _open_again(lead, by=by, now=now)
    staff = by if owners.may_own(by, lead.campus) else lead.owner
    if staff is None or not owners.may_own(staff, lead.campus):
        raise RuleBroken(_("原归属人已不在岗，请先转交。"))
    owning.give(lead, staff=staff, rule=AssignRule.SELF, kind=StepKind.ASSIGNED, by=by, now=now)
    log.record("growth.lead.reopen", at=now, by=by, target=lead, subject=lead.vault_key)
    return lead


@transaction.atomic
def reveal_phone(lead_id: UUID, *, purpose: str, by: Staff, now: datetime, is_call: bool = False) -> str:
    """Return the whole number of one's own lead; every look is in the log with its purpose."""
    if purpose not in RevealPurpose:
        raise RuleBroken(_("请选择查看完整号码的用途。"), code="purpose")
    need(by, Permission.PATIENT_REVEAL)
    lead = own_lead(lead_id, by=by)
    if (refused := registry.refusal(by, now)) is not None:
        raise refused
    log.record(
        f"growth.lead.{Look.REVEAL}",
        at=now,
        by=by,
        target=lead,
        subject=lead.vault_key,
        fields=["phone"],
        purpose=purpose,
        detail={"call": True} if is_call else {},
    )
    return lead.phone


def look(lead_id: UUID, *, by: Staff, now: datetime) -> None:
    """Write down that a lead's page was shown (个人信息保护法 第五十四条)."""
    lead = open_lead(lead_id, by=by)
    log.record(
        f"growth.lead.{Look.VIEW}",
        at=now,
        by=by,
        target=lead,
        subject=lead.vault_key,
        purpose=LookPurpose.SERVICE.value,
    )


def look_up(phone: str, *, by: Staff, now: datetime) -> list[enquiries.Enquiry]:
    """Find what is kept of a number for whoever asks for it; each enquiry shown is written down."""
    need(by, Permission.PRIVACY_WRITE)
    found = enquiries.found_by(phone, on=local_date(now))
    for one in found:
        log.record(
            f"growth.lead.{Look.VIEW}",
            at=now,
            by=by,
            target=one.lead,
            subject=one.lead.vault_key,
            purpose=LookPurpose.REQUEST.value,
        )
    return found


def open_again(lead: Lead, *, now: datetime) -> None:
    """Take a lost lead up again on nobody's order: to its owner, else by the draw; a larger action's part."""
    original = lead.owner if lead.owner and owners.may_own(lead.owner, lead.campus) else None
    _open_again(lead, by=None, now=now)
    owning.assign_new(lead, rule=None, original=original, by=None, now=now)
    log.record("growth.lead.reopen", at=now, target=lead, subject=lead.vault_key)


def _clean_name(name: str) -> str:
    who = normalise(name.replace("\0", ""))
    if not who:
        raise RuleBroken(_("请填写称呼，例如「林女士」。"), code="name")
    if len(who) > NAME_LENGTH:
        raise RuleBroken(_("称呼不能超过 %(limit)d 字。") % {"limit": NAME_LENGTH}, code="name")
    return who


def _root(token: bytes) -> Lead | None:
    """The first lead of this number, locked; later ones hang on it."""
    rows = Lead.objects.living().filter(phone_token=token, duplicate_of=None)
    lock_rows(rows)
    return rows.with_people().order_by("created_at", "pk").first()


def _link(
    lead: Lead,
    root: Lead,
    *,
    kind: TouchKind,
    words: str,
    rule: AssignRule | None,
    by: Staff | None,
    now: datetime,
) -> Lead:
    """Keep the second enquiry beside the first, and let the first one's owner go on."""
    lead.status, lead.duplicate_of, lead.ended_at = LeadStatus.LINKED, root, now
    lead.patient = root.patient
    lead.save(force_insert=True)
    _first_touch(lead, kind=kind, words=words, by=by, now=now)
    LeadStep.objects.create(lead=lead, kind=StepKind.LINKED, other=root, by=by, at=now)
    Touch.objects.create(
        lead=root, kind=kind, outcome=Outcome.ASKED, source=lead.source, note=words, by=by, at=now
    )
    root.last_touch_at = now
    root.save(update_fields=["last_touch_at"])
    LeadStep.objects.create(lead=root, kind=StepKind.AGAIN, other=lead, by=by, at=now)
    was_open = root.status == LeadStatus.OPEN
    if not was_open:
        _open_again(root, by=by, now=now)
    if not was_open or root.owner is None:
        owning.assign_new(root, rule=rule, original=root.owner, by=by, now=now)
    elif root.owner is not None:
        soon = now + numbers.response(local_date(now))
        root.next_due_at = min(root.next_due_at or soon, soon)
        root.save(update_fields=["next_due_at"])
        owning.tell(root.owner, gettext_noop("您的一条线索再次咨询，请尽快联系。"), root, "again", now=now)
    log.record(
        "growth.lead.link",
        at=now,
        by=by,
        target=lead,
        subject=lead.vault_key,
        detail={"root": str(root.public_id)},
    )
    return lead


def _recognise(number: str, name: str) -> tuple[Patient | None, Staff | None]:
    """The customer of exactly this name and number, and whoever has looked after the number so far.

    A family may share one number: without the name nobody is taken for somebody else.
    """
    token = blind.token(TokenKind.PHONE.value, number)
    rows = Patient.objects.counted().filter(person__tokens__token=token, sealed_at=None)
    found = list(rows.with_person().select_related("online__role", "consultant__role").order_by("-id")[:5])
    same = next((one for one in found if fold(one.person.name) == fold(name)), None)
    nearest = [same] if same else found
    original = next((one.consultant or one.online for one in nearest if one.consultant or one.online), None)
    return same, original


def _first_touch(lead: Lead, *, kind: TouchKind, words: str, by: Staff | None, now: datetime) -> None:
    Touch.objects.create(
        lead=lead, kind=kind, outcome=Outcome.ASKED, source=lead.source, note=words, by=by, at=now
    )


def _check_open(lead: Lead) -> None:
    if lead.status != LeadStatus.OPEN:
        raise RuleBroken(
            _("这条线索已结束（%(status)s），不能再记录。") % {"status": lead.get_status_display()}
        )
    if lead.owner_id is None:
        raise RuleBroken(_("这条线索还在公海，请先领取再跟进。"))


def _extend(lead: Lead, *, now: datetime) -> None:
    period = lead.periods.filter(until=None).first()
    if period is None:
        return
    days = period.protection
    due = pool.extended(period.due_on, local_date(period.since), local_date(now), days)
    if due != period.due_on:
        period.due_on = due
        period.save(update_fields=["due_on"])


def _open_again(lead: Lead, *, by: Staff | None, now: datetime) -> None:
    """Lost or booked becomes open, without an owner's period yet; the caller gives it one next."""
    lead.status, lead.loss, lead.ended_at = LeadStatus.OPEN, "", None
    lead.next_due_at = now + numbers.response(local_date(now))
    lead.save(update_fields=["status", "loss", "ended_at", "next_due_at"])
    LeadStep.objects.create(lead=lead, kind=StepKind.REOPENED, owner_before=lead.owner, by=by, at=now)


def _end(
    lead: Lead,
    status: LeadStatus,
    *,
    kind: StepKind,
    because: EndReason,
    by: Staff | None,
    now: datetime,
    loss: LeadLoss | None = None,
) -> None:
    """Close a lead; its owner keeps seeing it, the period ends."""
    rules.check_move(LeadStatus(lead.status), status)
    owning.end_period(lead, because=because, now=now)
    lead.status, lead.loss = status, loss or ""
    lead.next_due_at, lead.ended_at = None, now
    lead.save(update_fields=["status", "loss", "next_due_at", "ended_at"])
    LeadStep.objects.create(lead=lead, kind=kind, why=loss or "", owner_before=lead.owner, by=by, at=now)
    answers.stop_waiting(lead.vault_key, now=now)
