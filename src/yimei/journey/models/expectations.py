"""What a customer hopes for and what a physician can promise, agreed by both and judged again later."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.journey.enums import AgreedHow
from yimei.journey.models.cases import Case
from yimei.people.models import Guardian, Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile


class Expectation(models.Model):
    """One version of an agreement: goals in the customer's words, the physician's range, what cannot be."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "version", "how", "sha256", "by", "at"},
        "personal": {"guardian"},
        "health": {"goals", "unreachable", "signature"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="expectations")
    version = models.PositiveSmallIntegerField(_("版本"))
    goals = EncryptedJSON(_("目标"), default=list, help_text=_("[{text, reach, range}]"))
    unreachable = EncryptedText(_("不能达到的"))
    how = models.CharField(_("客户确认方式"), max_length=6, choices=AgreedHow.choices)
    signature = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("客户签名")
    )
    guardian = models.ForeignKey(
        Guardian, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("签名的监护人")
    )
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("医师"))
    at = models.DateTimeField(_("约定时间"))

    class Meta:
        ordering = ["-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="expectation_append_only"),
            models.UniqueConstraint(fields=["case", "version"], name="expectation_version_once"),
            models.CheckConstraint(
                condition=Q(how="signed", signature__isnull=False) | Q(how="spoken", signature=None),
                name="expectation_signed_with_signature",
            ),
        ]


class ExpectationScore(models.Model):
    """How far, months later, each goal was reached in the customer's own judgement; the newest counts."""

    PRIVACY = {
        "plain": {"id", "public_id", "expectation", "month", "by", "at"},
        "health": {"scores", "overall", "note"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "expectation.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    expectation = models.ForeignKey(Expectation, models.PROTECT, related_name="scores")
    month = models.PositiveSmallIntegerField(_("术后第几个月"))
    scores = EncryptedJSON(_("各目标达成 0–10"), default=list)
    overall = models.PositiveSmallIntegerField(_("总体达成 0–10"))
    note = EncryptedText(_("客户原话"), blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    at = models.DateTimeField(_("记录时间"))

    class Meta:
        ordering = ["month", "at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="expectation_score_append_only"),
            models.CheckConstraint(condition=Q(overall__lte=10), name="expectation_score_in_range"),
            models.CheckConstraint(condition=Q(month__in=[1, 3, 6, 12]), name="expectation_month_known"),
        ]
