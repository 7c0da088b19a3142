"""Partners: written down, their papers, what is agreed and approved by another, codes, links, customers."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from secrets import randbits, token_urlsafe
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.access import open_agreement, open_partner
from yimei.growth.actions import leads
from yimei.growth.enums import TouchKind
from yimei.growth.enums.partners import (
    AgreementStatus,
    ConsentWay,
    NotCounted,
    PaperKind,
    PartnerBasis,
    PartnerKind,
    PartnerWay,
)
from yimei.growth.models import (
    Lead,
    Partner,
    PartnerAgreement,
    PartnerCode,
    PartnerLead,
    PartnerLink,
    PartnerPaper,
)
from yimei.growth.queries import numbers
from yimei.growth.queries import partners as queries
from yimei.growth.rules import partners as rules
from yimei.growth.rules import promotions
from yimei.people.access import need
from yimei.people.enums import SourceKind
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.people.rules.sessions import key_hash
from yimei.privacy.models import Party

A = AgreementStatus


@dataclass(frozen=True)
class CameByPartner:
    """A partner's code that was used, and why it counts or not, before the enquiry is written down."""

    partner: Partner
    code: PartnerCode | None
    why: NotCounted
    agreement: PartnerAgreement | None


@transaction.atomic
def register(
    *,
    name: str,
    kind: PartnerKind,
    phone: str,
    note: str,
    passes_data: bool,
    party_id: UUID | None,
    by: Staff,
    now: datetime,
) -> Partner:
    """Write a partner down; one that passes names on must stand in the register of recipients first."""
    need(by, Permission.PARTNER_WRITE)
    lock(f"growth.partner.name:{by.campus_id}")
    title = _words(name, 60, _("请填写单位名称。"), "name")
    if Partner.objects.filter(campus=by.campus_id, name=title, ended_at=None).exists():
        raise Conflict(_("这家合作方已经登记过。"), code="name")
    party = Party.objects.filter(public_id=party_id).first() if party_id else None
    if passes_data and party is None:
        text = _("会转来客户信息的合作方，须先由个人信息保护负责人在「合作方」登记并批准。")
        raise RuleBroken(text, code="party")
    if party is not None and Partner.objects.filter(party=party).exists():
        raise Conflict(_("这条合作方登记已用于另一家。"), code="party")
    partner = Partner.objects.create(
        campus=by.campus,
        name=title,
        kind=kind,
        phone=_words(phone, 30, _("请填写单位电话。"), "phone"),
        note=_words(note, 200, _("请写明尽职调查看了什么、结论是什么。"), "note"),
        passes_data=passes_data,
        party=party if passes_data else None,
        created_at=now,
        created_by=by,
    )
    _record("growth.partner.register", partner, by=by, now=now)
    return partner


@transaction.atomic
def add_paper(
    partner_id: UUID, *, kind: PaperKind, number: str, valid_to: date, by: Staff, now: datetime
) -> PartnerPaper:
    """Keep what was seen of a qualification; a new one follows the old."""
    partner = _open(partner_id, by=by)
    paper = PartnerPaper.objects.create(
        partner=partner,
        kind=kind,
        number=_words(number, 60, _("请填写编号。"), "number"),
        valid_to=valid_to,
        seen_at=now,
        seen_by=by,
    )
    _record("growth.partner.paper", partner, by=by, now=now, kind=kind.value)
    return paper


@transaction.atomic
def agree(
    partner_id: UUID,
    *,
    contract_no: str,
    basis: str,
    fee: Decimal,
    service: str,
    valid_from: date,
    valid_to: date,
    by: Staff,
    now: datetime,
) -> PartnerAgreement:
    """Write down what is paid for what; it counts once somebody else approved it."""
    partner = _open(partner_id, by=by)
    if basis not in PartnerBasis.values:
        raise RuleBroken(_("系统没有这种付费方式：不按消费返佣，不按手术给奖励。"), code="basis")
    chosen = PartnerBasis(basis)
    _check_terms(chosen, fee, valid_from, valid_to, now=now)
    newest = partner.agreements.order_by("-version").first()
    made = PartnerAgreement.objects.create(
        partner=partner,
        version=newest.version + 1 if newest else 1,
        contract_no=_words(contract_no, 60, _("请填写合同编号。"), "contract_no"),
        basis=chosen,
        fee=fee,
        service=_words(service, 120, _("请写明对方提供什么服务。"), "service"),
        valid_from=valid_from,
        valid_to=valid_to,
        status=A.DRAFT,
        written_at=now,
        written_by=by,
    )
    _record("growth.partner.agree", partner, by=by, now=now, version=made.version)
    return made


