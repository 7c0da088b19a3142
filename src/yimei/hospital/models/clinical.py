"""What a clinician confirms about results and about times to wait: reference ranges, stop rules."""

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Evidence, StopKind
from yimei.hospital.models.catalogue import TestItem
from yimei.hospital.rules.clinical import ALWAYS


class Version(models.Model):
    """One version: from which day it counts, who entered it, which clinician confirmed it."""

    VERSIONED: ClassVar[set[str]] = {
        "public_id",
        "valid_from",
        "valid_to",
        "entered_at",
        "entered_by",
        "confirmed_at",
        "confirmed_by",
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    valid_from = models.DateField(_("生效"), default=ALWAYS)
    valid_to = models.DateField(_("失效"), null=True, blank=True, help_text=_("不含当日"))
    entered_at = models.DateTimeField(_("录入时间"), null=True, blank=True)
    entered_by = models.UUIDField(_("录入人"), null=True, blank=True, help_text=_("空着表示随程序发布"))
    confirmed_at = models.DateTimeField(_("临床确认时间"), null=True, blank=True)
    confirmed_by = models.UUIDField(_("临床确认人"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_shipped(self) -> bool:
        return self.entered_by is None

    @property
    def is_from_the_start(self) -> bool:
        return self.valid_from == ALWAYS

    def has_begun(self, today: date) -> bool:
        return self.valid_from <= today


def _confirmed_by_someone(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(confirmed_at=None, confirmed_by=None)
        | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
        name=name,
    )


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name=name)


class TestRange(Version):
    """The reference range of a test for a sex and an age; the row of the test itself where none fits."""

    PRIVACY = {
        "plain": {
            "id",
            "test",
            "sex",
            "age_from",
            "age_below",
            "low",
            "high",
            "critical_low",
            "critical_high",
            "evidence",
            "source",
        }
        | Version.VERSIONED
    }
    HOLDING = "hospital.reference"

    test = models.ForeignKey(TestItem, models.CASCADE, related_name="ranges")
    sex = models.CharField(_("性别"), max_length=1, blank=True, help_text=_("空着表示不分性别"))
    age_from = models.PositiveSmallIntegerField(_("自几岁（含）"), default=0)
    age_below = models.PositiveSmallIntegerField(_("未满几岁"), null=True, blank=True)
    low = models.DecimalField(_("参考下限"), max_digits=10, decimal_places=3, null=True, blank=True)
    high = models.DecimalField(_("参考上限"), max_digits=10, decimal_places=3, null=True, blank=True)
    critical_low = models.DecimalField(
        _("危急值下限"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    critical_high = models.DecimalField(
        _("危急值上限"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        ordering = ["test__code", "sex", "age_from", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["test", "sex", "age_from", "valid_from"], name="test_range_once"),
            models.UniqueConstraint(
                fields=["test", "sex", "age_from"], condition=Q(valid_to=None), name="test_range_one_open"
            ),
            _ends_after_start("test_range_ends_after_start"),
            _confirmed_by_someone("test_range_confirmed_by_someone"),
            models.CheckConstraint(
                condition=Q(age_below=None) | Q(age_below__gt=F("age_from")), name="test_range_ages_ordered"
            ),
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(high__gte=F("low")), name="test_range_limits_ordered"
            ),
        ]


class StopRule(Version):
    """What must have ended, and how many days before, ere somebody is operated (停药与禁忌期)."""

    PRIVACY = {
        "plain": {
            "id",
            "code",
            "kind",
            "name",
            "words",
            "days",
            "from_grade",
            "only_sex",
            "may_override",
            "advice",
            "evidence",
            "source",
            "is_active",
        }
        | Version.VERSIONED
    }
    HOLDING = "hospital.reference"

    code = models.CharField(_("编码"), max_length=24)
    kind = models.CharField(_("类别"), max_length=12, choices=StopKind.choices)
    name = models.CharField(_("名称"), max_length=40)
    words = models.JSONField(_("识别用词"), default=list, help_text=_("写在用药或安全提醒里的药名"))
    days = models.PositiveSmallIntegerField(_("须间隔天数"))
    from_grade = models.PositiveSmallIntegerField(_("自手术级别"), default=1)
    only_sex = models.CharField(_("仅限性别"), max_length=1, blank=True)
    may_override = models.BooleanField(_("医师可说明理由放行"), default=True)
    advice = models.CharField(_("提示"), max_length=200, blank=True)
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )
    source = models.CharField(_("依据"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["kind", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="stop_rule_once"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="stop_rule_one_open"),
            _ends_after_start("stop_rule_ends_after_start"),
            models.CheckConstraint(condition=Q(days__lte=730), name="stop_rule_days_sane"),
            _confirmed_by_someone("stop_rule_confirmed_by_someone"),
        ]

    def __str__(self) -> str:
        return self.name
