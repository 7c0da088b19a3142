"""What belongs to a plan: further procedures, what a physician is still writing, what the customer chose."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import Procedure
from yimei.journey.enums import ChoiceKind, ChooserCapacity, Side
from yimei.journey.models.cases import Case
from yimei.journey.models.plans import Plan
from yimei.people.models import Guardian, Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile


class PlanItem(models.Model):
    """One further procedure of a plan version, done in the same operation (同台项目)."""

    PRIVACY = {
        "plain": {"id", "public_id", "plan", "position"},
        "health": {"procedure", "side", "sites"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "plan.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    side = models.CharField(_("部位侧"), max_length=6, choices=Side.choices)
    sites = EncryptedText(_("部位与设计"), blank=True, default="")

    class Meta:
        ordering = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="plan_item_append_only"),
            models.UniqueConstraint(fields=["plan", "position"], name="plan_item_position_once"),
        ]


class PlanDraft(models.Model):
    """What one physician is writing about one option; nobody else's words are touched by it."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "option", "by", "written_against", "saved_at"},
        "health": {"values"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plan_drafts")
    option = models.CharField(_("选项"), max_length=1)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    written_against = models.PositiveIntegerField(_("依据的版本"))
    values = EncryptedJSON(_("内容"), default=dict)
    saved_at = models.DateTimeField(_("保存时间"))

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "option", "by"], name="plan_draft_once"),
        ]


class PlanChoice(models.Model):
    """Who chose which version, when, how, and in what words; one row for every choice."""

    PRIVACY = {
        "plain": {"id", "public_id", "plan", "kind", "signature", "told_over_budget", "witness", "by", "at"},
        "personal": {"guardian", "capacity"},
        "health": {"words"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "plan.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="choices")
    kind = models.CharField(_("方式"), max_length=8, choices=ChoiceKind.choices)
    capacity = models.CharField(
        _("行为能力"), max_length=8, choices=ChooserCapacity.choices, blank=True, default=""
    )
    """On that day. Blank only where the choice is older than this field."""
    guardian = models.ForeignKey(
        Guardian, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("监护人")
    )
    words = EncryptedText(_("客户原话"), blank=True, default="")
    signature = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("签名")
    )
    told_over_budget = models.BooleanField(_("已说明超出预算"), default=False)
    witness = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("见证人")
    )
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="plan_choice_append_only"),
            models.CheckConstraint(
                condition=~Q(kind="signed") | Q(signature__isnull=False), name="plan_choice_signed_whole"
            ),
            models.CheckConstraint(
                condition=~Q(kind="spoken") | (Q(witness__isnull=False) & ~Q(witness=F("by"))),
                name="plan_choice_spoken_was_heard",
            ),
            models.CheckConstraint(
                condition=Q(capacity="")
                | Q(capacity="full", guardian=None)
                | Q(capacity__in=["limited", "none"], guardian__isnull=False, kind="signed"),
                name="plan_choice_by_who_may",
            ),
        ]
