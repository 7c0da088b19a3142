"""What must not be deleted for now, and what stands beside a signed record."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums import HoldEnd, HoldKind, RecordKind
from yimei.privacy.models.requests import RightsRequest
from yimei.vault.fields import EncryptedText


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            Permission.PRIVACY_VIEW,
            own=Q(opened_by=staff),
            campus=Q(patient__campus=staff.campus_id),
        )

    def open(self) -> Self:
        return self.filter(released_at=None)

    def with_people(self) -> Self:
        return self.select_related(
            "patient__person__vault_key", "patient__campus", "opened_by", "released_by"
        )


class LegalHold(models.Model):
    """A dispute, an order or an inquiry during which nothing of a person is deleted (封存、保全)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "kind",
            "manifest",
            "manifest_sha256",
            "opened_at",
            "opened_by",
            "released_at",
            "released_by",
            "release_reason",
        },
        "personal": {"ground", "parties", "release_note"},
    }
    HOLDING = "privacy.hold"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="legal_holds")
    kind = models.CharField(_("性质"), max_length=10, choices=HoldKind.choices)
    ground = EncryptedText(_("事由与文号"))
    parties = EncryptedText(_("在场各方"))
    manifest = models.JSONField(
        _("封存清单"), default=list, help_text=_("[{holding, rows, sha256}]：类别、条数与摘要，不含内容")
    )
    manifest_sha256 = models.CharField(_("清单摘要"), max_length=64)
    opened_at = models.DateTimeField(_("封存时间"))
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("办理人"))
    released_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    released_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("解除人")
    )
    release_reason = models.CharField(_("解除理由"), max_length=8, choices=HoldEnd.choices, blank=True)
    release_note = EncryptedText(_("解除说明"), blank=True, default="")

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            models.Index(fields=["patient"], condition=Q(released_at=None), name="legal_hold_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HoldKind.values), name="legal_hold_kind_known"),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None, release_reason="")
                | Q(released_at__isnull=False, released_by__isnull=False, release_reason__gt=""),
                name="legal_hold_released_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the list of sealed things and the telephone call it."""
        return str(self.public_id)[:8].upper()


class Addendum(models.Model):
    """What a person asked to be set right in a signed record: stands beside it, changes nothing in it."""

    PRIVACY = {
        "plain": {"id", "public_id", "patient", "request", "by", "at"},
        "health": {"about", "text"},
    }
    HOLDING = "privacy.addendum"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="addenda")
    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="addenda", verbose_name=_("请求"))
    about = models.CharField(_("补充到"), max_length=10, choices=RecordKind.choices)
    text = EncryptedText(_("补充内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("核实人"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="addendum_append_only"),
            models.CheckConstraint(condition=Q(about__in=RecordKind.values), name="addendum_record_known"),
        ]
