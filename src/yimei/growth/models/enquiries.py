"""The door of somebody who only asked: a code to her number, and a short look at what is kept of her."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class EnquiryVisit(models.Model):
    """One code and the visit that it opens; of number, address, code and browser only hashes are kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "asked_at", "expires_at", "tries", "used_at", "ended_at"},
        "secret": {"knock", "origin", "code", "phone_token", "key_hash"},
    }
    HOLDING = "privacy.centre"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    knock = models.BinaryField(_("手机号散列"), max_length=16)
    origin = models.BinaryField(_("来源地址散列"), max_length=16)
    code = models.BinaryField(_("验证码散列"), max_length=16)
    phone_token = models.BinaryField(max_length=16)
    key_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(_("索取时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    tries = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["knock", "-asked_at"], name="enquiry_visit_knock"),
            models.Index(fields=["origin", "-asked_at"], name="enquiry_visit_origin"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="enquiry_visit_expires"),
            models.CheckConstraint(
                condition=Q(key_hash="") | Q(used_at__isnull=False), name="enquiry_visit_opened_by_code"
            ),
            models.UniqueConstraint(
                fields=["key_hash"], condition=~Q(key_hash=""), name="enquiry_visit_key_once"
            ),
        ]
