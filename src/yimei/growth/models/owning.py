"""Whose a lead is and was, and how the draw chose."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import AssignRule, EndReason
from yimei.growth.models.leads import Lead
from yimei.growth.rules.pool import Protection
from yimei.people.models import Staff


class OwnerPeriod(models.Model):
    """One stretch in which one person owned a lead, with the days of protection that held at its beginning.

    Append-only but for its end and the last day of protection; two cannot be open at once.
    """

    PRIVACY = {
        "plain": {
            "id",
            "lead",
            "staff",
            "rule",
            "since",
            "due_on",
            "first_days",
            "activity_days",
            "most_days",
            "idle_days",
            "until",
            "ended_because",
        }
    }
    HOLDING = "growth.lead"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="periods")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="lead_periods")
    rule = models.CharField(_("分配方式"), max_length=12, choices=AssignRule.choices)
    since = models.DateTimeField()
    due_on = models.DateField(_("保护至"), help_text=_("含当日"))
    first_days = models.PositiveSmallIntegerField()
    activity_days = models.PositiveSmallIntegerField()
    most_days = models.PositiveSmallIntegerField()
    idle_days = models.PositiveSmallIntegerField()
    until = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(_("结束原因"), max_length=12, choices=EndReason.choices, blank=True)

    class Meta:
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["staff", "rule", "since"], name="owner_period_claims")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["lead"], condition=Q(until=None), name="lead_one_owner"),
            models.CheckConstraint(
                condition=Q(until=None, ended_because="") | (Q(until__gte=F("since")) & ~Q(ended_because="")),
                name="owner_period_ends_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(rule__in=AssignRule.values), name="owner_period_rule_known"),
            AppendOnly(name="owner_period_append_only", allow=["until", "ended_because", "due_on"]),
        ]

    @property
    def protection(self) -> Protection:
        return Protection(self.first_days, self.activity_days, self.most_days, self.idle_days)


class Draw(models.Model):
    """How one lead found its owner: rule, seed and candidates, enough to draw again; append-only."""

    PRIVACY = {"plain": {"id", "lead", "rule", "seed", "candidates", "chosen", "at"}}
    HOLDING = "growth.lead"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="draws")
    rule = models.CharField(max_length=12, choices=AssignRule.choices)
    seed = models.CharField(max_length=64)
    candidates = models.JSONField()
    chosen = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="draw_append_only")]
