"""Booking by the customer herself on the website: a time held for minutes, and the code to her phone."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.hospital.models import Campus, Procedure, Room
from yimei.journey.enums import BookingChannel, BookingKind, HoldStatus
from yimei.journey.models.bookings import Booking
from yimei.people.models import Staff


class OnlineHoldQuerySet(models.QuerySet["OnlineHold"]):
    def open(self) -> "OnlineHoldQuerySet":
        return self.filter(status=HoldStatus.HELD)


class OnlineHold(models.Model):
    """A time that a visitor of the website chose, kept free while she says who she is; holds no name."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "kind",
            "procedure",
            "staff",
            "room",
            "starts_at",
            "ends_at",
            "channel",
            "status",
            "held_at",
            "expires_at",
            "verified_at",
            "began_at",
            "booking",
        },
        "secret": {"token_hash", "origin", "knock"},
    }
    HOLDING = "journey.online"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    origin = models.BinaryField(_("来源地址散列"), max_length=16, help_text=_("来源地址的加密散列"))
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", verbose_name=_("院区"))
    kind = models.CharField(_("类别"), max_length=10, choices=BookingKind.choices)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("接诊人"))
    room = models.ForeignKey(Room, models.PROTECT, related_name="+", verbose_name=_("房间"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    channel = models.CharField(_("渠道"), max_length=8, choices=BookingChannel.choices)
    status = models.CharField(_("状态"), max_length=8, choices=HoldStatus.choices, default=HoldStatus.HELD)
    held_at = models.DateTimeField(_("保留时间"))
    expires_at = models.DateTimeField(_("保留至"))
    knock = models.BinaryField(
        _("手机号散列"),
        max_length=16,
        null=True,
        blank=True,
        help_text=_("核验过的手机号的加密散列，不存号码"),
    )
    verified_at = models.DateTimeField(_("手机核验时间"), null=True, blank=True)
    began_at = models.DateTimeField(_("开始登记时间"), null=True, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, related_name="online_hold", null=True, blank=True, verbose_name=_("预约")
    )

    objects = OnlineHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at"]
        indexes = [
            models.Index(fields=["origin", "-held_at"], name="online_hold_origin"),
            models.Index(fields=["expires_at"], condition=Q(status="held"), name="online_hold_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="online_hold_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status__in=HoldStatus.values), name="online_hold_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="booked", booking__isnull=False) | (~Q(status="booked") & Q(booking=None)),
                name="online_hold_booked_whole",
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None, knock=None) | Q(verified_at__isnull=False, knock__isnull=False),
                name="online_hold_verified_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="booked") | Q(verified_at__isnull=False),
                name="online_hold_booked_only_when_verified",
            ),
        ]

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class OnlineCode(models.Model):
    """One code sent to a number; of number, address and code only keyed hashes are kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "hold", "asked_at", "expires_at", "tries", "used_at"},
        "secret": {"knock", "origin", "code"},
    }
    HOLDING = "journey.online"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hold = models.ForeignKey(OnlineHold, models.CASCADE, related_name="codes")
    knock = models.BinaryField(_("手机号散列"), max_length=16, help_text=_("手机号的加密散列，不存号码"))
    origin = models.BinaryField(_("来源地址散列"), max_length=16, help_text=_("来源地址的加密散列"))
    code = models.BinaryField(_("验证码散列"), max_length=16, help_text=_("验证码的加密散列"))
    asked_at = models.DateTimeField(_("索取时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    tries = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["knock", "-asked_at"], name="online_code_knock"),
            models.Index(fields=["origin", "-asked_at"], name="online_code_origin"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="online_code_expires"),
        ]
