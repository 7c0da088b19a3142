"""Face and body maps: where what was given, or is meant to be, one map for each visit."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import FrozenOnce
from yimei.journey.enums import MapKind
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile


class TreatmentMap(models.Model):
    """Points on figures with product, dose and lot; a draft until it is finished, then frozen."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "kind",
            "on",
            "revision",
            "writer",
            "started_at",
            "started_by",
            "saved_at",
            "completed_at",
            "completed_by",
            "sha256",
            "supersedes",
        },
        "health": {"points", "note", "pdf"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="maps")
    kind = models.CharField(_("性质"), max_length=8, choices=MapKind.choices)
    on = models.DateField(_("就诊日期"))
    points = EncryptedJSON(_("标记点"), default=list)
    note = EncryptedText(_("说明"), blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    writer = models.CharField(max_length=32, blank=True, help_text=_("最近保存的页面"))
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("开始标记的人"))
    saved_at = models.DateTimeField(_("最近保存"))
    completed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    completed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("完成人")
    )
    sha256 = models.CharField(max_length=64, blank=True)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        related_name="superseded_by",
        null=True,
        blank=True,
        verbose_name=_("更正的上一张"),
    )

    class Meta:
        ordering = ["-on", "-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(completed_at=None), name="map_one_draft"
            ),
            models.CheckConstraint(condition=Q(kind__in=MapKind.values), name="map_kind_known"),
            models.CheckConstraint(
                condition=Q(completed_at=None, completed_by=None, pdf=None, sha256="")
                | (
                    Q(completed_at__isnull=False, completed_by__isnull=False, pdf__isnull=False)
                    & ~Q(sha256="")
                ),
                name="map_complete_whole",
            ),
            FrozenOnce(name="map_frozen", field="completed_at"),
        ]
