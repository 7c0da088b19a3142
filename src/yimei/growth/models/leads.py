"""Leads: who asked, what about, every contact with them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import LeadLoss, LeadStatus, Outcome, StepKind, TouchKind
from yimei.growth.rules import leads as rules
from yimei.hospital.enums import Category
from yimei.hospital.models import Campus
from yimei.journey.models import Booking
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.models import Notice
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey


class LeadQuerySet(models.QuerySet["Lead"]):
    def living(self) -> Self:
        """Without erased leads and those of customers whose data are sealed or restricted."""
        return self.filter(Q(patient=None) | Q(patient__restricted_at=None), erased_at=None)

    def reachable(self, staff: Staff, permission: Permission = Permission.LEAD_VIEW) -> Self:
        """Leads that are the reader's own under a permission; the pool is nobody's own."""
        return scoped(  # type: ignore[return-value]
            self.living(),
            staff,
            permission,
            own=Q(owner=staff.pk),
            campus=Q(campus=staff.campus_id),
        )

    def pool(self) -> Self:
        return self.living().filter(owner=None, status=LeadStatus.OPEN)

    def visible_to(self, staff: Staff) -> Self:
        """One's own, and the pool of one's campus, where names and numbers stay masked."""
        if not staff.may(Permission.LEAD_VIEW):
            return self.none()
        mine = self.reachable(staff).order_by().values("pk")
        pool = Q(owner=None, status=LeadStatus.OPEN, campus=staff.campus_id)
        return self.living().filter(Q(pk__in=mine) | pool)

    def open(self) -> Self:
        return self.filter(status=LeadStatus.OPEN)

    def with_people(self) -> Self:
        return self.select_related("vault_key", "campus", "owner", "patient__person__vault_key", "created_by")


class Lead(models.Model):
    """Somebody who asked about the hospital, until a booking or a reason why not."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "vault_key",
            "campus",
            "owner",
            "patient",
            "duplicate_of",
            "created_at",
            "created_by",
            "first_response_at",
            "last_touch_at",
            "next_due_at",
            "ended_at",
            "erased_at",
            "unscored_at",
        },
        "personal": {"name", "phone", "wechat", "source", "status", "loss"},
        "health": {"interest"},
        "secret": {"phone_token"},
    }
    HOLDING = "growth.lead"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="leads", verbose_name=_("院区"))
    name = EncryptedText(_("称呼"))
    phone = EncryptedText(_("手机"))
    wechat = EncryptedText(_("微信号"), blank=True, default="")
    phone_token = models.BinaryField(max_length=16, null=True)
    interest = models.CharField(_("意向部位"), max_length=12, choices=Category.choices, blank=True)
    source = models.CharField(_("首次来源"), max_length=12, choices=SourceKind.choices)
    status = models.CharField(_("状态"), max_length=8, choices=LeadStatus.choices, default=LeadStatus.OPEN)
    loss = models.CharField(_("流失原因"), max_length=12, choices=LeadLoss.choices, blank=True)
    owner = models.ForeignKey(
        Staff, models.PROTECT, related_name="leads", null=True, blank=True, verbose_name=_("归属人")
    )
    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="leads", null=True, blank=True, verbose_name=_("客户")
    )
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, related_name="duplicates", null=True, blank=True, verbose_name=_("并入")
    )
    created_at = models.DateTimeField(_("咨询时间"))
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    first_response_at = models.DateTimeField(_("首次回应时间"), null=True, blank=True)
    last_touch_at = models.DateTimeField(_("最近联系时间"))
    next_due_at = models.DateTimeField(_("下次联系时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    erased_at = models.DateTimeField(_("删除时间"), null=True, blank=True)
    unscored_at = models.DateTimeField(_("本人要求只由人判断"), null=True, blank=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["phone_token"], name="lead_phone"),
            models.Index(fields=["owner", "status", "next_due_at"], name="lead_owner_due"),
            models.Index(fields=["campus", "status", "-created_at"], name="lead_campus_recent"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LeadStatus.values), name="lead_status_known"),
            models.CheckConstraint(
                condition=~Q(status="open") | Q(owner=None) | Q(next_due_at__isnull=False),
                name="lead_open_has_next_action",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None) | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="lead_end_timed",
            ),
            models.CheckConstraint(
                condition=(Q(status="lost") & ~Q(loss="")) | (~Q(status="lost") & Q(loss="")),
                name="lead_lost_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="linked", duplicate_of__isnull=False)
                | (~Q(status="linked") & Q(duplicate_of=None)),
                name="lead_linked_to_one",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(phone_token=None, owner=None), name="lead_erased_whole"
            ),
        ]

    @property
    def open_moves(self) -> frozenset[LeadStatus]:
        return rules.MOVES.get(LeadStatus(self.status), frozenset())

    @property
    def is_in_pool(self) -> bool:
        return self.owner_id is None and self.status == LeadStatus.OPEN


class Touch(models.Model):
    """One contact between the hospital and a lead, whoever began it; append-only."""

    PRIVACY = {
        "plain": {"id", "public_id", "lead", "by", "at", "next_due_at"},
        "personal": {"kind", "outcome", "source", "note"},
    }
    HOLDING = "growth.lead"
    VAULT: ClassVar[str] = "lead.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="touches")
    kind = models.CharField(_("方式"), max_length=10, choices=TouchKind.choices)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome.choices)
    source = models.CharField(_("来源"), max_length=12, choices=SourceKind.choices)
    note = EncryptedText(_("内容"), blank=True, default="")
    next_due_at = models.DateTimeField(_("约定下次联系"), null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="touch_append_only"),
            models.CheckConstraint(condition=Q(kind__in=TouchKind.values), name="touch_kind_known"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="touch_outcome_known"),
        ]


class LeadStep(models.Model):
    """One line of the trail: what was done to a lead, from whom to whom; append-only."""

    PRIVACY = {
        "plain": {"id", "lead", "owner_before", "owner_after", "other", "booking", "by", "at"},
        "personal": {"kind", "why"},
    }
    HOLDING = "growth.lead"

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="steps")
    kind = models.CharField(_("事项"), max_length=12, choices=StepKind.choices)
    why = models.CharField(_("原因"), max_length=12, blank=True)
    owner_before = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    owner_after = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    other = models.ForeignKey(Lead, models.PROTECT, related_name="+", null=True, blank=True)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="lead_step_append_only", erasable=["why"]),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="lead_step_kind_known"),
        ]


class LeadConsent(models.Model):
    """What somebody who asked agreed to besides the answer: advertisements, of full age; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "lead", "notice", "channel", "by", "at"},
        "personal": {"is_adult"},
    }
    HOLDING: ClassVar[str] = "outbox.enquiry"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"is_adult": ("marketing",)}

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="consents")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name=_("读过的告知"))
    is_adult = models.BooleanField(_("本人声明已满 18 周岁"))
    channel = models.CharField(_("渠道"), max_length=8, choices=ConsentChannel.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="lead_consent_append_only"),
            models.CheckConstraint(condition=Q(is_adult=True), name="lead_consent_of_an_adult"),
            models.CheckConstraint(
                condition=Q(channel__in=ConsentChannel.values), name="lead_consent_channel_known"
            ),
        ]
