"""Referrals: the versions of their rules, codes, who came by whom, the thanks of each side."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.core.database.lineage import Lineage, OfSide
from yimei.growth.enums.referrals import ReferralStatus, ReferralStepKind, ThanksKind, ThanksSide, ThanksState
from yimei.growth.models.leads import Lead
from yimei.growth.models.members import Member
from yimei.growth.models.policies import PolicyVersion
from yimei.growth.rules import referrals as rules
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class ReferralPolicy(PolicyVersion):
    """One version of what both sides are thanked with, counting from a day on; never edited."""

    HOLDING: ClassVar[str] = "hospital.reference"

    class Meta(PolicyVersion.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="referral_policy_append_only")]

    @property
    def rules(self) -> rules.Policy:
        return rules.read(self.content)


class ReferralCode(models.Model):
    """A member's code: random, told to nobody but her, ended by her or by the hospital."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "member",
            "issued_at",
            "issued_by",
            "expires_on",
            "revoked_at",
            "revoked_by",
        },
        "secret": {"code", "token"},
    }
    HOLDING = "growth.referral"
    VAULT: ClassVar[str] = "member.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="referral_codes")
    code = EncryptedText(_("推荐码"), blank=True)
    token = models.BinaryField(max_length=16, unique=True, null=True)
    issued_at = models.DateTimeField(_("领取时间"))
    issued_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    expires_on = models.DateField(_("有效至"), help_text=_("含当日"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(revoked_at=None), name="referral_code_one_open"
            ),
            models.CheckConstraint(
                condition=Q(token__isnull=False) | Q(revoked_at__isnull=False),
                name="referral_code_open_has_token",
            ),
        ]


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.MEMBER_VIEW) -> Self:
        """Referrals of members whom the reader may serve; sealed people's stand in no list."""
        return scoped(  # type: ignore[return-value]
            self.filter(referrer__restricted_at=None).filter(Q(friend=None) | Q(friend__restricted_at=None)),
            staff,
            permission,
            own=Q(referrer__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(lead__campus=staff.campus_id),
        )

    def with_people(self) -> Self:
        return self.select_related(
            "code__member",
            "referrer__person__vault_key",
            "referrer__campus",
            "friend__person__vault_key",
            "lead__vault_key",
            "lead__campus",
            "policy",
        )


class Referral(models.Model):
    """One friend who came by one code; the first code counts, and nobody stands below the second level."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "referrer",
            "friend",
            "lead",
            "policy",
            "depth",
            "tied_at",
            "tied_by",
            "decided_at",
            "decided_by",
            "ended_at",
        },
        "personal": {"status", "flags", "reason", "may_tell"},
        "secret": {"place"},
    }
    HOLDING = "growth.referral"
    VAULT: ClassVar[str] = "lead.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.ForeignKey(ReferralCode, models.PROTECT, related_name="referrals")
    referrer = models.ForeignKey(Patient, models.PROTECT, related_name="friends_brought")
    friend = models.OneToOneField(
        Patient, models.PROTECT, related_name="brought_by", null=True, blank=True, verbose_name=_("朋友")
    )
    lead = models.OneToOneField(Lead, models.PROTECT, related_name="referral")
    policy = models.ForeignKey(ReferralPolicy, models.PROTECT, related_name="+")
    depth = models.PositiveSmallIntegerField(_("层级"))
    status = models.CharField(_("状态"), max_length=8, choices=ReferralStatus.choices)
    flags = models.JSONField(_("疑点"), default=list)
    place = models.BinaryField(max_length=16, null=True)
    may_tell = models.BooleanField(_("朋友同意让推荐人知道"), default=False)
    reason = EncryptedText(_("核查结论"), blank=True, default="")
    tied_at = models.DateTimeField(_("使用时间"))
    tied_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(_("核查时间"), null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-tied_at", "-id"]
        indexes = [
            models.Index(fields=["status", "tied_at"], name="referral_status"),
            models.Index(fields=["place"], condition=Q(place__isnull=False), name="referral_place"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status__in=ReferralStatus.values), name="referral_status_known"
            ),
            models.CheckConstraint(condition=~Q(friend=F("referrer")), name="referral_not_of_herself"),
            models.CheckConstraint(
                condition=Q(depth__gte=1, depth__lte=rules.LEVELS)
                | Q(depth__gte=1, status__in=["refused", "ended"], friend=None),
                name="referral_two_levels",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="referral_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["thanked", "reversed"]) | Q(friend__isnull=False),
                name="referral_thanked_has_friend",
            ),
            Lineage(name="referral_lineage", parent="referrer", child="friend", depth="depth"),
        ]


class ReferralStep(models.Model):
    """One line of a referral's trail; append-only."""

    PRIVACY = {"plain": {"id", "referral", "by", "at"}, "personal": {"kind"}}
    HOLDING = "growth.referral"

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="steps")
    kind = models.CharField(_("事项"), max_length=8, choices=ReferralStepKind.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="referral_step_append_only"),
            models.CheckConstraint(condition=Q(kind__in=ReferralStepKind.values), name="referral_step_known"),
        ]


class Thanks(models.Model):
    """What one side of a referral is given, once; only the direct referrer and the friend herself."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "referral", "patient", "side", "ref", "due_at", "until", "given_at",
            "ended_at",
        },
        "personal": {"kind", "value", "state"},
    }  # fmt: skip
    HOLDING = "growth.referral"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="thanks")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="thanks")
    side = models.CharField(_("谁"), max_length=8, choices=ThanksSide.choices)
    kind = models.CharField(_("给什么"), max_length=8, choices=ThanksKind.choices)
    value = models.CharField(_("多少"), max_length=60)
    state = models.CharField(_("状态"), max_length=6, choices=ThanksState.choices)
    ref = models.UUIDField(null=True, blank=True, help_text=_("积分、权益或券的编号"))
    due_at = models.DateTimeField(_("应得时间"))
    until = models.DateField(_("领取截止"), help_text=_("含当日；到时还不能到账即失效"))
    given_at = models.DateTimeField(_("到账时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("收回或失效时间"), null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["state", "until"], name="thanks_owed")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["referral", "side"], name="thanks_once_a_side"),
            models.CheckConstraint(condition=Q(kind__in=ThanksKind.values), name="thanks_kind_lawful"),
            models.CheckConstraint(condition=Q(side__in=ThanksSide.values), name="thanks_side_known"),
            models.CheckConstraint(
                condition=Q(state="owed", given_at=None, ended_at=None)
                | Q(state="given", given_at__isnull=False, ref__isnull=False, ended_at=None)
                | Q(state="taken", ended_at__isnull=False)
                | Q(state="lapsed", given_at=None, ended_at__isnull=False),
                name="thanks_state_timed",
            ),
            OfSide(
                name="thanks_of_side",
                parent="referral",
                person="patient",
                side="side",
                sides=["referrer", "friend"],
            ),
            AppendOnly(
                name="thanks_append_only",
                allow=["state", "ref", "given_at", "ended_at"],
                erasable=["value"],
            ),
        ]
