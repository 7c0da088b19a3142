"""Quotes, orders and payments. ``episode`` is the public id of their case; billing knows no case."""

import uuid
from decimal import Decimal
from typing import ClassVar, Self, TypeVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from yimei.billing.enums import CutKind, OrderPurpose, OrderStatus, PaymentKind, PaymentMethod, QuoteStatus
from yimei.billing.models.costs import Cost, CostQuerySet
from yimei.billing.rules import quotes as rules
from yimei.core.database.constraints import AppendOnly
from yimei.core.fields import MoneyField
from yimei.hospital.models import Campus, Procedure
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission

__all__ = [
    "Cost",
    "CostQuerySet",
    "DiscountLimit",
    "Order",
    "OrderQuerySet",
    "Payment",
    "PaymentQuerySet",
    "PriceFloor",
    "Quote",
    "QuoteCut",
    "QuoteLine",
    "QuoteQuerySet",
]

Row = TypeVar("Row", bound=models.Model)


class MoneyQuerySet(models.QuerySet[Row]):
    """Rows about money: seen by those who care for the customer, by the campus or by the group."""

    ORDER: ClassVar[str] = ""
    """The path from the row to what names its patient and campus."""

    def visible_to(self, staff: Staff, permission: Permission = Permission.MONEY_VIEW) -> Self:
        cared_for = staff.care_relations.filter(until=None).values("patient")
        return scoped(  # type: ignore[return-value]
            self.filter((f"{self.ORDER}patient__sealed_at", None)),
            staff,
            permission,
            own=Q((f"{self.ORDER}patient__in", cared_for)),
            campus=Q((f"{self.ORDER}campus", staff.campus_id)),
        )


class QuoteQuerySet(MoneyQuerySet["Quote"]):
    pass


class OrderQuerySet(MoneyQuerySet["Order"]):
    def bills(self) -> Self:
        """What was done or will be; a booking deposit is none."""
        return self.filter(purpose=OrderPurpose.BILL)

    def held(self) -> Self:
        """Booking deposits that stand on no bill yet and were neither given back nor kept."""
        return self.filter(purpose=OrderPurpose.BOOKING, status=OrderStatus.PAID, applied_to=None)


class PaymentQuerySet(MoneyQuerySet["Payment"]):
    ORDER = "order__"

    def for_bills(self) -> Self:
        """Money on bills; a booking deposit counts once it stands on one, from the day of that bill."""
        on_bill = Q(order__purpose=OrderPurpose.BILL) | Q(order__applied_to__isnull=False)
        stands = Greatest("at", Coalesce("order__applied_to__at", "at"))
        return self.filter(on_bill).annotate(bill=Coalesce("order__applied_to", "order"), stands_at=stands)


class DiscountLimit(models.Model):
    """How much a role may take off the list price on its own, in percent; replaces the seeded limit."""

    PRIVACY = {"plain": {"id", "role_code", "percent"}}
    HOLDING = "hospital.reference"

    role_code = models.CharField(_("角色"), max_length=24, unique=True)
    percent = models.PositiveSmallIntegerField(_("最大优惠（%）"), validators=[MaxValueValidator(100)])

    class Meta:
        ordering = ["percent", "role_code"]
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="discount_within_price")]


class PriceFloor(models.Model):
    """The lowest unit price of a procedure at a campus; below it only by whoever approves floors."""

    PRIVACY = {"plain": {"id", "procedure", "campus", "amount", "set_at", "set_by"}}
    HOLDING = "hospital.reference"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="floors")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    amount = MoneyField(_("价格底线"))
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["procedure_id"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "campus"], name="price_floor_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_floor_positive"),
        ]


