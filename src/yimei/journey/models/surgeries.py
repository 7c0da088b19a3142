"""The operation: schedule, team, safety check, times; recovery and discharge."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import Campus, Room
from yimei.journey.enums import Part, Phase, SurgeryStatus
from yimei.journey.models.cases import Case
from yimei.journey.models.plans import Plan
from yimei.journey.rules import surgeries as rules
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class SurgeryQuerySet(models.QuerySet["Surgery"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.SCHEDULE_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(case__patient__sealed_at=None),
            staff,
            permission,
            own=Q(case__patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related(
            "case__patient__person__vault_key", "plan__procedure", "room", "campus"
        ).with_members()

    def with_members(self) -> Self:
        """With who takes part, and their names, in one further query."""
        return self.prefetch_related(Prefetch("members", SurgeryMember.objects.select_related("staff")))


class Surgery(models.Model):
    """One operation on the board (排台)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "plan",
            "room",
            "starts_at",
            "ends_at",
            "created_at",
            "created_by",
        },
        "health": {
            "cancel_reason",
            "case",
            "status",
            "entered_at",
            "anaesthesia_at",
            "incision_at",
            "closure_at",
            "left_at",
            "discharged_at",
            "record",
            "blood_loss_ml",
        },
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="surgeries")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="surgeries")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, related_name="surgeries", verbose_name=_("手术间"))
    starts_at = models.DateTimeField(_("开始（含准备）"))
    ends_at = models.DateTimeField(_("结束（含清场）"))
    status = models.CharField(
        _("状态"), max_length=12, choices=SurgeryStatus.choices, default=SurgeryStatus.SCHEDULED
    )
    entered_at = models.DateTimeField(_("入室"), null=True, blank=True)
    anaesthesia_at = models.DateTimeField(_("麻醉开始"), null=True, blank=True)
    incision_at = models.DateTimeField(_("切皮"), null=True, blank=True)
    closure_at = models.DateTimeField(_("缝合结束"), null=True, blank=True)
    left_at = models.DateTimeField(_("离开手术间"), null=True, blank=True)
    discharged_at = models.DateTimeField(_("离院"), null=True, blank=True)
    record = EncryptedText(_("手术记录"), blank=True, default="")
    blood_loss_ml = models.PositiveIntegerField(_("出血量"), null=True, blank=True)
    cancel_reason = models.CharField(_("取消原因"), max_length=80, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = SurgeryQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["campus", "starts_at"], name="surgery_campus_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="surgery_ends_after_start"),
            models.CheckConstraint(condition=Q(status__in=SurgeryStatus.values), name="surgery_status_known"),
            models.UniqueConstraint(
                fields=["case"],
                condition=~Q(status__in=["cancelled", "discharged"]),
                name="surgery_one_open_per_case",
            ),
            models.CheckConstraint(
                condition=(
                    Q(incision_at=None)
                    | Q(anaesthesia_at__isnull=False, incision_at__gte=F("anaesthesia_at"))
                )
                & (Q(closure_at=None) | Q(incision_at__isnull=False, closure_at__gte=F("incision_at")))
                & (Q(left_at=None) | Q(closure_at__isnull=False, left_at__gte=F("closure_at"))),
                name="surgery_times_in_order",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[SurgeryStatus]:
        return rules.open_moves(SurgeryStatus(self.status))


class SurgeryMember(models.Model):
    """One person of the team and the part played."""

    PRIVACY = {"plain": {"id", "surgery", "staff", "part"}}
    HOLDING = "journey.record"

    surgery = models.ForeignKey(Surgery, models.CASCADE, related_name="members")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    part = models.CharField(max_length=14, choices=Part.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["surgery", "staff", "part"], name="surgery_member_once")
        ]


class ChecklistPhase(models.Model):
    """One of the three moments: every item answered, then signed by each (卫办医政发〔2010〕41号)."""

    PRIVACY = {
        "plain": {"id", "public_id", "surgery", "phase", "recorded_by", "recorded_at", "completed_at"},
        "health": {"answers"},
    }
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    surgery = models.ForeignKey(Surgery, models.PROTECT, related_name="phases")
    phase = models.CharField(max_length=10, choices=Phase.choices)
    answers = models.JSONField(_("核查项目"), help_text=_("{项目编码: yes|na|数字}"))
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["recorded_at"]
        constraints = [models.UniqueConstraint(fields=["surgery", "phase"], name="checklist_phase_once")]


class ChecklistSignature(models.Model):
    """One signature under one phase, made by the signer's own sign-in or password (电子签名法 13)."""

    PRIVACY = {"plain": {"id", "phase", "part", "staff", "at"}}
    HOLDING = "journey.record"

    phase = models.ForeignKey(ChecklistPhase, models.PROTECT, related_name="signatures")
    part = models.CharField(max_length=14, choices=Part.choices)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["phase", "part"], name="checklist_part_signs_once"),
            models.UniqueConstraint(fields=["phase", "staff"], name="checklist_person_signs_once"),
            AppendOnly(name="checklist_signature_append_only"),
        ]


