"""Who cares for whom, and who looked without caring (紧急访问)."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import CareReason, GlassCode
from yimei.people.models.patients import Patient
from yimei.people.models.scoping import scoped
from yimei.people.models.staff import Staff
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class CareRelation(models.Model):
    """A member of staff works for this patient; the ground for scope *own* and for clinical content."""

    PRIVACY = {"plain": {"id", "patient", "staff", "reason", "since", "until", "merge"}}
    HOLDING = "people.patient"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_relations")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="care_relations")
    reason = models.CharField(_("职责"), max_length=16, choices=CareReason.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    merge = models.ForeignKey(
        "people.Merge",
        models.PROTECT,
        related_name="mirrored",
        null=True,
        blank=True,
        verbose_name=_("因并档"),
        help_text=_("照护同一人的另一份档案；并档撤销时随之结束"),
    )

    class Meta:
        ordering = ["since"]
        indexes = [models.Index(fields=["staff", "until", "patient"], name="care_staff_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "staff", "reason"], condition=Q(until=None), name="care_open_once"
            ),
        ]


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            Permission.PRIVACY_VIEW,
            own=Q(staff=staff),
            campus=Q(patient__campus=staff.campus_id),
        )

    def awaiting_review(self) -> Self:
        return self.filter(reviewed_at=None)


class BreakGlass(models.Model):
    """An emergency look at clinical content without a care relation; judged within some working days."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "staff",
            "at",
            "until",
            "review_due_at",
            "reviewed_at",
            "reviewed_by",
            "is_justified",
            "lost_until",
            "code",
        },
        "health": {"reason"},
    }
    HOLDING = "people.breakglass"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="break_glasses")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="break_glasses")
    code = models.CharField(_("事由"), max_length=16, choices=GlassCode.choices, default=GlassCode.OTHER)
    reason = EncryptedText(_("理由"))
    at = models.DateTimeField()
    until = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    is_justified = models.BooleanField(null=True, blank=True)
    lost_until = models.DateTimeField(
        _("权限暂停至"), null=True, blank=True, help_text=_("判为理由不成立之后")
    )

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["staff", "patient", "until"], name="glass_staff_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="glass_ends_after_start"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, is_justified=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, is_justified__isnull=False),
                name="glass_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(lost_until=None) | Q(is_justified=False, lost_until__gt=F("reviewed_at")),
                name="glass_lost_when_unjustified",
            ),
            models.CheckConstraint(condition=Q(code__in=GlassCode.values), name="glass_code_known"),
        ]


class MinorLookQuerySet(models.QuerySet["MinorLook"]):
    def visible_to(self, staff: Staff) -> Self:
        """Those whom the reader asked for, whose patient she treats, or all that the officer answers for."""
        caring = Q(patient__in=staff.care_relations.filter(until=None).values("patient"))
        own = Q(staff=staff) | caring
        if not staff.may(Permission.PRIVACY_WRITE):
            return self.filter(own)
        return scoped(  # type: ignore[return-value]
            self, staff, Permission.PRIVACY_WRITE, own=own, campus=own | Q(patient__campus=staff.campus_id)
        )

    def with_people(self) -> Self:
        return self.select_related("patient__person__vault_key", "staff", "judged_by")


class MinorLook(models.Model):
    """A look at a minor's chart outside the treating team, approved beforehand (未成年人网络保护条例 36)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "staff",
            "asked_at",
            "judged_at",
            "judged_by",
            "is_granted",
            "until",
        },
        "health": {"reason"},
    }
    HOLDING = "people.breakglass"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="minor_looks")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="minor_looks")
    reason = EncryptedText(_("理由"))
    asked_at = models.DateTimeField(_("申请时间"))
    judged_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    judged_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("审批人")
    )
    is_granted = models.BooleanField(_("批准"), null=True, blank=True)
    until = models.DateTimeField(_("有效至"), null=True, blank=True)

    objects = MinorLookQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "staff"], condition=Q(judged_at=None), name="minor_look_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(judged_at=None, judged_by=None, is_granted=None, until=None)
                | Q(judged_at__isnull=False, judged_by__isnull=False, is_granted=True, until__isnull=False)
                | Q(judged_at__isnull=False, judged_by__isnull=False, is_granted=False, until=None),
                name="minor_look_judged_whole",
            ),
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("staff")), name="minor_look_by_another"
            ),
        ]


class Canary(models.Model):
    """A person who does not exist, planted for one member of staff: whoever opens her had no work there."""

    PRIVACY = {"plain": {"id", "patient", "planted_for", "planted_by", "planted_at"}}
    HOLDING = "people.access"

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="canary")
    planted_for = models.OneToOneField(
        Staff, models.PROTECT, related_name="canary", verbose_name=_("为谁埋设")
    )
    planted_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("埋设人")
    )
    planted_at = models.DateTimeField(_("埋设时间"))

    class Meta:
        ordering = ["planted_at"]