class Quote(models.Model):
    """What the customer was offered, line by line, against the list price of the day."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "episode",
            "option",
            "status",
            "at",
            "by",
            "approved_by",
            "valid_to",
            "decided_at",
        },
        "personal": {"patient"},
    }
    HOLDING = "billing.money"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="quotes")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    episode = models.UUIDField(_("诊疗事件"), db_index=True)
    option = models.CharField(_("方案名"), max_length=20, default="A")
    status = models.CharField(
        _("状态"), max_length=10, choices=QuoteStatus.choices, default=QuoteStatus.OFFERED
    )
    at = models.DateTimeField(_("报价时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    valid_to = models.DateField(_("有效期至"))
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("批准优惠人")
    )
    decided_at = models.DateTimeField(_("客户答复时间"), null=True, blank=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=QuoteStatus.values), name="quote_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=[QuoteStatus.DRAFT, QuoteStatus.OFFERED], decided_at=None)
                | Q(status__in=[QuoteStatus.ACCEPTED, QuoteStatus.DECLINED], decided_at__isnull=False),
                name="quote_decided_with_time",
            ),
        ]

    @property
    def total(self) -> Decimal:
        """What is to be paid: the lines without what coupons and points take off."""
        return rules.total(self.lines.all()) - self.cut

    @property
    def cut(self) -> Decimal:
        return sum((one.amount for one in self.standing_cuts), Decimal(0))

    @property
    def standing_cuts(self) -> "list[QuoteCut]":
        return [one for one in self.cuts.all() if one.undone_at is None]


class QuoteCut(models.Model):
    """What a coupon or points take off a quote; never edited, only undone.

    ``ref`` is the public id of what was used; billing knows neither coupons nor members.
    """

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "quote",
            "kind",
            "ref",
            "amount",
            "at",
            "by",
            "undone_at",
            "undone_by",
        },
        "personal": {"label"},
        "health": {"scope"},
    }
    HOLDING = "billing.money"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="cuts")
    kind = models.CharField(_("类别"), max_length=8, choices=CutKind.choices)
    ref = models.UUIDField(_("所用的券或会员"))
    label = models.CharField(_("说明"), max_length=80, blank=True)
    amount = MoneyField(_("抵扣"))
    scope = models.JSONField(
        _("适用项目"), default=list, blank=True, help_text=_("只分摊到这些项目；空着为全部")
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    undone_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=CutKind.values), name="quote_cut_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="quote_cut_takes_something"),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(kind="coupon", undone_at=None), name="coupon_on_one_quote"
            ),
            models.UniqueConstraint(
                fields=["quote"], condition=Q(kind="points", undone_at=None), name="points_once_a_quote"
            ),
            AppendOnly(
                name="quote_cut_append_only", allow=["undone_at", "undone_by"], erasable=["label", "scope"]
            ),
        ]


class QuoteLine(models.Model):
    """One procedure of a quote; never below zero, list price kept beside."""

    PRIVACY = {
        "plain": {"id", "quote", "list_price", "price", "quantity"},
        "personal": {"discount_reason"},
        "health": {"procedure"},
    }
    HOLDING = "billing.money"

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("数量"), default=1)
    list_price = MoneyField(_("目录价"))
    price = MoneyField(_("成交单价"))
    discount_reason = models.CharField(_("优惠原因"), max_length=80, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0, list_price__gte=0), name="quote_line_not_negative"
            ),
            models.CheckConstraint(condition=Q(price__lte=F("list_price")), name="quote_line_not_above_list"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="quote_line_counts"),
        ]

    @property
    def total(self) -> Decimal:
        return rules.total([self])


class Order(models.Model):
    """What the customer owes for one episode; paid when its payments reach the amount.

    A booking deposit is an order of its own, written together with its payment; the bill that is opened later
    counts what stands on it (``applied_to``), and no amount is moved or edited.
    """

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "episode",
            "quote",
            "purpose",
            "amount",
            "deposit",
            "terms",
            "applied_to",
            "status",
            "at",
            "by",
        },
        "personal": {"patient"},
    }
    HOLDING = "billing.money"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="orders")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    episode = models.UUIDField(_("诊疗事件"), db_index=True)
    quote = models.OneToOneField(Quote, models.PROTECT, related_name="order", null=True, blank=True)
    amount = MoneyField(_("应收"))
    deposit = MoneyField(_("应收定金"), default=0)
    purpose = models.CharField(
        _("用途"), max_length=8, choices=OrderPurpose.choices, default=OrderPurpose.BILL
    )
    terms = models.TextField(_("收取时说明的规则"), blank=True)
    applied_to = models.ForeignKey(
        "self", models.PROTECT, related_name="credits", null=True, blank=True, verbose_name=_("抵入的订单")
    )
    status = models.CharField(_("状态"), max_length=10, choices=OrderStatus.choices, default=OrderStatus.OPEN)
    at = models.DateTimeField(_("开单时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, deposit__gte=0, deposit__lte=F("amount")),
                name="order_amounts_sane",
            ),
            models.CheckConstraint(
                condition=Q(
                    purpose="bill", terms="", applied_to=None, status__in=["open", "paid", "cancelled"]
                )
                | Q(purpose="booking", quote=None, amount__gt=0, deposit=F("amount"))
                & ~Q(terms="")
                & Q(status__in=["paid", "cancelled", "kept"])
                & (Q(applied_to=None) | Q(status="paid")),
                name="booking_deposit_whole_and_told",
                violation_error_message=_("预约定金一次收足，收取前须说明规则。"),
            ),
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(purpose="booking", status="paid", applied_to=None),
                name="one_booking_deposit_held",
                violation_error_message=_("这次诊疗已有一笔预约定金。"),
            ),
        ]

    @property
    def is_booking_deposit(self) -> bool:
        return self.purpose == OrderPurpose.BOOKING


class Payment(models.Model):
    """Money that moved; a refund is a negative row; never edited."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "order",
            "kind",
            "method",
            "amount",
            "at",
            "by",
            "key",
            "refund_of",
        },
        "personal": {"reference", "reason"},
    }
    HOLDING = "billing.money"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    kind = models.CharField(_("类别"), max_length=8, choices=PaymentKind.choices)
    method = models.CharField(_("方式"), max_length=10, choices=PaymentMethod.choices)
    amount = MoneyField(_("金额"))
    reference = models.CharField(_("流水号"), max_length=60, blank=True)
    reason = models.CharField(_("原因"), max_length=80, blank=True)
    refund_of = models.ForeignKey("self", models.PROTECT, related_name="refunds", null=True, blank=True)
    key = models.UUIDField(_("防重键"), unique=True, help_text=_("同一次点击只入账一次"))
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], name="payment_at")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="payment_append_only", erasable=["reference", "reason"]),
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_known"),
            models.CheckConstraint(
                condition=Q(kind="refund", amount__lt=0, refund_of__isnull=False)
                | Q(kind__in=["deposit", "balance"], amount__gt=0, refund_of=None),
                name="payment_sign_matches_kind",
            ),
        ]
