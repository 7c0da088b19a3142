"""Bookings, their history, and the claims that keep every resource in one place at a time."""

import uuid
from datetime import date, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import local_date
from yimei.core.database.constraints import AppendOnly, NoOverlap
from yimei.hospital.models import Campus, Device, Procedure, Room
from yimei.journey.enums import (
    BookingChannel,
    BookingKind,
    BookingStatus,
    CancelSide,
    ResourceKind,
    VisitKind,
)
from yimei.journey.models.cases import Case
from yimei.journey.rules import bookings as rules
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.BOOKING_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            permission,
            own=Q(staff=staff) | Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related(
            "patient__person__vault_key", "staff", "room", "procedure", "case", "campus"
        )


class Booking(models.Model):
    """One agreed time at which a patient means to come to the hospital."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "campus",
            "staff",
            "room",
            "channel",
            "created_at",
            "created_by",
            "announced_at",
            "arrived_at",
            "served_at",
            "acknowledged_at",
            "series",
            "key",
        },
        "health": {
            "case",
            "patient",
            "kind",
            "visit_kind",
            "procedure",
            "starts_at",
            "ends_at",
            "status",
            "note",
            "cancel_reason",
            "cancel_side",
        },
    }
    HOLDING = "journey.booking"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="bookings")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="bookings")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", verbose_name=_("院区"))
    kind = models.CharField(_("类别"), max_length=10, choices=BookingKind.choices)
    visit_kind = models.CharField(
        _("接诊类型"), max_length=8, choices=VisitKind.choices, blank=True, help_text=_("到诊时必填")
    )
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="bookings", verbose_name=_("接诊人"))
    room = models.ForeignKey(Room, models.PROTECT, related_name="bookings", verbose_name=_("房间"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    status = models.CharField(
        _("状态"), max_length=10, choices=BookingStatus.choices, default=BookingStatus.REQUESTED
    )
    note = EncryptedText(_("备注"), blank=True, default="")
    cancel_reason = models.CharField(_("取消原因"), max_length=80, blank=True)
    cancel_side = models.CharField(
        _("谁的原因"), max_length=8, choices=CancelSide.choices, blank=True, help_text=_("取消时必填")
    )
    key = models.UUIDField(_("防重键"), unique=True, default=uuid.uuid4)
    channel = models.CharField(
        _("渠道"), max_length=8, choices=BookingChannel.choices, default=BookingChannel.PHONE
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("空着表示客户自己在网上预约"),
    )
    announced_at = models.DateTimeField(_("自助签到"), null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    served_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("客户确认会来"), null=True, blank=True)
    series = models.UUIDField(_("疗程"), null=True, blank=True, help_text=_("同一疗程的各次预约相同"))

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["campus", "starts_at"], name="booking_campus_time"),
            models.Index(fields=["staff", "starts_at"], name="booking_staff_time"),
            models.Index(fields=["patient", "-starts_at"], name="booking_patient_recent"),
            models.Index(fields=["series"], name="booking_series", condition=Q(series__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(condition=Q(status__in=BookingStatus.values), name="booking_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["arrived", "served"]) | Q(arrived_at__isnull=False),
                name="booking_arrival_timed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["arrived", "served"]) | Q(visit_kind__in=VisitKind.values),
                name="booking_arrival_has_visit_kind",
            ),
            models.CheckConstraint(
                condition=Q(visit_kind="") | Q(visit_kind__in=VisitKind.values),
                name="booking_visit_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=BookingChannel.values), name="booking_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(cancel_side="") | Q(cancel_side__in=CancelSide.values, status="cancelled"),
                name="booking_cancelled_for_someone",
            ),
            models.CheckConstraint(
                condition=Q(created_by__isnull=False) | Q(channel__in=["website", "mobile"]),
                name="booking_written_by_someone",
            ),
        ]

    @property
    def keeper(self) -> Staff:
        """Who looks after this booking: whose customer she is, who wrote it down, else who will see her."""
        return self.patient.online or self.created_by or self.staff

    @property
    def is_online(self) -> bool:
        """Whether the customer booked by herself."""
        return self.channel in {BookingChannel.WEBSITE, BookingChannel.MOBILE}

    @property
    def open_moves(self) -> frozenset[BookingStatus]:
        return rules.open_moves(BookingStatus(self.status))

    def is_answerable_at(self, now: datetime) -> bool:
        """Whether the customer may still say by link that she comes, moves or cancels."""
        return self.status == BookingStatus.CONFIRMED and now < self.starts_at

    def is_expected_on(self, day: date) -> bool:
        """Whether the customer is still awaited on this local day."""
        return self.status == BookingStatus.CONFIRMED and local_date(self.starts_at) == day


class BookingPart(models.Model):
    """One service of a visit with several: who, where and with what, and when after the visit begins.

    A booking without parts has one, implied by the booking itself.
    """

    PRIVACY = {
        "plain": {
            "id",
            "booking",
            "position",
            "staff",
            "room",
            "device",
            "offset_minutes",
            "minutes",
            "setup_minutes",
            "cleanup_minutes",
        },
        "health": {"kind", "procedure"},
    }
    HOLDING = "journey.booking"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("类别"), max_length=10, choices=BookingKind.choices)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("接诊人"))
    room = models.ForeignKey(Room, models.PROTECT, related_name="+", verbose_name=_("房间"))
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("设备")
    )
    offset_minutes = models.PositiveSmallIntegerField(_("开始后（分钟）"), default=0)
    minutes = models.PositiveSmallIntegerField(_("时长"))
    setup_minutes = models.PositiveSmallIntegerField(_("准备"), default=0)
    cleanup_minutes = models.PositiveSmallIntegerField(_("清场"), default=0)

    class Meta:
        ordering = ["booking_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "position"], name="booking_part_once"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="booking_part_takes_time"),
        ]


class BookingLink(models.Model):
    """The link by which a customer answers about her own booking; only the token's hash is kept."""

    PRIVACY = {"plain": {"id", "booking", "created_at", "expires_at", "desk_tries"}, "secret": {"token_hash"}}
    HOLDING = "journey.booking"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    desk_tries = models.PositiveSmallIntegerField(
        _("试过的到院码"), default=0, help_text=_("太多次后只能到前台登记")
    )


