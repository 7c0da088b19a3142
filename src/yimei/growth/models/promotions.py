"""Promotions and coupons: what is offered, its budget to the fen, each coupon from issue to use."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.core.database.ledgers import RunningBalance
from yimei.core.fields import MoneyField
from yimei.growth.enums import (
    BaseKind,
    BudgetKind,
    CouponStatus,
    PromotionKind,
    PromotionStatus,
    Stacking,
    ValueKind,
)
from yimei.growth.rules import promotions as rules
from yimei.hospital.models import Campus, Procedure
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def visible_to(self, staff: Staff) -> Self:
        """Promotions of the reader's campus; of the group for whoever approves them everywhere."""
        wide = staff.scope_of(Permission.PROMOTION_APPROVE) or staff.scope_of(Permission.PROMOTION_WRITE)
        if wide is None and not staff.may(Permission.COUPON_WRITE):
            return self.none()
        return self if wide == "group" else self.filter(campus=staff.campus_id)

    def running(self, day: object) -> Self:
        return self.filter(status=PromotionStatus.APPROVED, starts_on__lte=day, ends_on__gte=day)


class Promotion(models.Model):
    """One offer with its terms; what was approved is never edited, only stopped."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "name",
            "kind",
            "words",
            "value_kind",
            "value",
            "most",
            "min_spend",
            "starts_on",
            "ends_on",
            "coupon_days",
            "budget",
            "per_person",
            "stacking",
            "is_transferable",
            "status",
            "created_at",
            "created_by",
            "submitted_at",
            "approved_at",
            "approved_by",
            "ended_at",
            "ended_by",
            "note",
        }
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("对象"), max_length=8, choices=PromotionKind.choices)
    words = models.CharField(_("给客户看的说明"), max_length=300)
    value_kind = models.CharField(_("方式"), max_length=8, choices=ValueKind.choices)
    value = MoneyField(_("力度"))
    most = MoneyField(_("每张最多减"))
    min_spend = MoneyField(_("满"), default=0)
    starts_on = models.DateField(_("发放自"))
    ends_on = models.DateField(_("发放至"), help_text=_("含当日"))
    coupon_days = models.PositiveSmallIntegerField(_("领取后有效天数"))
    budget = MoneyField(_("预算"))
    per_person = models.PositiveSmallIntegerField(_("每人限领"), default=1)
    stacking = models.CharField(_("叠加"), max_length=8, choices=Stacking.choices, default=Stacking.ALONE)
    is_transferable = models.BooleanField(_("可以转赠"), default=False)
    status = models.CharField(
        _("状态"), max_length=10, choices=PromotionStatus.choices, default=PromotionStatus.DRAFT
    )
    note = models.CharField(_("退回或停止的原因"), max_length=120, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), coupon_days__gte=1), name="promotion_period"
            ),
            models.CheckConstraint(
                condition=Q(
                    value__gt=0, most__gt=0, min_spend__gte=0, budget__gte=F("most"), per_person__gte=1
                ),
                name="promotion_amounts_sane",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("created_by"))),
                name="promotion_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "submitted"], approved_at=None)
                | Q(status__in=["approved", "stopped"], approved_at__isnull=False),
                name="promotion_status_follows",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[PromotionStatus]:
        return rules.MOVES.get(PromotionStatus(self.status), frozenset())

    @property
    def terms(self) -> rules.Terms:
        return rules.Terms(
            value_kind=ValueKind(self.value_kind),
            value=self.value,
            most=self.most,
            min_spend=self.min_spend,
            stacking=Stacking(self.stacking),
            procedures=frozenset(item.procedure_id for item in self.items.all()),
        )


class PromotionItem(models.Model):
    """One procedure of an offer; the price that it is compared with is looked up, never typed.

    Frozen with the approval: the list price of that day, and the lowest price of the days before.
    """

    PRIVACY = {"plain": {"id", "promotion", "procedure", "list_price", "base", "base_kind", "base_on"}}
    HOLDING = "hospital.reference"

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="items")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+")
    list_price = models.DecimalField(_("目录价"), max_digits=12, decimal_places=2, null=True, blank=True)
    base = models.DecimalField(_("比较价格"), max_digits=12, decimal_places=2, null=True, blank=True)
    base_kind = models.CharField(max_length=8, choices=BaseKind.choices, blank=True)
    base_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["procedure__category", "procedure__code", "id"]
        constraints = [
            models.UniqueConstraint(fields=["promotion", "procedure"], name="promotion_item_once"),
            models.CheckConstraint(
                condition=Q(base=None) | ~Q(base_kind=""), name="promotion_base_says_where_from"
            ),
        ]


class CouponQuerySet(models.QuerySet["Coupon"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.COUPON_WRITE) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            permission,
            own=Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(promotion__campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related("promotion__campus", "patient__person__vault_key", "patient__campus")


class Coupon(models.Model):
    """One coupon of one person; ``held`` is what the budget keeps for it until it is over."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "promotion",
            "occasion",
            "replaces",
            "held",
            "issued_at",
            "issued_by",
            "valid_from",
            "valid_to",
            "settled_at",
        },
        "personal": {"patient", "status"},
        "secret": {"code"},
    }
    HOLDING = "growth.coupon"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="coupons")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coupons")
    code = models.CharField(max_length=16, unique=True)
    occasion = models.CharField(max_length=12, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, related_name="replaced_by", null=True, blank=True)
    held = MoneyField(_("占用预算"))
    issued_at = models.DateTimeField(_("发放时间"))
    issued_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    valid_from = models.DateField(_("有效自"))
    valid_to = models.DateField(_("有效至"), help_text=_("含当日"))
    status = models.CharField(_("状态"), max_length=8, choices=CouponStatus.choices)
    settled_at = models.DateTimeField(_("结清时间"), null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        indexes = [models.Index(fields=["valid_to", "settled_at"], name="coupon_ends")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CouponStatus.values), name="coupon_status_known"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from"), held__gt=0), name="coupon_holds"
            ),
            models.UniqueConstraint(
                fields=["promotion", "patient", "occasion"],
                condition=~Q(occasion=""),
                name="coupon_once_an_occasion",
            ),
        ]


