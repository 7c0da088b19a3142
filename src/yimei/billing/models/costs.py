"""What the house spends, as its own ledger: added to, never changed; what was wrong is reversed."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.core.database.constraints import AppendOnly
from yimei.core.fields import MoneyField
from yimei.hospital.models import Campus, Procedure
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class CostQuerySet(models.QuerySet["Cost"]):
    def visible_to(self, staff: Staff) -> Self:
        """All costs for whoever keeps the books; of whoever only keeps the advertising, that alone."""
        own, campus = Q(owner=staff) | Q(by=staff), Q(campus=staff.campus_id)
        if staff.may(Permission.COST_WRITE):
            rows, permission = self.all(), Permission.COST_WRITE
        else:
            rows = self.filter(account=CostAccount.ADVERTISING)
            permission = Permission.SPEND_WRITE
        return scoped(rows, staff, permission, own=own, campus=campus)  # type: ignore[return-value]


class Cost(models.Model):
    """One amount that the house spent for a span of days; a reversal is a negative row of the same span."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "account",
            "channel",
            "procedure",
            "starts_on",
            "ends_on",
            "amount",
            "quantity",
            "unit",
            "owner",
            "origin",
            "reference",
            "reverses",
            "reason",
            "key",
            "at",
            "by",
        }
    }
    HOLDING = "billing.costs"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    account = models.CharField(_("类别"), max_length=12, choices=CostAccount.choices)
    channel = models.CharField(_("投放渠道"), max_length=12, choices=AdChannel.choices, blank=True)
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("项目")
    )
    starts_on = models.DateField(_("费用期间起"))
    ends_on = models.DateField(_("费用期间止"))
    amount = MoneyField(_("金额"))
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("单位"), max_length=8, choices=CostUnit.choices, blank=True)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    origin = models.CharField(_("依据"), max_length=10, choices=CostOrigin.choices)
    reference = models.CharField(_("单据号"), max_length=60, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", null=True, blank=True, verbose_name=_("冲正")
    )
    reason = models.CharField(_("冲正原因"), max_length=80, blank=True)
    key = models.UUIDField(_("防重键"), unique=True)
    at = models.DateTimeField(_("登记时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = CostQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["starts_on"], name="cost_starts_on")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="cost_append_only"),
            models.CheckConstraint(condition=Q(account__in=CostAccount.values), name="cost_account_known"),
            models.CheckConstraint(condition=Q(origin__in=CostOrigin.values), name="cost_origin_known"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cost_span_in_order"),
            models.CheckConstraint(
                condition=Q(account="advertising", channel__in=AdChannel.values)
                | (~Q(account="advertising") & Q(channel="")),
                name="cost_channel_of_advertising",
            ),
            models.CheckConstraint(
                condition=Q(quantity=None, unit="") | Q(quantity__isnull=False, unit__in=CostUnit.values),
                name="cost_quantity_with_unit",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0, reason="")
                | (Q(reverses__isnull=False, amount__lt=0) & ~Q(reason="")),
                name="cost_sign_matches_kind",
            ),
        ]

    @property
    def is_reversed(self) -> bool:
        return hasattr(self, "reversal")