class BookingMove(models.Model):
    """One move of a booking; append-only."""

    PRIVACY = {"plain": {"id", "booking", "by", "at"}, "health": {"old", "new", "note"}}
    HOLDING = "journey.booking"

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="moves")
    old = models.CharField(max_length=10, choices=BookingStatus.choices, blank=True)
    new = models.CharField(max_length=10, choices=BookingStatus.choices)
    note = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="booking_move_append_only", erasable=["note"])
        ]


class UndoSlip(models.Model):
    """Where a booking stood before a move, kept so that whoever made the move may take it back (撤销)."""

    PRIVACY = {"plain": {"id", "move", "staff", "room", "undone_by"}, "health": {"starts_at"}}
    HOLDING = "journey.booking"

    move = models.OneToOneField(BookingMove, models.PROTECT, related_name="slip")
    starts_at = models.DateTimeField()
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, models.PROTECT, related_name="+")
    undone_by = models.OneToOneField(
        BookingMove, models.PROTECT, related_name="undoes", null=True, blank=True
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="undo_slip_append_only", allow=["undone_by"])
        ]


class ResourceClaim(models.Model):
    """One resource held for one stretch, preparation and clean-up included; the database refuses overlap."""

    PRIVACY = {
        "plain": {
            "id",
            "kind",
            "resource_id",
            "starts_at",
            "ends_at",
            "released_at",
            "booking",
            "surgery",
            "offer",
            "hold",
        }
    }
    HOLDING = "journey.claim"

    kind = models.CharField(max_length=8, choices=ResourceKind.choices)
    resource_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="claims", null=True, blank=True)
    surgery = models.ForeignKey(
        "journey.Surgery", models.PROTECT, related_name="claims", null=True, blank=True
    )
    offer = models.ForeignKey(
        "journey.WaitingOffer", models.PROTECT, related_name="claims", null=True, blank=True
    )
    hold = models.ForeignKey(
        "journey.OnlineHold", models.CASCADE, related_name="claims", null=True, blank=True
    )

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(
                fields=["kind", "resource_id", "ends_at"],
                name="claim_resource_time",
                condition=Q(released_at=None),
            )
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            NoOverlap(
                keys=["kind", "resource_id"],
                start="starts_at",
                end="ends_at",
                where_null="released_at",
                name="claim_no_overlap",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="claim_ends_after_start"),
            models.CheckConstraint(condition=Q(kind__in=ResourceKind.values), name="claim_kind_known"),
            models.CheckConstraint(
                condition=Q(booking__isnull=False, surgery=None, offer=None, hold=None)
                | Q(booking=None, surgery__isnull=False, offer=None, hold=None)
                | Q(booking=None, surgery=None, offer__isnull=False, hold=None)
                | Q(booking=None, surgery=None, offer=None, hold__isnull=False),
                name="claim_belongs_to_one",
            ),
        ]
