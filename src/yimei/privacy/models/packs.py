"""Packs of rules as they were loaded, and what the hospital declares about itself."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly, FrozenOnce
from yimei.people.models import Staff
from yimei.privacy.enums import Mark, Profile


class RulePack(models.Model):
    """One version of a set of rules; the newest accepted one of its code is in force as a whole."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "code", "version", "title", "profile", "sha256", "loaded_at", "loaded_by",
            "decided_at", "decided_by", "is_accepted", "impact",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=80)
    version = models.CharField(_("版本"), max_length=80)
    title = models.CharField(_("名称"), max_length=80)
    profile = models.CharField(_("法域"), max_length=8, choices=Profile.choices)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    loaded_at = models.DateTimeField(_("载入时间"))
    loaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    is_accepted = models.BooleanField(_("已采用"), null=True, blank=True)
    impact = models.JSONField(_("影响清单"), default=list, help_text=_("采用时的规则更新影响清单"))

    class Meta:
        ordering = ["code", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rule_pack_version_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, is_accepted=None)
                | Q(decided_at__isnull=False, is_accepted__isnull=False),
                name="rule_pack_decided_whole",
            ),
            FrozenOnce(name="rule_pack_frozen", field="decided_at"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class RuleQuerySet(models.QuerySet["Rule"]):
    def of(self, packs: models.QuerySet[RulePack]) -> Self:
        return self.filter(pack__in=packs)


class Rule(models.Model):
    """One rule of law or of the house, as a pack says it; never edited."""

    PRIVACY = {
        "plain": {
            "id", "pack", "code", "law", "article", "title", "what", "source", "mark", "effective_from",
            "effective_to", "numbers", "refs",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    pack = models.ForeignKey(RulePack, models.PROTECT, related_name="rules")
    code = models.CharField(_("编号"), max_length=16)
    law = models.CharField(_("法规"), max_length=60)
    article = models.CharField(_("条款"), max_length=60, blank=True)
    title = models.CharField(_("标题"), max_length=80)
    what = models.CharField(_("要求"), max_length=500)
    source = models.CharField(_("来源"), max_length=160)
    mark = models.CharField(_("核实"), max_length=12, choices=Mark.choices)
    effective_from = models.DateField(_("生效"))
    effective_to = models.DateField(_("失效"), null=True, blank=True)
    numbers = models.JSONField(_("数值"), default=list)
    refs = models.JSONField(_("引用"), default=dict)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["pack_id", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pack", "code", "effective_from"], name="rule_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="rule_ends_after_start",
            ),
            AppendOnly(name="rule_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def cited(self) -> str:
        return f"《{self.law}》{self.article}" if self.article else self.law


class Choice(models.Model):
    """One thing that the hospital declared about itself; the newest of its code counts."""

    PRIVACY = {"plain": {"id", "code", "value", "by", "at"}}
    HOLDING = "privacy.register"

    code = models.CharField(_("编码"), max_length=40)
    value = models.CharField(_("值"), max_length=40)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["code", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="choice_append_only")]
