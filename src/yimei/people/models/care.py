"""Who cares for whom, and who looked without caring (紧急访问)."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import CareReason
from yimei.people.models.patients import Patient
from yimei.people.models.scoping import scoped
from yimei.people.models.staff import Staff
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class CareRelation(models.Model):
    """A member of staff works for this patient; the ground for scope *own* and for clinical content."""

    PRIVACY = {"plain": {"id", "patient", "staff", "reason", "since", "until"}}
    HOLDING = "people.patient"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_relations")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="care_relations")
    reason = models.CharField(_("职责"), max_length=16, choices=CareReason.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

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
    """An emergency look at clinical content without a care relation; reviewed within a working day."""

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
        },
        "health": {"reason"},
    }
    HOLDING = "people.breakglass"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="break_glasses")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="break_glasses")
    reason = EncryptedText(_("理由"))
    at = models.DateTimeField()
    until = models.DateTimeField()
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    is_justified = models.BooleanField(null=True, blank=True)

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
        ]
