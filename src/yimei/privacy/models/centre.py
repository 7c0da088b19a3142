"""The door of the privacy centre: one-time codes, and the short visits that they open."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Guardian, Patient
from yimei.privacy.enums import IdentityMethod


class CentreCode(models.Model):
    """Somebody asked for a code; kept whether or not the number is known, so that asking tells nothing."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "patient", "guardian", "asked_at", "expires_at", "tries", "used_at"},
        "secret": {"knock", "origin", "code"},
    }
    HOLDING = "privacy.centre"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    knock = models.BinaryField(_("手机号散列"), max_length=16, help_text=_("手机号的加密散列，不存号码"))
    origin = models.BinaryField(_("来源地址散列"), max_length=16, help_text=_("来源地址的加密散列"))
    code = models.BinaryField(_("验证码散列"), max_length=16, help_text=_("验证码的加密散列"))
    patient = models.ForeignKey(
        Patient, models.CASCADE, related_name="centre_codes", null=True, blank=True, verbose_name=_("客户")
    )
    guardian = models.ForeignKey(
        Guardian, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("监护人")
    )
    asked_at = models.DateTimeField(_("索取时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    tries = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["knock", "-asked_at"], name="centre_code_knock"),
            models.Index(fields=["origin", "-asked_at"], name="centre_code_origin"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="centre_code_expires"),
        ]


class CentreSession(models.Model):
    """One short visit of a person, or of her guardian, to her own data."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "guardian",
            "proof",
            "started_at",
            "seen_at",
            "ended_at",
            "tries",
        },
        "secret": {"key_hash"},
    }
    HOLDING = "privacy.centre"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="centre_sessions")
    guardian = models.ForeignKey(Guardian, models.CASCADE, related_name="+", null=True, blank=True)
    key_hash = models.CharField(max_length=64, unique=True)
    proof = models.CharField(
        _("核验方式"), max_length=10, choices=IdentityMethod.choices, default=IdentityMethod.CODE
    )
    tries = models.PositiveSmallIntegerField(_("核对证件号的次数"), default=0)
    started_at = models.DateTimeField(_("开始时间"))
    seen_at = models.DateTimeField(_("最近活动时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proof__in=[IdentityMethod.CODE.value, IdentityMethod.CODE_ID.value]),
                name="centre_session_proof_by_code",
            ),
        ]
