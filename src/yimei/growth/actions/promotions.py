"""Promotions: drafted by marketing, approved by another, stopped; what was approved is never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.growth.access import open_promotion
from yimei.growth.actions import budgets
from yimei.growth.enums import BudgetKind, PromotionKind, PromotionStatus, Stacking, ValueKind
from yimei.growth.models import Promotion, PromotionItem
from yimei.growth.queries import prices
from yimei.growth.queries import promotions as queries
from yimei.growth.rules import promotions as rules
from yimei.hospital.models import Procedure
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

NAME_LENGTH, WORDS_LENGTH, NOTE_LENGTH = 40, 300, 120


@dataclass(frozen=True)
class Draft:
    """An offer as it is typed."""

    name: str
    kind: PromotionKind
    words: str
    value_kind: ValueKind
    value: Decimal
    most: Decimal
    min_spend: Decimal
    starts_on: date
    ends_on: date
    coupon_days: int
    budget: Decimal
    per_person: int
    stacking: Stacking
    is_transferable: bool
    procedures: Sequence[UUID] = ()

    @property
    def columns(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "procedures"}


@transaction.atomic
def write(draft: Draft, *, promotion_id: UUID | None = None, by: Staff, now: datetime) -> Promotion:
    """Keep a draft, new or changed; a promotion that waits for approval or was approved is not edited."""
    need(by, Permission.PROMOTION_WRITE)
    chosen = list(Procedure.objects.filter(public_id__in=draft.procedures, is_active=True))
    if len(chosen) != len(set(draft.procedures)):
        raise NotFound
    _check(draft, [one.pk for one in chosen], now=now)
    if promotion_id is None:
        promotion = Promotion(campus=by.campus, created_at=now, created_by=by)
    else:
        promotion = open_promotion(promotion_id, by=by, lock=True)
        if promotion.status != PromotionStatus.DRAFT:
            raise RuleBroken(
                _("只有草稿可以修改。已提交的请先退回；已批准的请停止后另写一份。"), code="status"
            )
    for name, value in draft.columns.items():
        setattr(promotion, name, value)
    promotion.name, promotion.words = draft.name.strip(), draft.words.strip()
    promotion.save()
    promotion.items.all().delete()
    PromotionItem.objects.bulk_create(PromotionItem(promotion=promotion, procedure=one) for one in chosen)
    _record("growth.promotion.write", promotion, by=by, now=now)
    return promotion


@transaction.atomic
def submit(promotion_id: UUID, *, by: Staff, now: datetime) -> Promotion:
    """Hand a draft to whoever approves; who may is told."""
    need(by, Permission.PROMOTION_WRITE)
    promotion = _moved(promotion_id, PromotionStatus.SUBMITTED, by=by)
    promotion.submitted_at, promotion.note = now, ""
    promotion.save(update_fields=["status", "submitted_at", "note"])
    for one in queries.approvers(promotion):
        text = gettext_noop("活动「%(name)s」等您批准。") % {"name": promotion.name}
        key = f"growth.promotion:{promotion.public_id}:{now:%Y%m%d%H%M%S}:{one.pk}"
        notifications.notify(one, text, key=key, now=now, where=f"desk:promotion:{promotion.public_id}")
    _record("growth.promotion.submit", promotion, by=by, now=now)
    return promotion


@transaction.atomic
def send_back(promotion_id: UUID, *, note: str, by: Staff, now: datetime) -> Promotion:
    """Give it back to be changed; its writer takes it back, whoever approves says why."""
    promotion = _moved(promotion_id, PromotionStatus.DRAFT, by=by)
    words = _note(note)
    if by.pk != promotion.created_by_id:
        need(by, Permission.PROMOTION_APPROVE)
        if not words:
            raise RuleBroken(_("请写明退回的原因。"), code="note")
        text = _("活动「%(name)s」被退回：%(note)s") % {"name": promotion.name, "note": words}
        key = f"growth.promotion:{promotion.public_id}:{now:%Y%m%d%H%M%S}"
        where = f"desk:promotion:{promotion.public_id}"
        notifications.notify(promotion.created_by, text, key=key, now=now, where=where)
    promotion.note = words
    promotion.save(update_fields=["status", "note"])
    _record("growth.promotion.send_back", promotion, by=by, now=now)
    return promotion


@transaction.atomic
def approve(promotion_id: UUID, *, by: Staff, now: datetime) -> Promotion:
    """Let it begin: by another, with honest prices, above the floors, its words passed by every check."""
    need(by, Permission.PROMOTION_APPROVE)
    promotion = _moved(promotion_id, PromotionStatus.APPROVED, by=by)
    if promotion.created_by_id == by.pk:
        raise RuleBroken(_("活动须由拟定人以外的人批准。"), code="status")
    if promotion.ends_on < local_date(now):
        raise RuleBroken(_("发放期已经过去，请退回修改日期。"), code="ends_on")
    subjects = prices.subjects(promotion)
    missing = list(rules.honest(promotion.terms, subjects, days=prices.raise_days(local_date(now))))
    missing += queries.word_faults(promotion)
    if missing:
        raise RuleBroken(_("这个活动还不能批准。"), missing=missing, code="promotion")
    for item in promotion.items.all():
        one = next(each for each in subjects if each.key == item.procedure_id)
        item.list_price = one.list_price
        if one.base is not None:
            item.base, item.base_kind, item.base_on = one.base.amount, one.base.kind, one.base.on
        item.save(update_fields=["list_price", "base", "base_kind", "base_on"])
    promotion.approved_at, promotion.approved_by = now, by
    promotion.save(update_fields=["status", "approved_at", "approved_by"])
    budgets.enter(promotion, BudgetKind.FUND, promotion.budget, by=by, now=now)
    _record("growth.promotion.approve", promotion, by=by, now=now)
    return promotion


@transaction.atomic
def stop(promotion_id: UUID, *, note: str, by: Staff, now: datetime) -> Promotion:
    """Issue no more of it; coupons that people already have are honoured to their last day."""
    if not by.may(Permission.PROMOTION_WRITE):
        need(by, Permission.PROMOTION_APPROVE)
    promotion = _moved(promotion_id, PromotionStatus.STOPPED, by=by)
    words = _note(note)
    if not words:
        raise RuleBroken(_("请写明停止的原因。"), code="note")
    promotion.ended_at, promotion.ended_by, promotion.note = now, by, words
    promotion.save(update_fields=["status", "ended_at", "ended_by", "note"])
    _record("growth.promotion.stop", promotion, by=by, now=now)
    return promotion


def _check(draft: Draft, procedures: Sequence[int], *, now: datetime) -> None:
    if not draft.name.strip() or len(draft.name) > NAME_LENGTH:
        raise RuleBroken(_("名称应有 1 到 40 字。"), code="name")
    if not draft.words.strip() or len(draft.words) > WORDS_LENGTH:
        raise RuleBroken(_("给客户看的说明应有 1 到 300 字：条件与期限都要写明。"), code="words")
    if draft.ends_on < local_date(now):
        raise RuleBroken(_("发放期不能已经过去。"), code="ends_on")
    if not 1 <= draft.per_person <= 99:
        raise RuleBroken(_("每人限领应在 1 到 99 之间。"), code="per_person")
    terms = rules.Terms(
        draft.value_kind, draft.value, draft.most, draft.min_spend, draft.stacking, frozenset(procedures)
    )
    found = list(
        rules.faults(
            terms,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            coupon_days=draft.coupon_days,
            budget=draft.budget,
        )
    )
    if found:
        missing = [Missing(one, "") for one in found]
        raise RuleBroken(_("活动的条件还不成立。"), missing=missing, code="terms")


def _moved(promotion_id: UUID, to: PromotionStatus, *, by: Staff) -> Promotion:
    promotion = open_promotion(promotion_id, by=by, lock=True)
    if to not in promotion.open_moves:
        words = {"old": promotion.get_status_display(), "new": to.label}
        raise RuleBroken(_("活动不能从「%(old)s」变为「%(new)s」。") % words, code="status")
    promotion.status = to
    return promotion


def _note(note: str) -> str:
    words = note.replace("\0", "").strip()
    if len(words) > NOTE_LENGTH:
        raise RuleBroken(_("原因不能超过 120 字。"), code="note")
    return words


def _record(action: str, promotion: Promotion, *, by: Staff, now: datetime) -> None:
    log.record(action, target=promotion, by=by, at=now, detail={"status": promotion.status})
