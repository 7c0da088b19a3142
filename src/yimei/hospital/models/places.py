"""Where work happens and on which days."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import DayKind, Grade, InstitutionKind, RoomKind

CODE_TAKEN = _("本院区已有相同的编码。")


class Campus(models.Model):
    """One licensed place of the hospital (院区)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "name",
            "address",
            "phone",
            "licence_no",
            "institution_kind",
            "max_grade",
            "is_active",
        }
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=16, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    licence_no = models.CharField(_("医疗机构执业许可证号"), max_length=40, blank=True)
    institution_kind = models.CharField(_("机构类别"), max_length=16, choices=InstitutionKind.choices)
    max_grade = models.PositiveSmallIntegerField(_("可开展手术最高级别"), choices=Grade.choices)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(max_grade__range=(0, 4)), name="campus_grade_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department (科室) of one campus."""

    PRIVACY = {"plain": {"id", "public_id", "campus", "code", "name", "is_active"}}
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="departments", verbose_name=_("院区"))
    code = models.CharField(_("编码"), max_length=16)
    name = models.CharField(_("名称"), max_length=80)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["campus_id", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "code"], name="department_code_once", violation_error_message=CODE_TAKEN
            )
        ]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room that can be claimed for a stretch of time."""

    PRIVACY = {"plain": {"id", "public_id", "campus", "code", "name", "kind", "is_active"}}
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="rooms", verbose_name=_("院区"))
    code = models.CharField(_("编码"), max_length=16)
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类别"), max_length=16, choices=RoomKind.choices)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["campus_id", "kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "code"], name="room_code_once", violation_error_message=CODE_TAKEN
            )
        ]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A machine that can be in one place at a time (laser, liposuction pump, endoscope)."""

    PRIVACY = {"plain": {"id", "public_id", "campus", "code", "name", "serial_no", "is_active"}}
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="devices", verbose_name=_("院区"))
    code = models.CharField(_("编码"), max_length=16)
    name = models.CharField(_("名称"), max_length=80)
    serial_no = models.CharField(_("序列号"), max_length=60, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["campus_id", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "code"], name="device_code_once", violation_error_message=CODE_TAKEN
            )
        ]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """A named pattern of hours (白班, 早班, 值班) at local time; never crosses midnight."""

    PRIVACY = {"plain": {"id", "public_id", "campus", "code", "name", "starts", "ends"}}
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="shifts", verbose_name=_("院区"))
    code = models.CharField(_("编码"), max_length=16)
    name = models.CharField(_("名称"), max_length=40)
    starts = models.TimeField(_("开始"))
    ends = models.TimeField(_("结束"))

    class Meta:
        ordering = ["campus_id", "starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["campus", "code"], name="shift_code_once", violation_error_message=CODE_TAKEN
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="shift_ends_after_start",
                violation_error_message=_("班次的结束时间必须晚于开始时间，不能跨过午夜。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day that is not what its weekday says: public holiday or make-up workday (国务院办公厅年度通知)."""

    PRIVACY = {"plain": {"id", "day", "kind", "name", "source"}}
    HOLDING = "hospital.reference"

    day = models.DateField(_("日期"), unique=True)
    kind = models.CharField(_("性质"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("名称"), max_length=40)
    source = models.CharField(_("依据"), max_length=120)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
