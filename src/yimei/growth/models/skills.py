"""What each online consultant knows, and by which rule a campus hands out its enquiries."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import AssignRule
from yimei.hospital.enums import Category
from yimei.hospital.models import Campus
from yimei.people.models import Staff

RULES = (AssignRule.ROUND_ROBIN, AssignRule.LEAST_BUSY, AssignRule.SKILL)


class LeadSkill(models.Model):
    """A subject about which somebody may be given enquiries; taken away with the row."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "staff", "category", "by", "at"}}
    HOLDING: ClassVar[str] = "people.staff"

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="lead_skills")
    category = models.CharField(_("专长"), max_length=12, choices=Category.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["staff", "category"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["staff", "category"], name="lead_skill_once"),
        ]


class AssignPolicy(models.Model):
    """By which rule a campus draws from now on; the newest counts, append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "campus", "rule", "by", "at"}}
    HOLDING: ClassVar[str] = "growth.reference"

    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    rule = models.CharField(_("分配方式"), max_length=12, choices=AssignRule.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="assign_policy_append_only"),
            models.CheckConstraint(
                condition=Q(rule__in=[str(one) for one in RULES]), name="assign_policy_rule"
            ),
        ]
