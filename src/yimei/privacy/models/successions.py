"""When another handler takes over, and when a joint one must hear of a request (PIPL 20, 22)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Guardian, Patient, Staff
from yimei.privacy.enums.incidents import LetterState
from yimei.privacy.enums.parties import SuccessionKind, SuccessionState
from yimei.privacy.models.parties import Party
from yimei.privacy.models.requests import RightsRequest


class Succession(models.Model):
    """A merger, split, dissolution or bankruptcy: who receives the data, and that everybody was told."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "kind", "recipient", "contact", "what", "effective_on", "state", "created_by",
            "created_at", "approved_by", "approved_at", "closed_at",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("事由"), max_length=12, choices=SuccessionKind.choices)
    recipient = models.CharField(_("接收方的名称或者姓名"), max_length=80)
    contact = models.CharField(_("接收方的联系方式"), max_length=120)
    what = models.CharField(_("转移哪些信息"), max_length=200)
    effective_on = models.DateField(_("转移日期"))
    state = models.CharField(
        _("状态"), max_length=8, choices=SuccessionState.choices, default=SuccessionState.DRAFT
    )
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("登记时间"))
    approved_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SuccessionState.values), name="succession_state_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("created_by")),
                name="succession_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["telling", "closed"]) | Q(approved_at__isnull=False),
                name="succession_told_when_approved",
            ),
        ]

    @property
    def is_public(self) -> bool:
        return self.state in {SuccessionState.TELLING, SuccessionState.CLOSED}


class SuccessionWord(models.Model):
    """That one person, or the guardian who answers for her, was told; or why a message could not go."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "succession", "patient", "guardian", "state", "message", "problem", "at"}
    }
    HOLDING = "privacy.request"

    succession = models.ForeignKey(Succession, models.PROTECT, related_name="words")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    guardian = models.ForeignKey(Guardian, models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=LetterState.choices)
    message = models.UUIDField(_("消息"), null=True, blank=True)
    problem = models.CharField(_("没有发出的原因"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["succession", "patient"], name="succession_word_once"),
        ]


class JointPass(models.Model):
    """That a joint handler was told of a request which concerns what both handle (PIPL 20)."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "request", "party", "by", "at"},
        "personal": {"how"},
    }
    HOLDING = "privacy.request"

    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="passes")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    how = models.CharField(_("怎样转告"), max_length=120)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("转告时间"))

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["request", "party"], name="joint_pass_once")]
