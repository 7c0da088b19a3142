"""What the telephone exchange noted: files that were read, and each call once."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import CallWay
from yimei.growth.models.leads import Lead
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey


class CallFile(models.Model):
    """One log that was read, with the lines that were not taken and why; no person is in it."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "sha256", "rows", "matched", "unmatched", "known", "elsewhere",
            "from_campus", "refused", "by", "at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("行数"))
    matched = models.PositiveIntegerField(_("对上的"))
    unmatched = models.PositiveIntegerField(_("没对上的"))
    known = models.PositiveIntegerField(_("以前收过的"))
    elsewhere = models.PositiveIntegerField(_("属于别的院区的"), default=0)
    from_campus = models.ForeignKey(
        Campus, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("分自哪个院区的话单")
    )
    refused = models.JSONField(_("未收下的行"), default=list, help_text=_("行号与原因，不含内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="call_file_append_only"),
            models.UniqueConstraint(fields=["campus", "sha256"], name="call_file_once"),
        ]


class CallRecordQuerySet(models.QuerySet["CallRecord"]):
    def living(self) -> Self:
        """Without the calls of sealed customers, as such or through a lead, and of whoever was forgotten.

        Knowing who rings is necessary for care (`growth.call`), so a restriction does not stop it (ADR 0115):
        somebody restricted who rings and reaches nobody is called back; a lead of hers is opened no more.
        """
        return self.filter(
            Q(patient=None) | Q(patient__sealed_at=None),
            Q(lead=None) | Q(lead__patient=None) | Q(lead__patient__sealed_at=None),
            vault_key__destroyed_at=None,
        )


class CallRecord(models.Model):
    """One call as the exchange has it; its number lies under the key of whomever it belongs to."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "file", "campus", "ref", "vault_key", "lead", "patient", "staff", "at",
        },
        "personal": {"number", "way", "is_answered", "started_at", "seconds"},
        "secret": {"phone_token"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.call"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(CallFile, models.PROTECT, related_name="calls")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    ref = models.CharField(_("话机的编号"), max_length=64)
    vault_key = models.ForeignKey(DataKey, models.PROTECT, related_name="+")
    number = EncryptedText(_("对方号码"))
    phone_token = models.BinaryField(max_length=16, null=True)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="calls", null=True, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", null=True, blank=True)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    way = models.CharField(_("方向"), max_length=4, choices=CallWay.choices)
    is_answered = models.BooleanField(_("接通"))
    started_at = models.DateTimeField(_("开始"))
    seconds = models.PositiveIntegerField(_("通话秒数"))
    at = models.DateTimeField()

    objects = CallRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["phone_token"], name="call_record_number")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="call_record_append_only", allow=["lead", "phone_token"]),
            models.UniqueConstraint(fields=["campus", "ref"], name="call_record_once"),
            models.CheckConstraint(condition=Q(way__in=CallWay.values), name="call_record_way"),
            models.CheckConstraint(
                condition=Q(is_answered=True) | Q(seconds=0), name="call_record_missed_has_no_length"
            ),
        ]
