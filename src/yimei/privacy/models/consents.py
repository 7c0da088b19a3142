"""What people agreed to, refused or took back."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Guardian, Patient, Staff
from yimei.privacy.enums import Capacity, ConsentAct, ConsentChannel, ConsentMode, ExceptionKind
from yimei.privacy.models.purposes import Notice, Purpose, RetentionRule
from yimei.vault.fields import EncryptedText
from yimei.vault.models import StoredFile


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, staff: Staff) -> Self:
        """Acts of the patients whom ``staff`` may find."""
        return self.filter(patient__in=Patient.objects.visible_to(staff).values("pk"))


class Consent(models.Model):
    """One act of consent, refusal or withdrawal for one purpose under one notice (PIPL 14, 15, 29)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "purpose",
            "notice",
            "act",
            "mode",
            "notice_sha256",
            "shown_at",
            "at",
            "channel",
            "by",
            "evidence",
            "evidence_sha256",
            "valid_to",
            "language",
            "capacity",
            "terms",
            "retention",
            "supersedes",
        },
        "personal": {"guardian", "device"},
    }
    HOLDING = "privacy.consent"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    guardian = models.ForeignKey(Guardian, models.PROTECT, related_name="consents", null=True, blank=True)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="consents")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="consents")
    notice_sha256 = models.CharField(max_length=64)
    act = models.CharField(_("行为"), max_length=10, choices=ConsentAct.choices)
    mode = models.CharField(_("方式"), max_length=10, choices=ConsentMode.choices)
    channel = models.CharField(_("渠道"), max_length=8, choices=ConsentChannel.choices)
    language = models.CharField(max_length=10, default="zh-hans")
    shown_at = models.DateTimeField(_("告知时间"))
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    device = models.CharField(max_length=120, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    capacity = models.CharField(_("同意能力的依据"), max_length=10, choices=Capacity.choices, blank=True)
    terms = models.JSONField(
        _("同意的内容"), default=dict, help_text=_("当时告知的种类、方式与接收方，由数据地图生成")
    )
    retention = models.ForeignKey(
        RetentionRule, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("保存期限")
    )
    supersedes = models.ForeignKey(
        "self", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("取代")
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["patient", "purpose", "-at"], name="consent_patient_purpose")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="consent_append_only", erasable=["device"]),
            models.CheckConstraint(condition=Q(act__in=ConsentAct.values), name="consent_act_known"),
            models.CheckConstraint(condition=Q(at__gte=F("shown_at")), name="consent_after_being_told"),
            models.CheckConstraint(
                condition=Q(evidence=None, evidence_sha256="")
                | (Q(evidence__isnull=False) & ~Q(evidence_sha256="")),
                name="consent_evidence_whole",
            ),
        ]


class NoticeExceptionQuerySet(models.QuerySet["NoticeException"]):
    def visible_to(self, staff: Staff) -> Self:
        """Exceptions of the patients whom ``staff`` may find."""
        return self.filter(patient__in=Patient.objects.visible_to(staff).values("pk"))

    def owed(self) -> Self:
        """Emergencies after which nobody has told the person yet."""
        return self.filter(kind=ExceptionKind.EMERGENCY, told_at=None)


class NoticeException(models.Model):
    """Data handled before or without telling the person, with who allowed it (PIPL 18)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "kind",
            "at",
            "by",
            "approved_by",
            "due_at",
            "told_at",
            "told_by",
        },
        "personal": {"reason"},
    }
    HOLDING = "privacy.consent"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="notice_exceptions")
    kind = models.CharField(_("情形"), max_length=10, choices=ExceptionKind.choices)
    reason = EncryptedText(_("理由"))
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("批准人")
    )
    due_at = models.DateTimeField(_("补告期限"), null=True, blank=True)
    told_at = models.DateTimeField(_("补告时间"), null=True, blank=True)
    told_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("补告人")
    )

    objects = NoticeExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ExceptionKind.values), name="notice_exception_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("by")), name="notice_exception_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(kind="emergency") | Q(due_at__isnull=False),
                name="notice_exception_emergency_is_told_later",
            ),
            models.CheckConstraint(
                condition=Q(told_at=None, told_by=None) | Q(told_at__isnull=False, told_by__isnull=False),
                name="notice_exception_told_whole",
            ),
        ]
