"""Patterns in the log that somebody must look at."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums.watch import AlarmKind, AlarmSeverity, AlarmVerdict


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def visible_to(self, staff: Staff) -> Self:
        """Whoever watches over the log; nobody sees the alarms about herself."""
        others = self.exclude(staff=staff)
        return scoped(  # type: ignore[return-value]
            others,
            staff,
            Permission.PRIVACY_VIEW,
            own=Q(pk=None),
            campus=Q(staff__campus=staff.campus_id),
        )

    def open(self) -> Self:
        return self.filter(closed_at=None)


class Alarm(models.Model):
    """One pattern of one member of staff, with the numbers that explain it; ids, never names."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "key", "kind", "severity", "staff", "since", "until", "seen", "usual", "facts",
            "raised_at", "taken_at", "taken_by", "closed_at", "closed_by", "verdict", "note", "incident",
        },
        "personal": {"subject_key"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "privacy.exports"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(_("幂等键"), max_length=120, unique=True)
    kind = models.CharField(_("规则"), max_length=12, choices=AlarmKind.choices)
    severity = models.CharField(_("程度"), max_length=8, choices=AlarmSeverity.choices)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("谁的操作"))
    subject_key = models.UUIDField(_("当事人密钥编号"), null=True, blank=True)
    since = models.DateTimeField(_("从"))
    until = models.DateTimeField(_("到"))
    seen = models.PositiveIntegerField(_("实际"))
    usual = models.PositiveIntegerField(_("界限"), help_text=_("由本人与同岗位的平日算出"))
    facts = models.JSONField(_("依据"), default=dict, help_text=_("只放编号与数字"))
    raised_at = models.DateTimeField(_("发出时间"))
    taken_at = models.DateTimeField(_("接手时间"), null=True, blank=True)
    taken_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("接手人")
    )
    closed_at = models.DateTimeField(_("结案时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("结案人")
    )
    verdict = models.CharField(_("结论"), max_length=10, choices=AlarmVerdict.choices, blank=True)
    note = models.CharField(_("核查说明"), max_length=500, blank=True, help_text=_("不写任何人的姓名、电话"))
    incident = models.CharField(_("安全事件"), max_length=100, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(fields=["-raised_at"], condition=Q(closed_at=None), name="alarm_open"),
            models.Index(fields=["staff", "-raised_at"], name="alarm_staff"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
            models.CheckConstraint(
                condition=Q(severity__in=AlarmSeverity.values), name="alarm_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None) | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="alarm_taken_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, verdict="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, verdict__in=AlarmVerdict.values),
                name="alarm_closed_whole",
            ),
        ]
