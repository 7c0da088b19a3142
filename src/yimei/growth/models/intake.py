"""The ways by which outside programs and files bring enquiries, and what has come by each."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.models.leads import Lead
from yimei.hospital.models import Campus
from yimei.people.enums import SourceKind
from yimei.people.models import Staff
from yimei.vault.models import DataKey, StoredFile


class GateQuerySet(models.QuerySet["Gate"]):
    def visible_to(self, staff: Staff) -> Self:
        return self.filter(campus=staff.campus_id)


class Gate(models.Model):
    """One outside program that may bring enquiries to one campus; its secret is computed, never kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "name",
            "campus",
            "source",
            "generation",
            "refused",
            "created_at",
            "created_by",
            "stopped_at",
        }
    }
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    source = models.CharField(_("来源"), max_length=12, choices=SourceKind.choices)
    generation = models.PositiveIntegerField(_("密钥的第几代"), default=1)
    refused = models.PositiveIntegerField(_("未收下的次数"), default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = GateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["campus", "name"], condition=Q(stopped_at=None), name="gate_name_once"
            ),
            models.CheckConstraint(condition=Q(source__in=SourceKind.values), name="gate_source_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Intake(models.Model):
    """One enquiry that came by a gate; the same number of the other program exists once. Append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "gate", "ref", "lead", "at"}}
    HOLDING: ClassVar[str] = "growth.lead"

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="intakes")
    ref = models.CharField(_("对方的编号"), max_length=64)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="intakes")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="intake_append_only"),
            models.UniqueConstraint(fields=["gate", "ref"], name="intake_once"),
        ]


class LeadFile(models.Model):
    """One file of enquiries, taken in line by line; its bytes lie under a key of their own for a few days."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "sha256", "source", "vault_key", "file", "rows", "created", "linked",
            "refused", "by", "at", "finished_at", "cleared_at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.intake"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    source = models.CharField(_("来源"), max_length=12, choices=SourceKind.choices, blank=True)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    rows = models.PositiveIntegerField(_("行数"))
    created = models.PositiveIntegerField(_("新线索"), default=0)
    linked = models.PositiveIntegerField(_("并入已有"), default=0)
    refused = models.JSONField(_("未收下的行"), default=list, help_text=_("行号与原因，不含内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("原文件销毁时间"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(
                name="lead_file_append_only",
                allow=["created", "linked", "refused", "finished_at", "cleared_at"],
            ),
            models.UniqueConstraint(fields=["campus", "sha256"], name="lead_file_once"),
        ]

    @property
    def is_finished(self) -> bool:
        """Files of the first releases were read at once and have no bytes."""
        return self.finished_at is not None or self.file_id is None


class LeadFileLine(models.Model):
    """What became of one line of a file, written with its lead: a worker that dies takes no line twice."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "file", "number", "lead", "is_new", "why"}}
    HOLDING: ClassVar[str] = "growth.lead"

    file = models.ForeignKey(LeadFile, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField(_("行号"))
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="+", null=True, blank=True)
    is_new = models.BooleanField(_("新线索"), default=False)
    why = models.CharField(_("为什么没收下"), max_length=200, blank=True)

    class Meta:
        ordering = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="lead_file_line_append_only"),
            models.UniqueConstraint(fields=["file", "number"], name="lead_file_line_once"),
            models.CheckConstraint(
                condition=Q(lead__isnull=False, why="") | (Q(lead=None, is_new=False) & ~Q(why="")),
                name="lead_file_line_taken_or_why",
            ),
        ]
