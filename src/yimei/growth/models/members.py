"""Members: the versions of their rules, their tier, the ledger of points, stored benefits."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.billing.models import Payment
from yimei.core.database.constraints import AppendOnly
from yimei.core.database.ledgers import RunningBalance
from yimei.growth.enums import BenefitKind, PointKind, TierReason
from yimei.growth.models.policies import PolicyVersion
from yimei.growth.rules import members as rules
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class MemberPolicy(PolicyVersion):
    """One version of the members' rules, counting from a day on; never edited."""

    HOLDING: ClassVar[str] = "hospital.reference"

    class Meta(PolicyVersion.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="member_policy_append_only")]

    @property
    def rules(self) -> rules.Policy:
        return rules.read(self.content)


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.MEMBER_VIEW) -> Self:
        """Members whom the reader may find; nobody whose data are sealed, nobody who left."""
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None, left_at=None),
            staff,
            permission,
            own=Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(patient__campus=staff.campus_id),
        )

    def standing(self) -> Self:
        return self.filter(patient__sealed_at=None, left_at=None)

    def with_people(self) -> Self:
        return self.select_related("patient__person__vault_key", "patient__campus")


class Member(models.Model):
    """A customer who joined; her tier follows her spending, the same for everybody."""

    PRIVACY = {
        "plain": {"id", "public_id", "patient", "joined_at", "joined_by", "left_at"},
        "personal": {"number", "tier", "tier_since", "tier_until"},
    }
    HOLDING = "growth.member"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.OneToOneField(Patient, models.PROTECT, related_name="member")
    number = models.CharField(_("会员号"), max_length=12, unique=True)
    tier = models.CharField(_("等级"), max_length=12, blank=True)
    tier_since = models.DateField(_("等级起"))
    tier_until = models.DateField(_("等级至"), help_text=_("含当日；期满按消费复核"))
    joined_at = models.DateTimeField(_("入会时间"))
    joined_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    left_at = models.DateTimeField(_("退会时间"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["-joined_at", "-id"]
        indexes = [models.Index(fields=["tier_until"], name="member_tier_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(tier_until__gte=models.F("tier_since")), name="member_tier_period"
            ),
        ]


class TierMove(models.Model):
    """One change of a member's tier with the spending and the version that caused it; append-only."""

    PRIVACY = {
        "plain": {"id", "member", "policy", "at", "by"},
        "personal": {"old", "new", "reason", "spent"},
    }
    HOLDING = "growth.member"

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_moves")
    old = models.CharField(max_length=12, blank=True)
    new = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=8, choices=TierReason.choices)
    spent = models.DecimalField(_("期内消费"), max_digits=14, decimal_places=2)
    policy = models.ForeignKey(MemberPolicy, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="tier_move_append_only", erasable=["old", "new"]),
            models.CheckConstraint(condition=Q(reason__in=TierReason.values), name="tier_move_reason_known"),
        ]


COMING = (PointKind.EARN, PointKind.GIFT, PointKind.RETURN)
GOING = (PointKind.SPEND, PointKind.EXPIRE, PointKind.REVERSE, PointKind.WITHHOLD)


class PointEntry(models.Model):
    """One line of a member's points; append-only, and the database refuses a balance that does not follow.

    What comes is a lot with a last day; what goes names the lot that it is taken from. A line of nothing
    shows that a payment was looked at. ``short`` is what a refund should have taken back and could not.
    """

    PRIVACY = {
        "plain": {
            "id",
            "member",
            "seq",
            "lot",
            "payment",
            "ref",
            "short",
            "expires_on",
            "at",
            "by",
        },
        "personal": {"kind", "change", "balance"},
    }
    HOLDING = "growth.member"

    member = models.ForeignKey(Member, models.PROTECT, related_name="points")
    seq = models.PositiveIntegerField()
    kind = models.CharField(_("类别"), max_length=8, choices=PointKind.choices)
    change = models.IntegerField(_("积分"))
    balance = models.PositiveIntegerField(_("余额"))
    lot = models.ForeignKey("self", models.PROTECT, related_name="taken", null=True, blank=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="+", null=True, blank=True)
    ref = models.UUIDField(null=True, blank=True, help_text=_("抵扣所在的优惠，或赠送的由来"))
    short = models.PositiveIntegerField(_("欠回"), default=0)
    expires_on = models.DateField(_("有效至"), null=True, blank=True, help_text=_("含当日"))
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["member", "seq"]
        indexes = [
            models.Index(fields=["expires_on"], name="point_expires"),
            models.Index(fields=["ref"], name="point_ref"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "seq"], name="point_one_after_another"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind__in=["earn", "reverse"], lot=None, payment__isnull=False),
                name="point_payment_once",
            ),
            models.UniqueConstraint(
                fields=["member", "ref"], condition=Q(kind=PointKind.GIFT), name="point_gift_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(COMING), change__gt=0, lot=None, expires_on__isnull=False)
                | Q(kind__in=list(GOING), change__lt=0, lot__isnull=False, expires_on=None)
                | Q(kind__in=["earn", "reverse"], change=0, lot=None, expires_on=None),
                name="point_sign_matches_kind",
            ),
            RunningBalance(name="point_running_balance", account="member"),
            AppendOnly(name="point_append_only"),
        ]


class BenefitGrant(models.Model):
    """So many times of one benefit, for a while."""

    PRIVACY = {
        "plain": {"id", "public_id", "member", "valid_from", "valid_to", "ref", "at", "by"},
        "personal": {"code", "name", "times"},
    }
    HOLDING = "growth.member"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="benefits")
    code = models.CharField(_("权益编码"), max_length=20, blank=True)
    name = models.CharField(_("权益"), max_length=30, blank=True)
    times = models.PositiveSmallIntegerField(_("次数"))
    valid_from = models.DateField(_("有效自"))
    valid_to = models.DateField(_("有效至"), help_text=_("含当日"))
    ref = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["valid_to", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from"), times__gte=1), name="benefit_period"
            ),
            AppendOnly(name="benefit_append_only", erasable=["code", "name"]),
        ]


class BenefitEntry(models.Model):
    """One time of a benefit used or given back; append-only, and never more than were granted."""

    PRIVACY = {
        "plain": {"id", "public_id", "grant", "seq", "change", "balance", "undoes", "key", "at", "by"},
        "personal": {"kind"},
    }
    HOLDING = "growth.member"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    grant = models.ForeignKey(BenefitGrant, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=BenefitKind.choices)
    change = models.SmallIntegerField()
    balance = models.PositiveSmallIntegerField(_("剩余"))
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone", null=True, blank=True)
    key = models.UUIDField(unique=True, null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["grant", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["grant", "seq"], name="benefit_one_after_another"),
            models.CheckConstraint(
                condition=Q(kind__in=["granted", "undone"], change__gt=0)
                | Q(kind__in=["used", "expired"], change__lt=0),
                name="benefit_sign_matches_kind",
            ),
            RunningBalance(name="benefit_running_balance", account="grant"),
            AppendOnly(name="benefit_entry_append_only"),
        ]