@transaction.atomic
def approve(agreement_id: UUID, *, by: Staff, now: datetime) -> PartnerAgreement:
    """Let an agreement count, by somebody else; two never pay for the same day."""
    need(by, Permission.PARTNER_SETTLE)
    made = open_agreement(agreement_id, by=by)
    lock(f"growth.partner:{made.partner_id}")
    made.refresh_from_db(fields=["status"])
    if made.status != A.DRAFT:
        raise RuleBroken(_("这份合同不在待批准中。"), code="status")
    if made.written_by_id == by.pk:
        raise RuleBroken(_("拟定人不能批准自己拟的合同，请由另一人批准。"), code="status")
    _check_terms(PartnerBasis(made.basis), made.fee, made.valid_from, made.valid_to, now=now)
    standing = made.partner.agreements.exclude(approved_at=None).exclude(pk=made.pk)
    clash = standing.filter(valid_from__lte=made.valid_to, valid_to__gte=made.valid_from).first()
    if clash is not None:
        text = _("与第 %(n)d 版（%(start)s 至 %(end)s）的日期重叠，请先终止那一版。")
        words = {"n": clash.version, "start": clash.valid_from, "end": clash.valid_to}
        raise RuleBroken(text % words, code="status")
    settled = made.partner.statements.filter(month__gte=rules.month_of(made.valid_from)[0])
    if settled.exclude(status="refused").exists():
        raise RuleBroken(_("生效日所在的月份已经结算，请从下一个月起生效。"), code="status")
    made.status, made.approved_at, made.approved_by = A.APPROVED, now, by
    made.save(update_fields=["status", "approved_at", "approved_by"])
    _record("growth.partner.approve", made.partner, by=by, now=now, version=made.version)
    return made


@transaction.atomic
def end_agreement(agreement_id: UUID, *, by: Staff, now: datetime) -> PartnerAgreement:
    """End an agreement with today: who comes from tomorrow on stands in no statement by it."""
    made = open_agreement(agreement_id, by=by, permission=Permission.PARTNER_WRITE)
    lock(f"growth.partner:{made.partner_id}")
    made.refresh_from_db(fields=["status", "valid_to"])
    if made.status == A.ENDED:
        raise RuleBroken(_("这份合同已经终止。"), code="status")
    today = local_date(now)
    made.status, made.ended_at, made.ended_by = A.ENDED, now, by
    made.valid_to = max(min(made.valid_to, today), made.valid_from)
    made.save(update_fields=["status", "ended_at", "ended_by", "valid_to"])
    _record("growth.partner.end_agreement", made.partner, by=by, now=now, version=made.version)
    return made


@transaction.atomic
def issue_code(partner_id: UUID, *, place: str, by: Staff, now: datetime) -> PartnerCode:
    """Make a code for one place of a partner whose papers and contract stand."""
    partner = _open(partner_id, by=by)
    gone = queries.missing(partner, now=now)
    if gone:
        raise RuleBroken(_("还不能发码：扫码来的客户不会计入结算。"), missing=gone, code="place")
    code = PartnerCode.objects.create(
        partner=partner,
        place=_words(place, 40, _("请写明摆在哪里，例如「前台立牌」。"), "place"),
        code=promotions.code_of(randbits(60)),
        issued_at=now,
        issued_by=by,
    )
    _record("growth.partner.code", partner, by=by, now=now)
    return code


@transaction.atomic
def revoke_code(partner_id: UUID, *, code_id: UUID, by: Staff, now: datetime) -> None:
    partner = _open(partner_id, by=by, is_ended_fine=True)
    if not partner.codes.filter(public_id=code_id, revoked_at=None).update(revoked_at=now):
        raise NotFound
    _record("growth.partner.revoke_code", partner, by=by, now=now)


@transaction.atomic
def issue_link(partner_id: UUID, *, by: Staff, now: datetime) -> str:
    """Make a new secret address for the partner's own figures; the one before ends with it. Shown once."""
    partner = _open(partner_id, by=by)
    lock(f"growth.partner:{partner.pk}")
    PartnerLink.objects.filter(partner=partner, revoked_at=None).update(revoked_at=now)
    token = token_urlsafe(32)
    PartnerLink.objects.create(
        partner=partner,
        key_hash=key_hash(token),
        issued_at=now,
        issued_by=by,
        expires_at=now + numbers.link_life(local_date(now)),
    )
    _record("growth.partner.link", partner, by=by, now=now)
    return token


@transaction.atomic
def revoke_link(partner_id: UUID, *, by: Staff, now: datetime) -> None:
    partner = _open(partner_id, by=by, is_ended_fine=True)
    if not PartnerLink.objects.filter(partner=partner, revoked_at=None).update(revoked_at=now):
        raise NotFound
    _record("growth.partner.revoke_link", partner, by=by, now=now)


def look(token: str, *, now: datetime) -> PartnerLink:
    """Open a partner's link and note that it was opened."""
    link = queries.link_behind(token, now=now)
    PartnerLink.objects.filter(pk=link.pk).update(opened_at=now)
    return link


