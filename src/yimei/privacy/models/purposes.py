"""Why personal information is handled, how long it is kept, and what people are told."""

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Staff
from yimei.privacy.enums import (
    NEVER_NECESSARY,
    AfterEnd,
    Anchor,
    Audience,
    Basis,
    ConsentMode,
    Mark,
    PurposeStanding,
    Unit,
)
from yimei.privacy.rules import purposes as rules


class RetentionRule(models.Model):
    """How long a kind of data is kept and what happens then; numbers carry their article."""

    PRIVACY = {
        "plain": {
            "id",
            "code",
            "name",
            "months",
            "anchor",
            "after_end",
            "is_statutory",
            "article",
            "mark",
            "effective_from",
            "effective_to",
        }
    }
    HOLDING = "privacy.register"

    code = models.CharField(_("编码"), max_length=40)
    name = models.CharField(_("名称"), max_length=80)
    months = models.PositiveSmallIntegerField(_("月数"))
    anchor = models.CharField(_("起算"), max_length=16, choices=Anchor.choices)
    after_end = models.CharField(_("期满处理"), max_length=10, choices=AfterEnd.choices)
    is_statutory = models.BooleanField(_("法定期限"), default=False)
    article = models.CharField(_("依据"), max_length=160, blank=True)
    mark = models.CharField(_("核实"), max_length=12, choices=Mark.choices)
    effective_from = models.DateField(_("生效"))
    effective_to = models.DateField(_("失效"), null=True, blank=True)

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="retention_rule_once")]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """One number of the house or of the law, with its source and the days on which it holds."""

    PRIVACY = {
        "plain": {"id", "code", "name", "value", "unit", "source", "mark", "effective_from", "effective_to"}
    }
    HOLDING = "privacy.register"

    code = models.CharField(_("编码"), max_length=40)
    name = models.CharField(_("名称"), max_length=80)
    value = models.PositiveIntegerField(_("数值"))
    unit = models.CharField(_("单位"), max_length=8, choices=Unit.choices)
    source = models.CharField(_("来源"), max_length=160)
    mark = models.CharField(_("核实"), max_length=12, choices=Mark.choices)
    effective_from = models.DateField(_("生效"))
    effective_to = models.DateField(_("失效"), null=True, blank=True, help_text=_("含当日"))

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="limit_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
                name="limit_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.get_unit_display()}"


class PurposeQuerySet(models.QuerySet["Purpose"]):
    """Which purposes data may be collected for."""

    def in_force(self) -> Self:
        """Switched on, and not waiting for the signature under an assessment."""
        return self.filter(is_active=True, closed_at=None)


class Purpose(models.Model):
    """One purpose of processing with exactly one legal basis (PIPL 13)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "name",
            "description",
            "basis",
            "is_sensitive",
            "mode",
            "is_necessary",
            "retention",
            "article",
            "is_active",
            "is_own",
            "triggers",
            "changed_at",
            "assess_by",
            "closed_at",
        }
    }
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    description = models.TextField(_("说明"))
    basis = models.CharField(_("法律依据"), max_length=12, choices=Basis.choices)
    is_sensitive = models.BooleanField(_("涉及敏感个人信息"), default=False)
    mode = models.CharField(_("同意方式"), max_length=10, choices=ConsentMode.choices, blank=True)
    is_necessary = models.BooleanField(_("提供服务所必需"), default=False)
    retention = models.ForeignKey(RetentionRule, models.PROTECT, related_name="purposes")
    article = models.CharField(_("条款"), max_length=160, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    is_own = models.BooleanField(_("本院新增"), default=False)
    triggers = models.JSONField(
        _("须评估的情形"), default=list, help_text=_("个人信息保护法第五十五条的情形，敏感信息另计")
    )
    changed_at = models.DateTimeField(
        _("实质变更"), null=True, blank=True, help_text=_("此前的同意与评估不再算数（第十四条）")
    )
    assess_by = models.DateField(
        _("最迟签署评估"), null=True, blank=True, help_text=_("到这天还没有签署，就不再为它收集")
    )
    closed_at = models.DateTimeField(
        _("停止收集"),
        null=True,
        blank=True,
        help_text=_("从这时起不为它收集，签署影响评估后恢复（第五十五条）"),
    )

    objects = PurposeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="purpose_basis_known"),
            models.CheckConstraint(
                condition=~Q(basis="consent", mode=""), name="purpose_by_consent_names_its_mode"
            ),
            models.CheckConstraint(
                condition=~Q(basis="consent", is_sensitive=True, mode="general"),
                name="purpose_sensitive_consent_is_separate",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(assess_by__isnull=False),
                name="purpose_closed_after_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(is_necessary=True, code__in=NEVER_NECESSARY),
                name="purpose_never_a_condition_of_care",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> PurposeStanding:
        return rules.standing(is_active=self.is_active, assess_by=self.assess_by, closed_at=self.closed_at)

    @property
    def is_in_force(self) -> bool:
        return self.standing in {PurposeStanding.LIVE, PurposeStanding.WAITS}


class PurposeEvent(models.Model):
    """One step in the life of a purpose: registered, changed, live, stopped; append-only (PIPL 55, 69)."""

    PRIVACY = {"plain": {"id", "purpose", "word", "changes", "by", "at"}}
    HOLDING = "privacy.register"

    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="events")
    word = models.CharField(_("动作"), max_length=12)
    changes = models.JSONField(_("改了什么"), default=list, help_text=_("[[项目, 之前, 之后]]"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="purpose_event_append_only")]


class Notice(models.Model):
    """One published version of what people are told (PIPL 17); never edited."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "version",
            "audience",
            "purposes",
            "title",
            "body",
            "sha256",
            "is_material",
            "renews",
            "published_at",
            "published_by",
        }
    }
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=40)
    version = models.PositiveIntegerField(_("版本"))
    audience = models.CharField(_("对象"), max_length=8, choices=Audience.choices, default=Audience.ADULT)
    purposes = models.ManyToManyField(Purpose, related_name="notices")
    title = models.CharField(_("标题"), max_length=120)
    body = models.JSONField(_("章节"), help_text=_("[{code, title, paragraphs: [text]}]"))
    sha256 = models.CharField(max_length=64)
    is_material = models.BooleanField(
        _("须重新取得同意"),
        default=True,
        help_text=_("目的、方式或种类有变更时为是（个人信息保护法第十四条）"),
    )
    renews = models.JSONField(
        _("须重新同意的目的"), null=True, blank=True, help_text=_("空为告知里的全部目的")
    )
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.UUIDField(_("发布人"), null=True, blank=True)

    class Meta:
        ordering = ["code", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "version"], name="notice_version_once"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="notice_audience_known"),
            AppendOnly(name="notice_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def is_public(self) -> bool:
        """Everybody may read it; what is for the staff is read behind the door."""
        return self.audience != Audience.STAFF

    @property
    def brief(self) -> list[str]:
        """The short layer: what one must know before reading the rest."""
        return next((section["paragraphs"] for section in self.body if section["code"] == "brief"), [])

    @property
    def full(self) -> list[Any]:
        """Every section but the short layer."""
        return [section for section in self.body if section["code"] != "brief"]

    @property
    def handler(self) -> str:
        """Who tells it, as the head of a printed page says."""
        said = next((section["paragraphs"] for section in self.body if section["code"] == "handler"), [""])
        return said[0][:60] if said else ""