class Observation(models.Model):
    """One set of vital signs with its Aldrete items (0–2 each), append-only; units as labelled."""

    PRIVACY = {
        "plain": {"id", "public_id", "surgery", "at", "by"},
        "health": {
            "systolic",
            "diastolic",
            "pulse",
            "respiration",
            "spo2",
            "temperature",
            "pain",
            "activity",
            "breathing",
            "circulation",
            "consciousness",
            "oxygen",
        },
    }
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    surgery = models.ForeignKey(Surgery, models.PROTECT, related_name="observations")
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    systolic = models.PositiveSmallIntegerField(_("收缩压 mmHg"))
    diastolic = models.PositiveSmallIntegerField(_("舒张压 mmHg"))
    pulse = models.PositiveSmallIntegerField(_("脉搏 次/分"))
    respiration = models.PositiveSmallIntegerField(_("呼吸 次/分"))
    spo2 = models.PositiveSmallIntegerField(_("SpO₂ %"))
    temperature = models.DecimalField(_("体温 ℃"), max_digits=3, decimal_places=1)
    pain = models.PositiveSmallIntegerField(_("疼痛 0–10"))
    activity = models.PositiveSmallIntegerField(_("活动"))
    breathing = models.PositiveSmallIntegerField(_("呼吸"))
    circulation = models.PositiveSmallIntegerField(_("循环"))
    consciousness = models.PositiveSmallIntegerField(_("意识"))
    oxygen = models.PositiveSmallIntegerField(_("血氧"))

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["surgery", "at"], name="observation_surgery_time")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="observation_append_only"),
            models.CheckConstraint(
                condition=Q(
                    activity__lte=2, breathing__lte=2, circulation__lte=2, consciousness__lte=2, oxygen__lte=2
                )
                & Q(pain__lte=10, spo2__lte=100),
                name="observation_scores_in_range",
            ),
            models.CheckConstraint(
                condition=Q(systolic__gt=F("diastolic")), name="observation_pressure_sane"
            ),
        ]

    @property
    def aldrete(self) -> int:
        return self.activity + self.breathing + self.circulation + self.consciousness + self.oxygen


class Discharge(models.Model):
    """The way home after an operation: escort, written advice, two names when a gate was overruled."""

    PRIVACY = {
        "plain": {"id", "public_id", "surgery", "at", "by", "second", "advice_given"},
        "personal": {"escort_name", "escort_phone"},
        "health": {"override_reason"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "surgery.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    surgery = models.OneToOneField(Surgery, models.PROTECT, related_name="discharge")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    second = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    escort_name = EncryptedText(_("陪同人"), blank=True, default="")
    escort_phone = EncryptedText(_("陪同人电话"), blank=True, default="")
    advice_given = models.BooleanField(_("已交付书面注意事项"))
    override_reason = EncryptedText(_("越过理由"), blank=True, default="")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=Q(second=None) | ~Q(second=F("by")), name="discharge_two_names"),
        ]
