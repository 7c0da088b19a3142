"""Every list that leaves the program, and every leave to look at very many people: asked, judged, kept."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.enums import LookPurpose
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums.watch import ExportKind, ExportState
from yimei.privacy.models.parties import Party
from yimei.vault.fields import EncryptedText
from yimei.vault.models import StoredFile


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, staff: Staff) -> Self:
        """One's own, and for whoever watches over compliance those within reach."""
        own = Q(asked_by=staff)
        if not staff.may(Permission.PRIVACY_VIEW):
            return self.filter(own)
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            Permission.PRIVACY_VIEW,
            own=own,
            campus=own | Q(asked_by__campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related("asked_by__vault_key", "file__key", "recipient").prefetch_related(
            "words__by"
        )


class Export(models.Model):
    """One list asked for, from the asking to the deletion of its file; the ledger of what left."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "kind", "source", "query", "purpose", "subjects", "rows", "needed", "asked_by",
            "asked_at", "made_at", "expires_at", "downloads", "file", "sha256", "mark",
            "revoked_at", "revoked_by", "deleted_at", "recipient",
        },
        "personal": {"reason"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "privacy.exports"
    VAULT: ClassVar[str] = "asked_by.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("种类"), max_length=8, choices=ExportKind.choices)
    source = models.CharField(_("清单"), max_length=40, blank=True)
    query = models.JSONField(_("筛选条件"), default=dict, help_text=_("只放编号与状态，不放姓名、电话"))
    recipient = models.ForeignKey(
        Party, models.PROTECT, related_name="exports", null=True, blank=True, verbose_name=_("外部接收方")
    )
    purpose = models.CharField(_("目的"), max_length=20, choices=LookPurpose.choices)
    reason = EncryptedText(_("用途说明"))
    subjects = models.PositiveIntegerField(_("涉及人数"))
    rows = models.PositiveIntegerField(_("行数"), default=0)
    needed = models.PositiveSmallIntegerField(_("须几人批准"))
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="exports", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    made_at = models.DateTimeField(_("生成时间"), null=True, blank=True)
    expires_at = models.DateTimeField(_("有效至"), null=True, blank=True)
    downloads = models.PositiveSmallIntegerField(_("下载次数"), default=0)
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("加密文件")
    )
    sha256 = models.CharField(_("文件摘要"), max_length=64, blank=True)
    mark = models.CharField(_("水印编号"), max_length=16, blank=True)
    revoked_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("撤回人")
    )
    deleted_at = models.DateTimeField(_("文件删除时间"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at"], name="export_staff_recent"),
            models.Index(fields=["expires_at"], condition=Q(deleted_at=None), name="export_open"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ExportKind.values), name="export_kind_known"),
            models.CheckConstraint(
                condition=Q(made_at=None, expires_at=None)
                | Q(made_at__isnull=False, expires_at__gt=F("made_at")),
                name="export_made_expires",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="export_revoked_by_someone",
            ),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(file=None), name="export_deleted_whole"),
        ]

    def granted(self) -> int:
        return sum(word.is_granted for word in self.words.all())

    def is_refused(self) -> bool:
        return any(not word.is_granted for word in self.words.all())

    def state(self, now: datetime) -> ExportState:
        """Where it stands; the screen and the actions ask nothing else."""
        if self.kind == ExportKind.FIGURES:
            return ExportState.GIVEN
        if self.revoked_at is not None:
            return ExportState.REVOKED
        if self.is_refused():
            return ExportState.REFUSED
        if self.expires_at is not None:
            return ExportState.READY if now < self.expires_at and not self.deleted_at else ExportState.EXPIRED
        return ExportState.GRANTED if self.granted() >= self.needed else ExportState.ASKED


class ExportWord(models.Model):
    """One person's word on one export; append-only, each person once, never on one's own."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "export", "by", "at", "is_granted"}}
    HOLDING: ClassVar[str] = "privacy.exports"

    export = models.ForeignKey(Export, models.PROTECT, related_name="words", verbose_name=_("导出"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("审批人"))
    at = models.DateTimeField(_("审批时间"))
    is_granted = models.BooleanField(_("批准"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["export", "by"], name="export_word_once"),
            AppendOnly(name="export_word_append_only"),
        ]
