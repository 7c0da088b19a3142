"""After the operation: tasks, reviews and the satisfaction survey."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.enums import StepKind
from yimei.journey.enums import ClavienDindo, TaskStatus
from yimei.journey.models.bookings import Booking
from yimei.journey.models.cases import Case
from yimei.journey.models.surgeries import Surgery
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedJSON, EncryptedText


class TaskQuerySet(models.QuerySet["AftercareTask"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(case__patient__sealed_at=None),
            staff,
            Permission.AFTERCARE_VIEW,
            own=Q(case__patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(case__campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related(
            "case__patient__person__vault_key", "case__procedure", "surgery", "done_by"
        )


class AftercareTask(models.Model):
    """One step of aftercare with its clock, made from the procedure's template."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "surgery",
            "kind",
            "title",
            "due_at",
            "late_at",
            "done_at",
            "done_by",
        },
        "health": {"status", "outcome", "has_red_flag"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="aftercare_tasks")
    surgery = models.ForeignKey(Surgery, models.PROTECT, related_name="aftercare_tasks")
    kind = models.CharField(_("类别"), max_length=12, choices=StepKind.choices)
    title = models.CharField(_("内容"), max_length=80)
    due_at = models.DateTimeField(_("应做"))
    late_at = models.DateTimeField(_("逾期"))
    status = models.CharField(_("状态"), max_length=10, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    outcome = EncryptedText(_("结果"), blank=True, default="")
    has_red_flag = models.BooleanField(_("有异常"), default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["status", "due_at"], name="aftercare_open_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False, done_by__isnull=False)
                | (~Q(status="done") & Q(done_at=None, done_by=None)),
                name="aftercare_done_by_someone",
            ),
            models.UniqueConstraint(fields=["surgery", "kind", "due_at"], name="aftercare_step_once"),
        ]


class Review(models.Model):
    """A clinical review after the operation, with complication grade (Clavien-Dindo)."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "booking", "by", "at"},
        "health": {"findings", "complication", "complication_note", "goal_reached"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews")
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="reviews", null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    findings = EncryptedText(_("检查所见"))
    complication = models.CharField(_("并发症"), max_length=2, choices=ClavienDindo.choices)
    complication_note = EncryptedText(_("并发症处理"), blank=True, default="")
    goal_reached = models.PositiveSmallIntegerField(_("期望达成 0–10"))

    class Meta:
        ordering = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="review_append_only"),
            models.CheckConstraint(condition=Q(goal_reached__lte=10), name="review_goal_in_range"),
        ]


class Survey(models.Model):
    """One satisfaction survey, answered through a link by its holder; only the token's hash is kept."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "created_at", "expires_at", "answered_at"},
        "personal": {"score", "dimensions", "comment"},
        "secret": {"token_hash"},
    }
    HOLDING = "journey.survey"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="surveys")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(_("推荐意愿 0–10"), null=True, blank=True)
    dimensions = EncryptedJSON(_("分项"), default=dict)
    comment = EncryptedText(_("评价"), blank=True, default="")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, score=None) | Q(answered_at__isnull=False, score__lte=10),
                name="survey_answered_whole",
            ),
        ]
