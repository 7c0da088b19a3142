"""What is done to tables that were brought: rules in versions, doubted values, filled gaps, known marks."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.insight.enums import DoubtKind, DoubtStatus, FillMethod
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText


class RuleSet(models.Model):
    """One version of the rules of a kind of table; a change is the next version."""

    PRIVACY = {"plain": {"id", "template", "version", "checks", "by", "at"}}
    HOLDING = "insight.reference"

    template = models.CharField(_("类型"), max_length=20)
    version = models.PositiveIntegerField(_("版本"))
    checks = models.JSONField(_("规则"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["template", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["template", "version"], name="rule_set_version_once"),
            AppendOnly(name="rule_set_append_only"),
        ]


class Doubt(models.Model):
    """One value of a row taken in that stands apart or breaks a rule, until somebody keeps or excludes it."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "batch", "number", "column", "kind", "score", "status", "settled_by",
            "settled_at",
        },
        "health": {"value", "why"},
    }  # fmt: skip
    HOLDING = "insight.import"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(("value", "why"), ("care.health", "money"))
    VAULT: ClassVar[str] = "batch.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("insight.ImportBatch", models.CASCADE, related_name="doubts")
    number = models.PositiveIntegerField(_("行号"))
    column = models.CharField(_("列"), max_length=40)
    kind = models.CharField(_("疑点"), max_length=10, choices=DoubtKind.choices)
    value = EncryptedText(_("值"))
    why = EncryptedText(_("为什么"))
    score = models.FloatField(_("程度"), default=0)
    status = models.CharField(
        _("判断"), max_length=10, choices=DoubtStatus.choices, default=DoubtStatus.WAITING
    )
    settled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch_id", "-score", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number", "column"], name="doubt_once"),
            models.CheckConstraint(condition=Q(status__in=DoubtStatus.values), name="doubt_status_known"),
            models.CheckConstraint(
                condition=Q(status=DoubtStatus.WAITING, settled_at=None)
                | (~Q(status=DoubtStatus.WAITING) & Q(settled_at__isnull=False)),
                name="doubt_settled_when",
            ),
        ]


class Filling(models.Model):
    """The gaps of one column filled by a stated method: laid over what was taken in, marked, undone."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "batch", "column", "method", "group", "count", "in_figures", "by", "at",
            "undone_by", "undone_at",
        },
        "health": {"values"},
    }  # fmt: skip
    HOLDING = "insight.import"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(("values",), ("care.health", "money"))
    VAULT: ClassVar[str] = "batch.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("insight.ImportBatch", models.CASCADE, related_name="fillings")
    column = models.CharField(_("列"), max_length=40)
    method = models.CharField(_("方法"), max_length=10, choices=FillMethod.choices)
    group = models.CharField(_("按"), max_length=40, blank=True)
    values = EncryptedJSON(_("填入的值"))
    count = models.PositiveIntegerField(_("填了几格"))
    in_figures = models.BooleanField(_("补入的值也计入指标"), default=False)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "column"], condition=Q(undone_at=None), name="filling_open_once"
            ),
            models.CheckConstraint(condition=Q(method__in=FillMethod.values), name="filling_method_known"),
        ]


class MarkShelf(models.Model):
    """The marks of one import that begin with the same byte, in order: one is found without the others."""

    PRIVACY = {"plain": {"id", "batch", "first"}, "secret": {"marks"}}
    HOLDING = "insight.import"

    batch = models.ForeignKey("insight.ImportBatch", models.CASCADE, related_name="shelves")
    first = models.PositiveSmallIntegerField()
    marks = models.BinaryField(_("行指纹"))

    class Meta:
        ordering = ["batch_id", "first"]
        constraints = [models.UniqueConstraint(fields=["batch", "first"], name="mark_shelf_once")]
