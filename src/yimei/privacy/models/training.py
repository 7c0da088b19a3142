"""Courses, what staff learned of them, and drills against fraud (PIPL 51(4))."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Staff
from yimei.privacy.enums.incidents import DrillOutcome


class Course(models.Model):
    """One published version of a course; an edit is a new version."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "code", "version", "title", "minutes", "body", "quiz", "pass_mark", "months",
            "is_required", "published_at", "published_by",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=40)
    version = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("课程"), max_length=80)
    minutes = models.PositiveSmallIntegerField(_("时长（分钟）"))
    body = models.TextField(_("正文"))
    quiz = models.TextField(_("测验"))
    pass_mark = models.PositiveSmallIntegerField(_("及格分"), default=80)
    months = models.PositiveSmallIntegerField(_("有效期（个月）"), default=12)
    is_required = models.BooleanField(_("必修"), default=True)
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["code", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "version"], name="course_version_once"),
            models.CheckConstraint(condition=Q(pass_mark__lte=100), name="course_pass_mark_of_hundred"),
            AppendOnly(name="course_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class TrainingRecord(models.Model):
    """One attempt of one member of staff at one quiz, with the answers that prove it; append-only."""

    PRIVACY = {
        "plain": {"id", "public_id", "staff", "course", "at", "is_passed", "valid_to", "sha256"},
        "personal": {"answers", "score"},
    }
    HOLDING = "people.staff"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"answers": ("staff",), "score": ("staff",)}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="training")
    course = models.ForeignKey(Course, models.PROTECT, related_name="records")
    at = models.DateTimeField(_("时间"))
    answers = models.JSONField(_("作答"), default=list)
    score = models.PositiveSmallIntegerField(_("得分"))
    is_passed = models.BooleanField(_("及格"))
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)
    sha256 = models.CharField(_("凭证摘要"), max_length=64)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["staff", "is_passed", "valid_to"], name="training_standing")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(is_passed=True, valid_to__isnull=False) | Q(is_passed=False, valid_to=None),
                name="training_passed_until_a_day",
            ),
            AppendOnly(name="training_append_only", erasable=["answers"]),
        ]


class PhishDrill(models.Model):
    """A harmless false message to the staff, to learn from."""

    PRIVACY = {"plain": {"id", "public_id", "scenario", "started_at", "by"}}
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scenario = models.CharField(_("情景"), max_length=24)
    started_at = models.DateTimeField(_("开始"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-started_at"]


class DrillTarget(models.Model):
    """What one member of staff did with the false message."""

    PRIVACY = {"plain": {"id", "public_id", "drill", "staff", "outcome", "acted_at"}}
    HOLDING = "people.staff"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    drill = models.ForeignKey(PhishDrill, models.PROTECT, related_name="targets")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    outcome = models.CharField(
        _("结果"), max_length=10, choices=DrillOutcome.choices, default=DrillOutcome.SENT
    )
    acted_at = models.DateTimeField(_("时间"), null=True, blank=True)

    class Meta:
        ordering = ["drill_id", "staff_id"]
        constraints = [
            models.UniqueConstraint(fields=["drill", "staff"], name="drill_target_once"),
            models.CheckConstraint(condition=Q(outcome__in=DrillOutcome.values), name="drill_outcome_known"),
        ]