@transaction.atomic
def end(partner_id: UUID, *, by: Staff, now: datetime) -> Partner:
    """End the relation: codes and link end, agreements end with today; statements stay to be settled."""
    partner = _open(partner_id, by=by)
    lock(f"growth.partner:{partner.pk}")
    partner.codes.filter(revoked_at=None).update(revoked_at=now)
    partner.links.filter(revoked_at=None).update(revoked_at=now)
    partner.ended_at, partner.ended_by = now, by
    partner.save(update_fields=["ended_at", "ended_by"])
    _record("growth.partner.end", partner, by=by, now=now)
    return partner


@transaction.atomic
def pass_on(
    partner_id: UUID,
    *,
    name: str,
    phone: str,
    interest: str,
    consent: ConsentWay,
    consented_on: date,
    by: Staff,
    now: datetime,
) -> Lead:
    """Write down whom a partner passed on, with how and when she agreed to it (个人信息保护法 23)."""
    need(by, Permission.LEAD_WRITE)
    partner = _open(partner_id, by=by)
    if not partner.passes_data:
        raise RuleBroken(_("这家合作方没有登记为转来客户信息，只能由客户自己扫码。"), code="name")
    gone = queries.missing(partner, now=now)
    if gone:
        raise RuleBroken(_("现在不能接收这家转来的客户信息，请客户自己扫码。"), missing=gone, code="name")
    if consented_on > local_date(now):
        raise RuleBroken(_("同意日期不能晚于今天。"), code="consented_on")
    came = _judge(partner, None, phone=phone, by=by, now=now)
    lead = leads.write_down(
        name=name,
        phone=phone,
        source=SourceKind.PARTNER,
        kind=TouchKind.WECHAT,
        by=by,
        now=now,
        interest=interest,
        note=gettext_noop("由%(name)s转来，客户已同意") % {"name": partner.name},
    )
    tie(came, lead, way=PartnerWay.PASSED, consent=consent, consented_on=consented_on, by=by, now=now)
    return lead


def judge(text: str, *, phone: str, now: datetime) -> CameByPartner | None:
    """Look at a partner's code before the enquiry is written down; a part of a larger action."""
    code = queries.code_behind(text)
    return _judge(code.partner, code, phone=phone, by=None, now=now) if code else None


def tie(
    came: CameByPartner,
    lead: Lead,
    *,
    by: Staff | None,
    now: datetime,
    way: PartnerWay = PartnerWay.SCAN,
    consent: ConsentWay | None = None,
    consented_on: date | None = None,
) -> PartnerLead | None:
    """Keep by which partner a lead came; the first one of a number counts."""
    root = lead.duplicate_of or lead
    if PartnerLead.objects.filter(lead=root).exists():
        return None
    row = PartnerLead.objects.create(
        partner=came.partner,
        agreement=came.agreement,
        code=came.code,
        lead=lead,
        way=way,
        not_counted=came.why,
        consent=consent or "",
        consented_on=consented_on,
        at=now,
        by=by,
    )
    log.record(
        "growth.partner.tie",
        target=came.partner,
        subject=lead.vault_key,
        by=by,
        at=now,
        detail={"counted": not came.why},
    )
    return row


def _judge(
    partner: Partner, code: PartnerCode | None, *, phone: str, by: Staff | None, now: datetime
) -> CameByPartner:
    lock(f"growth.partner.tie:{partner.pk}")
    why = queries.why_not(partner, phone=phones.normalise(phone), by=by, now=now)
    today = local_date(now)
    standing = [one for one in partner.agreements.all() if one.plain.covers(today)]
    return CameByPartner(partner, code, why, standing[0] if standing else None)


def _check_terms(basis: PartnerBasis, fee: Decimal, start: date, end: date, *, now: datetime) -> None:
    """By what the house allows today, when it is written down as well as when it is approved."""
    on = local_date(now)
    rules.check_terms(
        basis,
        fee,
        start,
        end,
        units_allowed=queries.units_allowed(on),
        unit_most=queries.unit_fee_most(on),
    )


def _open(partner_id: UUID, *, by: Staff, is_ended_fine: bool = False) -> Partner:
    partner = open_partner(partner_id, by=by, permission=Permission.PARTNER_WRITE)
    if partner.ended_at is not None and not is_ended_fine:
        raise RuleBroken(_("与这家的合作已经终止。"), code="name")
    return partner


def _words(text: str, most: int, empty: str, code: str) -> str:
    found = " ".join(text.replace("\0", "").split())
    if not found:
        raise RuleBroken(empty, code=code)
    if len(found) > most:
        raise RuleBroken(_("不能超过 %(limit)d 字。") % {"limit": most}, code=code)
    return found


def _record(action: str, partner: Partner, *, by: Staff, now: datetime, **detail: Any) -> None:
    log.record(action, target=partner, by=by, at=now, detail=detail)
