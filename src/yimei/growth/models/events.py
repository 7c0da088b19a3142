"""Events, who registered and came, the scans of the door, what it cost."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.core.database.ledgers import RunningBalance
from yimei.growth.enums.events import EventKind, EventStatus, PlaceKind, ScanResult, SeatStatus, SeatWay
from yimei.growth.models.leads import Lead
from yimei.growth.rules import events as rules
from yimei.hospital.models import Campus
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.models import Notice
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.EVENT_WRITE) -> Self:
        return scoped(  # type: ignore[return-value]
            self, staff, permission, own=Q(created_by=staff.pk), campus=Q(campus=staff.campus_id)
        )


class Event(models.Model):
    """A consultation day, a lecture, a fair: published by somebody else than its author."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "code", "kind", "title", "words", "venue", "permit", "starts_at",
            "ends_at", "capacity", "waits", "status", "created_at", "created_by", "published_at",
            "published_by", "ended_at", "ended_by", "why", "settled_at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    code = models.CharField(_("页面地址"), max_length=12, unique=True)
    kind = models.CharField(_("类型"), max_length=8, choices=EventKind.choices)
    title = models.CharField(_("名称"), max_length=60)
    words = models.CharField(_("介绍"), max_length=600)
    venue = models.CharField(_("地点"), max_length=80)
    permit = models.CharField(_("医疗广告审查证明文号"), max_length=40, blank=True)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    capacity = models.PositiveSmallIntegerField(_("名额"))
    waits = models.PositiveSmallIntegerField(_("候补名额"), default=0)
    status = models.CharField(_("状态"), max_length=9, choices=EventStatus.choices, default=EventStatus.DRAFT)
    why = models.CharField(_("取消的原因"), max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(_("线索已生成"), null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["status", "starts_at"], name="event_coming")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=EventStatus.values), name="event_status_known"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), capacity__gte=1), name="event_frame_sane"
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | (
                    Q(published_at__isnull=False, published_by__isnull=False)
                    & ~Q(published_by=F("created_by"))
                ),
                name="event_published_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None)
                | Q(status__in=["open", "cancelled"], published_at__isnull=False),
                name="event_status_follows",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[EventStatus]:
        return rules.MOVES.get(EventStatus(self.status), frozenset())


class SeatQuerySet(models.QuerySet["Seat"]):
    def living(self) -> Self:
        return self.filter(erased_at=None)

    def counted(self) -> Self:
        """Those who have or had a place: without the cancelled and those who wait."""
        return self.filter(status__in=[SeatStatus.HELD, SeatStatus.CAME, SeatStatus.ABSENT])


class Seat(models.Model):
    """One person's registration, under a key of its own, with what she agreed to, each for itself."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "event", "vault_key", "notice", "way", "status", "registered_at",
            "registered_by", "came_at", "proved_at", "reminded_at", "lead", "erased_at",
        },
        "personal": {"name", "phone", "may_call", "may_news"},
        "secret": {"phone_token", "origin"},
    }  # fmt: skip
    HOLDING = "growth.event"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("name", "phone", "may_call"), ("care.identity",)),
        "may_news": ("marketing",),
    }
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, models.PROTECT, related_name="seats")
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    name = EncryptedText(_("称呼"))
    phone = EncryptedText(_("手机"))
    phone_token = models.BinaryField(max_length=16, null=True)
    origin = models.BinaryField(max_length=16, null=True)
    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("读过的告知")
    )
    may_call = models.BooleanField(_("同意活动后联系咨询"), default=False)
    may_news = models.BooleanField(_("同意接收以后的活动信息"), default=False)
    way = models.CharField(_("方式"), max_length=8, choices=SeatWay.choices)
    status = models.CharField(_("状态"), max_length=9, choices=SeatStatus.choices)
    registered_at = models.DateTimeField(_("报名时间"))
    registered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    came_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    proved_at = models.DateTimeField(_("号码已验证"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    lead = models.OneToOneField(Lead, models.PROTECT, related_name="seat", null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["registered_at", "id"]
        indexes = [
            models.Index(fields=["event", "status", "registered_at"], name="seat_event_status"),
            models.Index(fields=["phone_token", "-registered_at"], name="seat_phone"),
            models.Index(fields=["origin", "-registered_at"], name="seat_origin"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SeatStatus.values), name="seat_status_known"),
            models.CheckConstraint(
                condition=Q(status="came", came_at__isnull=False) | (~Q(status="came") & Q(came_at=None)),
                name="seat_came_timed",
            ),
            models.UniqueConstraint(
                fields=["event", "phone_token"],
                condition=~Q(status="cancelled") & Q(phone_token__isnull=False),
                name="seat_once_a_number",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[SeatStatus]:
        return rules.SEAT_MOVES.get(SeatStatus(self.status), frozenset())


class SeatEntry(models.Model):
    """One line of an event's places; the database lets nobody take one that is not there."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "event", "seq", "kind", "change", "balance", "seat", "at", "by"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    event = models.ForeignKey(Event, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=PlaceKind.choices)
    change = models.IntegerField()
    balance = models.IntegerField(_("剩余"))
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="entries", null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["event", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "seq"], name="seat_entry_one_after_another"),
            models.UniqueConstraint(
                fields=["seat", "kind"], condition=Q(seat__isnull=False), name="seat_entry_once_a_seat"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["opened", "added"], change__gt=0, seat=None)
                | Q(kind="taken", change=-1, seat__isnull=False)
                | Q(kind="freed", change=1, seat__isnull=False),
                name="seat_entry_sign_matches_kind",
            ),
            RunningBalance(name="seat_running_balance", account="event"),
            AppendOnly(name="seat_entry_append_only"),
        ]


class DoorScan(models.Model):
    """One scan at the door with the key that the device gave it: sent twice it is one; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "event", "key", "seat", "result", "said_at", "received_at", "by"}
    }
    HOLDING: ClassVar[str] = "growth.event"

    event = models.ForeignKey(Event, models.PROTECT, related_name="scans")
    key = models.UUIDField()
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="scans", null=True, blank=True)
    result = models.CharField(_("结果"), max_length=9, choices=ScanResult.choices)
    said_at = models.DateTimeField(_("设备上的时间"))
    received_at = models.DateTimeField(_("收到时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["received_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event", "key"], name="door_scan_once"),
            models.CheckConstraint(condition=Q(result__in=ScanResult.values), name="door_scan_result_known"),
            AppendOnly(name="door_scan_append_only"),
        ]


class EventCost(models.Model):
    """One amount that an event cost; a mistake is taken back by a negative line; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "event", "key", "what", "amount", "on", "by", "at"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    event = models.ForeignKey(Event, models.PROTECT, related_name="costs")
    key = models.UUIDField(unique=True)
    what = models.CharField(_("事项"), max_length=60)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    on = models.DateField(_("日期"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(amount=0), name="event_cost_is_something"),
            AppendOnly(name="event_cost_append_only"),
        ]