class CouponMove(models.Model):
    """One step of a coupon; append-only."""

    PRIVACY = {
        "plain": {"id", "coupon", "cut", "amount", "at", "by"},
        "personal": {"old", "new", "why"},
    }
    HOLDING = "growth.coupon"

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="moves")
    old = models.CharField(max_length=8, choices=CouponStatus.choices, blank=True)
    new = models.CharField(max_length=8, choices=CouponStatus.choices)
    cut = models.UUIDField(null=True, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    why = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="coupon_move_append_only", erasable=["why"])
        ]


class BudgetEntry(models.Model):
    """One line of a promotion's budget; the database lets it never fall below nothing."""

    PRIVACY = {"plain": {"id", "promotion", "seq", "kind", "change", "balance", "coupon", "at", "by"}}
    HOLDING = "growth.coupon"

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="budget_entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=BudgetKind.choices)
    change = models.DecimalField(max_digits=12, decimal_places=2)
    balance = models.DecimalField(_("余额"), max_digits=12, decimal_places=2)
    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="budget", null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["promotion", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["promotion", "seq"], name="budget_one_after_another"),
            models.UniqueConstraint(
                fields=["coupon"], condition=Q(kind="hold"), name="budget_held_once_a_coupon"
            ),
            models.CheckConstraint(
                condition=Q(kind="fund", change__gt=0, coupon=None)
                | Q(kind="hold", change__lt=0, coupon__isnull=False)
                | Q(kind="free", change__gt=0, coupon__isnull=False),
                name="budget_sign_matches_kind",
            ),
            RunningBalance(name="budget_running_balance", account="promotion"),
            AppendOnly(name="budget_append_only"),
        ]
