"""Flows, their versions, everybody's way through them, and the tasks they give to staff."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import FlowStatus, RunEnd, StepResult
from yimei.growth.models.profiles import Profile
from yimei.growth.models.segments import Segment
from yimei.hospital.models import Campus
from yimei.outbox.models import EnquiryMessage, Message
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class FlowQuerySet(models.QuerySet["Flow"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.GROWTH_VIEW) -> Self:
        """Those of the reader's campus; the group's are read by all and changed from its scope."""
        is_read = permission == Permission.GROWTH_VIEW
        campus = Q(campus=staff.campus_id) | Q(campus=None) if is_read else Q(campus=staff.campus_id)
        return scoped(self, staff, permission, own=Q(pk=None), campus=campus)  # type: ignore[return-value]

    def running(self) -> Self:
        return self.filter(status=FlowStatus.RUNNING)


class Flow(models.Model):
    """An automatic journey: who comes in, what then happens; edited as a draft, run as a version."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "name", "use", "campus", "status", "number", "draft", "segment", "seq",
            "checked_on", "created_at", "created_by",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    use = models.CharField(_("用途"), max_length=10, choices=SegmentUse.choices)
    campus = models.ForeignKey(
        Campus, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("院区")
    )
    status = models.CharField(_("状态"), max_length=8, choices=FlowStatus.choices, default=FlowStatus.DRAFT)
    number = models.PositiveIntegerField(_("版本"), default=0, help_text=_("0 为尚未发布"))
    draft = models.JSONField(_("草稿"))
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="flows", null=True, blank=True)
    seq = models.BigIntegerField(_("已读到的日志序号"), default=0)
    checked_on = models.DateField(_("日期触发检查到"), null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = FlowQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FlowStatus.values), name="flow_status_known"),
            models.CheckConstraint(
                condition=Q(status="draft", number=0) | ~Q(status="draft"), name="flow_draft_unpublished"
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(number__gte=1), name="flow_runs_a_version"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FlowVersion(models.Model):
    """A flow as it was published; append-only, and whoever entered by it goes on by it."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "flow", "number", "graph", "sha256", "by", "at"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    flow = models.ForeignKey(Flow, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版本"))
    graph = models.JSONField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="flow_version_append_only"),
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_once"),
        ]


class FlowRun(models.Model):
    """One person's way through a flow; once for each occasion, and never two at once."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "flow", "version", "key", "is_held_out", "node", "wake_at", "entered_at",
            "ended_at", "ended_because",
        },
        "personal": {"profile"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.flow"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"profile": ("care.identity", "marketing")}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    flow = models.ForeignKey(Flow, models.PROTECT, related_name="runs")
    version = models.ForeignKey(FlowVersion, models.PROTECT, related_name="runs")
    profile = models.ForeignKey(Profile, models.SET_NULL, related_name="runs", null=True, blank=True)
    key = models.CharField(_("由何进入"), max_length=80)
    is_held_out = models.BooleanField(_("对照组"), default=False)
    node = models.CharField(_("下一步"), max_length=40, blank=True)
    wake_at = models.DateTimeField(_("何时继续"), null=True, blank=True)
    entered_at = models.DateTimeField(_("进入时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    ended_because = models.CharField(_("结束原因"), max_length=10, choices=RunEnd.choices, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["flow", "wake_at"], condition=Q(ended_at=None), name="flow_run_due"),
            models.Index(fields=["flow", "profile", "-entered_at"], name="flow_run_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["flow", "key"], name="flow_run_once"),
            models.UniqueConstraint(
                fields=["flow", "profile"], condition=Q(ended_at=None), name="flow_run_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="", wake_at__isnull=False)
                | (Q(ended_at__gte=F("entered_at"), wake_at=None) & ~Q(ended_because="")),
                name="flow_run_ends_for_a_reason",
            ),
        ]


class FlowStep(models.Model):
    """One step that somebody took, and what came of it; append-only, each step at most once in a run."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "run", "node", "at", "result", "word", "message", "enquiry"}
    }
    HOLDING: ClassVar[str] = "growth.flow"

    run = models.ForeignKey(FlowRun, models.PROTECT, related_name="steps")
    node = models.CharField(max_length=40)
    at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=StepResult.choices)
    word = models.CharField(max_length=40, blank=True)
    message = models.ForeignKey(Message, models.PROTECT, related_name="+", null=True, blank=True)
    enquiry = models.ForeignKey(
        EnquiryMessage,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("发给咨询者的消息"),
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["node", "result"], name="flow_step_figures")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="flow_step_append_only"),
            models.UniqueConstraint(fields=["run", "node"], name="flow_step_once"),
        ]


class FlowTaskQuerySet(models.QuerySet["FlowTask"]):
    def open(self) -> Self:
        return self.filter(done_at=None, profile__isnull=False)

    def visible_to(self, staff: Staff) -> Self:
        """One's own; whoever runs flows sees those of the campus."""
        if staff.may(Permission.GROWTH_WRITE):
            return self.filter(Q(staff=staff) | Q(staff__campus=staff.campus_id))
        return self.filter(staff=staff)


class FlowTask(models.Model):
    """What a flow asks a member of staff to do for somebody, once."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "step_key", "staff", "due_at", "done_at", "done_by", "created_at"},
        "personal": {"profile", "text"},
    }
    HOLDING: ClassVar[str] = "growth.flow"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("profile", "text"), ("care.identity", "marketing")
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    step_key = models.CharField(max_length=80, unique=True)
    profile = models.ForeignKey(Profile, models.SET_NULL, related_name="tasks", null=True, blank=True)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="flow_tasks")
    text = models.CharField(_("内容"), max_length=80)
    due_at = models.DateTimeField(_("最迟"))
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField()

    objects = FlowTaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["staff", "due_at"], condition=Q(done_at=None), name="flow_task_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="flow_task_done_by_someone",
            )
        ]
