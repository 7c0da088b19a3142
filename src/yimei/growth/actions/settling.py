"""Statements of partners: proposed for a month that is over, approved by another, paid, taken back later."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, RuleBroken
from yimei.core.money import format_yuan
from yimei.growth.access import open_partner, open_statement
from yimei.growth.enums.partners import StatementStatus
from yimei.growth.models import Statement, StatementLine
from yimei.growth.queries import partners as queries
from yimei.growth.rules import partners as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

S = StatementStatus


@transaction.atomic
def propose(partner_id: UUID, *, month: date, by: Staff, now: datetime) -> Statement:
    """Reckon the next month of a partner; nothing is owed before somebody else approves it."""
    partner = open_partner(partner_id, by=by, permission=Permission.PARTNER_WRITE)
    lock(f"growth.partner:{partner.pk}")
    start, end = rules.month_of(month)
    if end >= local_date(now):
        raise RuleBroken(_("只结算已经过完的月份。"), code="month")
    following = queries.next_month(partner)
    if following is None:
        raise RuleBroken(_("还没有批准的合同，没有可结算的月份。"), code="month")
    if start != following:
        text = _("结算按月连续：下一份是 %(month)s。")
        raise RuleBroken(text % {"month": f"{following:%Y-%m}"}, code="month")
    if partner.statements.filter(status=S.PROPOSED).exists():
        raise Conflict(_("上一份结算单还在等批准。"), code="month")
    carried = queries.carried_in(partner, start)
    amounts = [one.amount for one in queries.drafts(partner, start)]
    total, payable, rest = rules.close(carried, amounts)
    made = Statement.objects.create(
        partner=partner,
        month=start,
        carried_in=carried,
        total=total,
        payable=payable,
        carried_out=rest,
        status=S.PROPOSED,
        proposed_at=now,
        proposed_by=by,
    )
    _record("growth.statement.propose", made, by=by, now=now)
    return made


@transaction.atomic
def approve(statement_id: UUID, *, by: Staff, now: datetime) -> Statement:
    """Write the lines down for good; refused when anything changed since it was reckoned."""
    need(by, Permission.PARTNER_SETTLE)
    made = _held(statement_id, by=by)
    rules.check_statement_move(S(made.status), S.APPROVED)
    if made.proposed_by_id == by.pk:
        raise RuleBroken(_("编制人不能批准自己的结算单，请由另一人批准。"), code="status")
    drafts = queries.drafts(made.partner, made.month)
    if sum((one.amount for one in drafts), made.total * 0) != made.total:
        text = _("编制以后有了变化（例如退款），请退回并重新编制。")
        raise Conflict(text, code="status")
    for one in drafts:
        StatementLine.objects.create(
            statement=made,
            kind=one.kind,
            agreement_id=one.agreement,
            came_id=one.came,
            amount=one.amount,
            takes_back_id=one.takes_back,
            at=now,
        )
    made.status, made.decided_at, made.decided_by = S.APPROVED, now, by
    made.save(update_fields=["status", "decided_at", "decided_by"])
    _record("growth.statement.approve", made, by=by, now=now)
    return made


@transaction.atomic
def refuse(statement_id: UUID, *, reason: str, by: Staff, now: datetime) -> Statement:
    """Send a statement back with a reason; the month can be reckoned anew."""
    need(by, Permission.PARTNER_SETTLE)
    made = _held(statement_id, by=by)
    rules.check_statement_move(S(made.status), S.REFUSED)
    if made.proposed_by_id == by.pk:
        raise RuleBroken(_("编制人不能退回自己的结算单，请由另一人办理。"), code="status")
    words = " ".join(reason.replace("\0", "").split())[:120]
    if not words:
        raise RuleBroken(_("请写明退回的原因。"), code="reason")
    made.status, made.reason, made.decided_at, made.decided_by = S.REFUSED, words, now, by
    made.save(update_fields=["status", "reason", "decided_at", "decided_by"])
    _record("growth.statement.refuse", made, by=by, now=now)
    return made


@transaction.atomic
def pay(statement_id: UUID, *, reference: str, by: Staff, now: datetime) -> Statement:
    """Note that the amount left for the firm's account in the contract, with its reference (如实入账)."""
    need(by, Permission.PARTNER_SETTLE)
    made = _held(statement_id, by=by)
    rules.check_statement_move(S(made.status), S.PAID)
    if not made.payable:
        raise RuleBroken(_("这份结算单应付为 0，不用付款。"), code="reference")
    words = " ".join(reference.replace("\0", "").split())[:60]
    if not words:
        raise RuleBroken(_("请填写付款流水号或记账凭证号。"), code="reference")
    made.status, made.reference, made.paid_at, made.paid_by = S.PAID, words, now, by
    made.save(update_fields=["status", "reference", "paid_at", "paid_by"])
    _record("growth.statement.pay", made, by=by, now=now)
    return made


def _held(statement_id: UUID, *, by: Staff) -> Statement:
    made = open_statement(statement_id, by=by)
    lock(f"growth.partner:{made.partner_id}")
    made.refresh_from_db(fields=["status"])
    return made


def _record(action: str, made: Statement, *, by: Staff, now: datetime) -> None:
    detail = {"month": f"{made.month:%Y-%m}", "payable": format_yuan(made.payable)}
    log.record(action, target=made, by=by, at=now, detail=detail)
