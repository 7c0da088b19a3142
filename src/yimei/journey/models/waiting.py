"""Who waits for a time, which times were offered, and who had to be turned away."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.hospital.models import Campus, Procedure, Room
from yimei.journey.enums import BookingKind, OfferStatus, TurnAwayReason, Urgency, WaitingStatus
from yimei.journey.models.bookings import Booking
from yimei.journey.rules.waiting import EVERY_DAY, Wish
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.models import DataKey


class WaitingQuerySet(models.QuerySet["WaitingEntry"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.BOOKING_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            permission,
            own=Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(campus=staff.campus_id),
        )

    def open(self) -> Self:
        return self.filter(status__in=[WaitingStatus.WAITING, WaitingStatus.OFFERED])

    def in_turn(self) -> Self:
        """The most urgent first, then whoever has waited longest."""
        return self.order_by("-urgency", "created_at", "pk")

    def with_people(self) -> Self:
        return self.select_related("patient__person__vault_key", "staff", "procedure", "campus", "created_by")


class WaitingEntry(models.Model):
    """One customer's wish for a time that is not free now (候补)."""

    PRIVACY = {
        "plain": {"id", "public_id", "campus", "staff", "created_at", "created_by", "ended_at"},
        "health": {
            "patient",
            "kind",
            "procedure",
            "weekdays",
            "from_hour",
            "to_hour",
            "valid_from",
            "valid_to",
            "urgency",
            "status",
        },
    }
    HOLDING = "journey.booking"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="waiting_entries")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", verbose_name=_("院区"))
    kind = models.CharField(_("类别"), max_length=10, choices=BookingKind.choices)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    staff = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("指定接诊人")
    )
    weekdays = models.CharField(_("星期"), max_length=7, default=EVERY_DAY, help_text=_("0 为星期一"))
    from_hour = models.PositiveSmallIntegerField(_("不早于（时）"), default=0)
    to_hour = models.PositiveSmallIntegerField(_("不晚于（时）"), default=24)
    valid_from = models.DateField(_("从"))
    valid_to = models.DateField(_("到"), help_text=_("含当日"))
    urgency = models.PositiveSmallIntegerField(_("优先级"), choices=Urgency.choices, default=Urgency.NORMAL)
    status = models.CharField(
        _("状态"), max_length=10, choices=WaitingStatus.choices, default=WaitingStatus.WAITING
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["campus", "-urgency", "created_at"],
                name="waiting_in_turn",
                condition=Q(status="waiting"),
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=WaitingStatus.values), name="waiting_status_known"),
            models.CheckConstraint(
                condition=Q(from_hour__lt=F("to_hour"), to_hour__lte=24), name="waiting_hours_sane"
            ),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="waiting_days_sane"),
            models.CheckConstraint(condition=Q(urgency__in=Urgency.values), name="waiting_urgency_known"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "offered"], ended_at=None)
                | (~Q(status__in=["waiting", "offered"]) & Q(ended_at__isnull=False)),
                name="waiting_end_timed",
            ),
            models.UniqueConstraint(
                fields=["patient", "procedure", "kind"],
                condition=Q(status__in=["waiting", "offered"]),
                name="waiting_once_each",
            ),
        ]

    @property
    def wish(self) -> Wish:
        return Wish(
            weekdays=self.weekdays,
            from_hour=self.from_hour,
            to_hour=self.to_hour,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    @property
    def subject(self) -> DataKey:
        return self.patient.person.vault_key


class OfferQuerySet(models.QuerySet["WaitingOffer"]):
    def open(self) -> Self:
        return self.filter(status=OfferStatus.OPEN)

    def visible_to(self, staff: Staff, permission: Permission = Permission.BOOKING_VIEW) -> Self:
        return self.filter(entry__in=WaitingEntry.objects.visible_to(staff, permission))

    def with_people(self) -> Self:
        return self.select_related(
            "entry__patient__person__vault_key",
            "entry__procedure",
            "entry__campus",
            "entry__created_by",
            "staff",
            "room",
        )


class WaitingOffer(models.Model):
    """A time that became free, held for one customer until she answers or the offer expires."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "staff",
            "room",
            "offered_at",
            "expires_at",
            "decided_at",
            "decided_by",
        },
        "health": {"entry", "starts_at", "ends_at", "status", "booking"},
        "secret": {"token_hash"},
    }
    HOLDING = "journey.booking"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(WaitingEntry, models.PROTECT, related_name="offers")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=10, choices=OfferStatus.choices, default=OfferStatus.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, related_name="waiting_offer", null=True, blank=True
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-id"]
        indexes = [models.Index(fields=["expires_at"], name="waiting_offer_open", condition=Q(status="open"))]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status="open"), name="waiting_offer_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OfferStatus.values), name="waiting_offer_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None)
                | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="waiting_offer_decided_with_time",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", booking__isnull=False)
                | (~Q(status="accepted") & Q(booking=None)),
                name="waiting_offer_accepted_is_booked",
            ),
        ]

    def is_open_at(self, now: datetime) -> bool:
        return self.status == OfferStatus.OPEN and now < self.expires_at


class TurnAwayQuerySet(models.QuerySet["TurnAway"]):
    def visible_to(self, staff: Staff) -> Self:
        """Those of nobody known, and of people whose data are not sealed."""
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            Permission.BOOKING_VIEW,
            own=Q(by=staff),
            campus=Q(campus=staff.campus_id),
        )


class TurnAway(models.Model):
    """Somebody who asked for a time and could not be served: what was asked, and why not; append-only."""

    PRIVACY = {
        "plain": {"id", "public_id", "campus", "staff", "reason", "said", "at", "by"},
        "health": {"patient", "kind", "procedure", "wanted_at"},
    }
    HOLDING = "journey.booking"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="turn_aways", null=True, blank=True, verbose_name=_("客户")
    )
    kind = models.CharField(_("类别"), max_length=10, choices=BookingKind.choices)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    staff = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("指定接诊人")
    )
    wanted_at = models.DateTimeField(_("想要的时间"))
    reason = models.CharField(_("原因"), max_length=10, choices=TurnAwayReason.choices)
    said = models.CharField(_("系统答复"), max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = TurnAwayQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["campus", "-at"], name="turn_away_recent")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="turn_away_append_only"),
            models.CheckConstraint(
                condition=Q(reason__in=TurnAwayReason.values), name="turn_away_reason_known"
            ),
        ]
