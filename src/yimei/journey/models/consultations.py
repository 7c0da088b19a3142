"""What the customer wants, and whether the customer is fit for it."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import TestItem
from yimei.journey.enums import Asa, Flag
from yimei.journey.models.bookings import Booking
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText


class Consultation(models.Model):
    """The on-site consultation: goals in the customer's own words, what can and what cannot be reached."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "booking", "by", "started_at", "ended_at"},
        "health": {"goals", "reachable", "unreachable", "budget"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="consultations")
    booking = models.OneToOneField(Booking, models.PROTECT, related_name="consultation")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    goals = EncryptedText(_("客户期望"), blank=True, default="")
    reachable = EncryptedText(_("可达到的范围"), blank=True, default="")
    unreachable = EncryptedText(_("不能达到的"), blank=True, default="")
    budget = EncryptedText(_("预算"), blank=True, default="")

    class Meta:
        ordering = ["-started_at"]


class Assessment(models.Model):
    """Pre-operative assessment by a physician; complete once signed off."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "by", "at"},
        "health": {
            "height_cm",
            "weight_kg",
            "asa",
            "history",
            "medication",
            "body_image_concern",
            "is_fit",
            "opinion",
            "stops",
            "scores",
        },
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    height_cm = models.DecimalField(_("身高"), max_digits=5, decimal_places=1)
    weight_kg = models.DecimalField(_("体重"), max_digits=5, decimal_places=1)
    asa = models.PositiveSmallIntegerField(_("ASA 分级"), choices=Asa.choices)
    history = EncryptedJSON(_("既往史"), default=dict)
    medication = EncryptedText(_("用药"), blank=True, default="")
    body_image_concern = models.BooleanField(_("体像障碍筛查阳性"), default=False)
    is_fit = models.BooleanField(_("适合手术"))
    opinion = EncryptedText(_("评估意见"))
    stops = EncryptedJSON(_("停药与禁忌期"), null=True, blank=True)
    scores = EncryptedJSON(_("风险评分"), null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="assessment_append_only"),
            models.CheckConstraint(condition=Q(asa__range=(1, 4)), name="assessment_asa_known"),
            models.CheckConstraint(
                condition=Q(height_cm__range=(50, 250), weight_kg__range=(10, 350)),
                name="assessment_body_sane",
            ),
        ]


class TestOrder(models.Model):
    """One test asked for before the operation."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "ordered_by", "ordered_at", "cancelled_at"},
        "health": {"test"},
    }
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="test_orders")
    test = models.ForeignKey(TestItem, models.PROTECT, related_name="+")
    ordered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ordered_at", "test__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "test"], condition=Q(cancelled_at=None), name="test_order_open_once"
            )
        ]


class TestResult(models.Model):
    """One result; a correction is a new row; an abnormal one blocks until a named doctor accepts it."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "order",
            "taken_at",
            "recorded_at",
            "recorded_by",
            "accepts",
            "report",
            "reference",
        },
        "health": {"value", "finding", "is_abnormal", "flag", "valid_to", "acceptance"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "order.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(TestOrder, models.PROTECT, related_name="results")
    value = EncryptedText(_("结果"), blank=True, default="")
    finding = EncryptedText(_("结论"), blank=True, default="")
    is_abnormal = models.BooleanField(_("异常"))
    flag = models.CharField(_("标志"), max_length=2, choices=Flag.choices, blank=True)
    reference = models.CharField(_("参考范围"), max_length=60, blank=True)
    report = models.ForeignKey(
        "journey.TestReport",
        models.PROTECT,
        related_name="results",
        null=True,
        blank=True,
        verbose_name=_("报告原件"),
    )
    taken_at = models.DateTimeField(_("采样时间"))
    valid_to = models.DateField(_("有效期至"), help_text=_("含当日"))
    accepts = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="accepted_by",
        null=True,
        blank=True,
        verbose_name=_("接受的异常结果"),
    )
    acceptance = EncryptedText(_("接受理由"), blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="test_result_append_only")]
