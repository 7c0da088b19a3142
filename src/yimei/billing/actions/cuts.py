"""Take something off a quote for what the customer used, and put it back when the quote comes to nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing import registry
from yimei.billing.access import open_quote
from yimei.billing.enums import CutKind, QuoteStatus
from yimei.billing.models import Order, PriceFloor, Quote, QuoteCut
from yimei.billing.queries import floors_of, priced
from yimei.billing.rules import cuts as rules
from yimei.billing.rules import quotes as quote_rules
from yimei.core.clock import local_date
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.money import yuan
from yimei.hospital.access import open_procedure
from yimei.hospital.models import Campus
from yimei.hospital.queries import price_on
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def add(
    quote_public_id: UUID,
    *,
    kind: CutKind,
    ref: UUID,
    amount: Decimal,
    label: str,
    scope: Sequence[int] = (),
    by: Staff,
    now: datetime,
) -> QuoteCut:
    """Take an amount off an open quote; called by the part that knows what was used, before its own log."""
    quote = open_quote(quote_public_id, by=by, lock=True)
    quote_rules.check_not_expired(valid_to=quote.valid_to, today=local_date(now))
    lines = rules.with_floors(priced(quote), floors_of(quote))
    rules.check_cut(
        rules.Off(amount, list(scope)),
        status=QuoteStatus(quote.status),
        lines=lines,
        standing=quote.standing_cuts,
        is_ordered=Order.objects.filter(quote=quote).exists(),
    )
    elsewhere = QuoteCut.objects.filter(ref=ref, kind=CutKind.COUPON, undone_at=None)
    if kind == CutKind.COUPON and elsewhere.exists():
        raise RuleBroken(_("这张券正用在另一份报价上，请先在那里撤下。"), code="coupon")
    return QuoteCut.objects.create(
        quote=quote,
        kind=kind,
        ref=ref,
        amount=yuan(amount),
        label=label[:80],
        scope=list(scope),
        at=now,
        by=by,
    )


@transaction.atomic
def take_off(cut_public_id: UUID, *, by: Staff, now: datetime) -> QuoteCut:
    """Undo one cut of a quote that is still open, at the customer's wish."""
    cut = _open_cut(cut_public_id, by=by)
    if cut.undone_at is not None:
        return cut
    if QuoteStatus(cut.quote.status) not in rules.OPEN:
        raise RuleBroken(_("客户已选定的报价不能再改；作罢后券和积分自动退回。"), code="quote")
    _undo([cut], by=by, now=now)
    _record("billing.cut.undo", cut, by=by, now=now)
    return cut


def undo_all(quote: Quote, *, by: Staff | None, now: datetime) -> int:
    """Give back everything that a quote used, for an action that ends it and then writes its log."""
    standing = list(QuoteCut.objects.filter(quote=quote, undone_at=None).order_by("pk"))
    _undo(standing, by=by, now=now)
    return len(standing)


def undo_expired(*, now: datetime) -> int:
    """Give back what quotes hold whose days are over, each in a transaction of its own."""
    open_ones = [status.value for status in rules.OPEN]
    held = Quote.objects.filter(
        cuts__undone_at=None, cuts__isnull=False, status__in=open_ones, valid_to__lt=local_date(now)
    )
    return sum(
        _expire(pk, now=now) for pk in list(held.order_by("pk").values_list("pk", flat=True).distinct())
    )


@transaction.atomic
def set_floor(
    procedure_id: UUID, *, campus: Campus, amount: Decimal | None, by: Staff, now: datetime
) -> PriceFloor | None:
    """Say below which unit price nobody sells a procedure at a campus; nothing takes the floor away."""
    need(by, Permission.PROMOTION_APPROVE)
    procedure = open_procedure(procedure_id, lock=True)
    known = PriceFloor.objects.filter(procedure=procedure, campus=campus)
    detail = {"campus": campus.code, "amount": str(amount or "")}
    if amount is None:
        known.delete()
        log.record("billing.floor.clear", target=procedure, by=by, at=now, detail=detail)
        return None
    listed = price_on(procedure, campus, local_date(now))
    if amount <= 0 or amount != yuan(amount) or (listed is not None and amount > listed):
        text = _("价格底线应大于零，不高于目录价，最多到分。")
        raise RuleBroken(text, code="amount")
    floor, _is_new = PriceFloor.objects.update_or_create(
        procedure=procedure, campus=campus, defaults={"amount": amount, "set_at": now, "set_by": by}
    )
    log.record("billing.floor.set", target=procedure, by=by, at=now, detail=detail)
    return floor


@transaction.atomic
def _expire(pk: int, *, now: datetime) -> bool:
    rows = Quote.objects.filter(pk=pk)
    lock_rows(rows)
    quote = rows.select_related("patient__person__vault_key").get()
    count = undo_all(quote, by=None, now=now)
    if count:
        log.record(
            "billing.cut.expire", target=quote, subject=quote.patient.person.vault_key, at=now, rows=count
        )
    return count > 0


def _undo(cuts: Iterable[QuoteCut], *, by: Staff | None, now: datetime) -> None:
    for cut in cuts:
        cut.undone_at, cut.undone_by = now, by
        cut.save(update_fields=["undone_at", "undone_by"])
        registry.give_back(cut, now=now, by=by)


def _open_cut(public_id: UUID, *, by: Staff) -> QuoteCut:
    found = QuoteCut.objects.select_related("quote").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    found.quote = open_quote(found.quote.public_id, by=by, lock=True)
    found.refresh_from_db(fields=["undone_at"])
    return found


def _record(action: str, cut: QuoteCut, *, by: Staff, now: datetime) -> None:
    subject = cut.quote.patient.person.vault_key
    log.record(action, target=cut, subject=subject, by=by, at=now, detail={"kind": cut.kind})
