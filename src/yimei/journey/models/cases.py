"""One treatment episode and its append-only history of moves."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import Campus, Procedure
from yimei.journey.enums import CaseStage, LossReason, Side
from yimei.journey.rules import cases as rules
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.models import DataKey


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.PATIENT_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            permission,
            own=Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(campus=staff.campus_id),
        )

    def open(self) -> Self:
        return self.exclude(stage__in=[CaseStage.CLOSED, CaseStage.LOST])

    def with_people(self) -> Self:
        people = ("patient__person__vault_key", "patient__campus", "consultant", "surgeon", "next_owner")
        return self.select_related(*people, "procedure", "campus")


class Case(models.Model):
    """One treatment episode (诊疗事件), from first booking to survey. Exactly one next action while open."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "opened_at",
            "opened_by",
            "stage_since",
            "consultant",
            "surgeon",
            "next_due_at",
            "next_owner",
            "closed_at",
        },
        "health": {"patient", "procedure", "side", "stage", "next_action", "loss_reason"},
    }
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="cases")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="cases", verbose_name=_("院区"))
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("意向项目"))
    side = models.CharField(_("部位侧"), max_length=6, choices=Side.choices, default=Side.NONE)
    stage = models.CharField(_("阶段"), max_length=12, choices=CaseStage.choices, default=CaseStage.BOOKED)
    stage_since = models.DateTimeField(_("进入本阶段"))
    consultant = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("现场咨询")
    )
    surgeon = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("主诊医师")
    )
    next_action = models.CharField(_("下一步"), max_length=80, blank=True)
    next_due_at = models.DateTimeField(_("最迟"), null=True, blank=True)
    next_owner = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("负责人")
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    loss_reason = models.CharField(_("未成交原因"), max_length=10, choices=LossReason.choices, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            models.Index(fields=["campus", "stage", "-stage_since"], name="case_campus_stage"),
            models.Index(fields=["patient", "-opened_at"], name="case_patient_recent"),
            models.Index(fields=["next_owner", "next_due_at"], name="case_next_action"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=CaseStage.values), name="case_stage_known"),
            models.CheckConstraint(
                condition=Q(stage="lost", loss_reason__gt="") | (~Q(stage="lost") & Q(loss_reason="")),
                name="case_lost_says_why",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["closed", "lost"], closed_at__isnull=False)
                | (~Q(stage__in=["closed", "lost"]) & Q(closed_at=None)),
                name="case_closed_at_matches_stage",
            ),
        ]

    @property
    def subject(self) -> DataKey:
        """The opaque key under which the audit log knows this customer."""
        return self.patient.person.vault_key

    @property
    def open_moves(self) -> frozenset[CaseStage]:
        return rules.open_moves(CaseStage(self.stage))


class CaseMove(models.Model):
    """One move of a case; append-only, followed by upper parts from a cursor."""

    PRIVACY = {"plain": {"id", "public_id", "case", "by", "at"}, "health": {"old", "new", "note"}}
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="moves")
    old = models.CharField(max_length=12, choices=CaseStage.choices, blank=True)
    new = models.CharField(max_length=12, choices=CaseStage.choices)
    note = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="case_move_append_only", erasable=["note"])
        ]
