"""Results that came on paper or in a file of a laboratory."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import Campus
from yimei.journey.enums import LabRowStatus
from yimei.journey.models.cases import Case
from yimei.journey.models.consultations import TestResult
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import DataKey, StoredFile


class TestReport(models.Model):
    """The original report of a laboratory as PDF, kept beside the values typed from it."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "file",
            "by",
            "at",
            "voided_at",
            "voided_by",
        },
        "health": {"taken_on", "laboratory", "void_reason"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="test_reports")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    taken_on = models.DateField(_("采样日期"))
    laboratory = EncryptedText(_("检验机构"), blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    voided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    void_reason = EncryptedText(_("作废原因"), blank=True, default="")

    class Meta:
        ordering = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="test_report_append_only", allow=["voided_at", "voided_by", "void_reason"]),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None)
                | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="test_report_voided_whole",
            ),
        ]


class LabImportQuerySet(models.QuerySet["LabImport"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self, staff, Permission.TEST_WRITE, own=Q(by=staff), campus=Q(campus=staff.campus_id)
        )


class LabImport(models.Model):
    """One file of results. It has a key of its own: rows that fit nobody are nobody's, and end with it."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "vault_key",
            "file",
            "sha256",
            "encoding",
            "mapping",
            "rows_total",
            "by",
            "at",
            "ran_at",
            "closed_at",
        }
    }
    HOLDING = "journey.lab_import"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(_("编码"), max_length=12)
    mapping = models.JSONField(_("列对应"), default=dict)
    rows_total = models.PositiveIntegerField(_("行数"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ran_at = models.DateTimeField(_("入库时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("清除时间"), null=True, blank=True)

    objects = LabImportQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["campus", "sha256"], condition=Q(closed_at=None), name="lab_import_file_once"
            )
        ]


class LabRow(models.Model):
    """One row of a file: what became of it; its words stay only while somebody has to mend them."""

    PRIVACY = {
        "plain": {"id", "public_id", "lab_import", "number", "status", "result", "settled_by", "settled_at"},
        "health": {"cells", "reason"},
    }
    HOLDING = "journey.lab_import"
    VAULT: ClassVar[str] = "lab_import.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lab_import = models.ForeignKey(LabImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("行号"))
    status = models.CharField(_("结果"), max_length=10, choices=LabRowStatus.choices)
    cells = EncryptedJSON(_("原文"), default=dict)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    result = models.ForeignKey(TestResult, models.PROTECT, related_name="+", null=True, blank=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["lab_import", "number"], name="lab_row_once"),
            models.CheckConstraint(condition=Q(status__in=LabRowStatus.values), name="lab_row_status_known"),
        ]
