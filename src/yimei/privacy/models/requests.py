"""What people ask of the hospital about their data, what became of it, and what may never come back."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums import (
    Decision,
    IdentityMethod,
    Mark,
    OutcomeKind,
    Refusal,
    RequestChannel,
    Requester,
    RequestKind,
    RequestStatus,
    Unit,
    UnsealReason,
)
from yimei.privacy.rules import requests as rules
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile

BY_CODE = [IdentityMethod.CODE.value, IdentityMethod.CODE_ID.value]
"""Proofs that the program itself has checked: nobody of the staff stands behind them."""


class DeadlineRule(models.Model):
    """By when one law, or the house, wants an answer; a running clock keeps the rule it began with (T-1)."""

    PRIVACY = {
        "plain": {
            "id",
            "code",
            "name",
            "kinds",
            "value",
            "hard_stop",
            "unit",
            "is_active",
            "source",
            "mark",
            "effective_from",
            "effective_to",
        }
    }
    HOLDING = "privacy.register"

    code = models.CharField(_("编码"), max_length=40)
    name = models.CharField(_("名称"), max_length=80)
    kinds = models.JSONField(_("请求类别"), default=list, help_text=_("空为全部类别"))
    value = models.PositiveSmallIntegerField(_("答复期限"))
    hard_stop = models.PositiveSmallIntegerField(_("最迟期限"))
    unit = models.CharField(_("单位"), max_length=8, choices=Unit.choices)
    is_active = models.BooleanField(_("启用"), default=True)
    source = models.CharField(_("来源"), max_length=160)
    mark = models.CharField(_("核实"), max_length=12, choices=Mark.choices)
    effective_from = models.DateField(_("生效"))
    effective_to = models.DateField(_("失效"), null=True, blank=True)

    class Meta:
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "effective_from"], name="deadline_rule_once"),
            models.CheckConstraint(condition=Q(hard_stop__gte=F("value")), name="deadline_before_hard_stop"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_labels(self) -> str:
        """The requests to which it applies, in words."""
        return "、".join(str(RequestKind(kind).label) for kind in self.kinds)


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.PRIVACY_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            permission,
            own=Q(received_by=staff),
            campus=Q(patient__campus=staff.campus_id),
        )

    def open(self) -> Self:
        return self.filter(status__in=rules.OPEN)

    def with_people(self) -> Self:
        people = ("patient__person__vault_key", "patient__campus", "received_by")
        return self.select_related(*people, "rule", "package__key")


class RightsRequest(models.Model):
    """One request of a person about her data (主体权利请求); its words are under her key and go with it."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "kind",
            "requester",
            "channel",
            "scope",
            "received_at",
            "received_by",
            "rule",
            "due_at",
            "hard_stop_at",
            "extended_to",
            "status",
            "identity_method",
            "identity_at",
            "identity_by",
            "decision",
            "refusal",
            "decided_at",
            "decided_by",
            "answered_at",
            "answered_by",
            "letter_sha256",
            "package",
            "package_sha256",
            "package_expires_at",
            "is_provisional",
            "evidence_sha256",
        },
        "personal": {"proof", "details", "extension_reason", "reply", "wanted"},
    }
    HOLDING = "privacy.request"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("请求"), max_length=10, choices=RequestKind.choices)
    requester = models.CharField(_("请求人"), max_length=10, choices=Requester.choices)
    proof = EncryptedText(_("请求人与证明材料"), blank=True, default="")
    channel = models.CharField(_("提出方式"), max_length=8, choices=RequestChannel.choices)
    scope = models.JSONField(_("范围"), default=list, help_text=_("撤回同意时为目的的编码"))
    details = EncryptedText(_("请求内容"), blank=True, default="")
    received_at = models.DateTimeField(_("收到时间"))
    received_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("受理人")
    )
    wanted = EncryptedJSON(_("要求更正为"), null=True, blank=True)
    rule = models.ForeignKey(DeadlineRule, models.PROTECT, related_name="+", verbose_name=_("期限规则"))
    due_at = models.DateTimeField(_("答复期限"))
    hard_stop_at = models.DateTimeField(_("最迟期限"))
    is_provisional = models.BooleanField(
        _("期限暂定"), default=False, help_text=_("该年的节假日安排尚未公布，公布后重新推算")
    )
    extended_to = models.DateTimeField(_("延长至"), null=True, blank=True)
    extension_reason = EncryptedText(_("延长理由"), blank=True, default="")
    status = models.CharField(
        _("状态"), max_length=10, choices=RequestStatus.choices, default=RequestStatus.RECEIVED
    )
    identity_method = models.CharField(
        _("身份核验方式"), max_length=10, choices=IdentityMethod.choices, blank=True
    )
    identity_at = models.DateTimeField(_("身份核验时间"), null=True, blank=True)
    identity_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("身份核验人")
    )
    decision = models.CharField(_("决定"), max_length=8, choices=Decision.choices, blank=True)
    refusal = models.CharField(_("不同意的理由"), max_length=10, choices=Refusal.choices, blank=True)
    reply = EncryptedText(_("给请求人的话"), blank=True, default="")
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("决定人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("答复人")
    )
    letter_sha256 = models.CharField(_("答复书摘要"), max_length=64, blank=True)
    package = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("个人信息副本")
    )
    package_sha256 = models.CharField(_("副本摘要"), max_length=64, blank=True)
    package_expires_at = models.DateTimeField(_("副本失效时间"), null=True, blank=True)

    evidence_sha256 = models.CharField(_("办理证据摘要"), max_length=64, blank=True)

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["status", "due_at"], name="rights_request_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values), name="rights_request_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "unproved", "cancelled", "outgrown"])
                | Q(identity_at__isnull=False, identity_by__isnull=False, identity_method__gt="")
                | Q(identity_at__isnull=False, identity_method__in=BY_CODE),
                name="rights_request_identity_before_decision",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["decided", "answered"])
                | Q(decided_at__isnull=False, decided_by__isnull=False, decision__gt=""),
                name="rights_request_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(decision="refused") | Q(refusal__gt=""), name="rights_request_refused_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="rights_request_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None) | Q(extended_to__lte=F("hard_stop_at")),
                name="rights_request_within_hard_stop",
            ),
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=Q(status__in=["received", "verified", "decided"]),
                name="rights_request_one_open_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the letter and the telephone call it."""
        return str(self.public_id)[:8].upper()

    @property
    def open_moves(self) -> frozenset[RequestStatus]:
        return rules.open_moves(RequestStatus(self.status))

    @property
    def ends_at(self) -> datetime:
        """When the clock runs out, extensions counted."""
        return self.extended_to or self.due_at

    @property
    def last_day(self) -> datetime:
        """An instant within the last day, for words like 11月23日."""
        return self.ends_at - timedelta(seconds=1)


class RequestMove(models.Model):
    """One move of a request; append-only."""

    PRIVACY = {"plain": {"id", "request", "old", "new", "by", "at"}}
    HOLDING = "privacy.request"

    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="moves", verbose_name=_("请求"))
    old = models.CharField(max_length=10, choices=RequestStatus.choices, blank=True)
    new = models.CharField(max_length=10, choices=RequestStatus.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="request_move_append_only")]

    @property
    def by_name(self) -> str:
        """Who of the staff did it; nobody when the person did it herself."""
        return self.by.name if self.by else ""


class Outcome(models.Model):
    """What was decided for one holding: erased, sealed until, kept or refused, with article and reason."""

    PRIVACY = {
        "plain": {
            "id",
            "request",
            "holding",
            "outcome",
            "until",
            "article",
            "why",
            "rows",
            "decided_at",
        }
    }
    HOLDING = "privacy.request"

    request = models.ForeignKey(
        RightsRequest, models.PROTECT, related_name="outcomes", verbose_name=_("请求")
    )
    holding = models.CharField(_("处理活动"), max_length=40)
    outcome = models.CharField(_("结果"), max_length=8, choices=OutcomeKind.choices)
    until = models.DateField(_("封存至"), null=True, blank=True)
    article = models.CharField(_("依据"), max_length=160, blank=True)
    why = models.CharField(_("理由"), max_length=200, blank=True)
    rows = models.PositiveIntegerField(_("条数"), default=0)
    decided_at = models.DateTimeField(_("决定时间"))

    class Meta:
        ordering = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="outcome_append_only"),
            models.UniqueConstraint(fields=["request", "holding", "decided_at"], name="outcome_once"),
            models.CheckConstraint(condition=Q(outcome__in=OutcomeKind.values), name="outcome_known"),
        ]


class UnsealingQuerySet(models.QuerySet["Unsealing"]):
    def visible_to(self, staff: Staff) -> Self:
        may_judge = staff.may(Permission.PRIVACY_VIEW) or staff.may(Permission.PRIVACY_WRITE)
        return self if may_judge else self.filter(asked_by=staff)

    def awaiting(self) -> Self:
        return self.filter(judged_at=None)

    def with_people(self) -> Self:
        return self.select_related("patient__person__vault_key", "asked_by", "judged_by")


class Unsealing(models.Model):
    """Permission to read one person's sealed data for a day, asked by one, given by another (PIPL 47)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "reason",
            "asked_by",
            "asked_at",
            "judged_by",
            "judged_at",
            "is_granted",
            "until",
        },
        "personal": {"text"},
    }
    HOLDING = "people.breakglass"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="unsealings")
    reason = models.CharField(_("理由"), max_length=10, choices=UnsealReason.choices)
    text = EncryptedText(_("说明"))
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    asked_at = models.DateTimeField(_("申请时间"))
    judged_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("批准人")
    )
    judged_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    is_granted = models.BooleanField(_("是否批准"), null=True, blank=True)
    until = models.DateTimeField(_("有效至"), null=True, blank=True)

    objects = UnsealingQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("asked_by")), name="unsealing_two_people"
            ),
            models.CheckConstraint(
                condition=Q(judged_at=None, judged_by=None, is_granted=None, until=None)
                | Q(judged_at__isnull=False, judged_by__isnull=False, is_granted=False, until=None)
                | Q(judged_at__isnull=False, judged_by__isnull=False, is_granted=True, until__isnull=False),
                name="unsealing_judged_whole",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=UnsealReason.values), name="unsealing_reason_known"
            ),
            models.UniqueConstraint(
                fields=["patient", "asked_by"], condition=Q(judged_at=None), name="unsealing_asked_once"
            ),
        ]


class Erasure(models.Model):
    """One line of the deletion ledger: opaque key, what, when. A copy outlives the database."""

    PRIVACY = {"plain": {"id", "subject_key", "is_total", "is_restriction", "is_lifted", "until", "at"}}
    HOLDING = "audit.log"

    subject_key = models.UUIDField(_("当事人密钥编号"), db_index=True)
    is_total = models.BooleanField(_("全部删除"))
    is_restriction = models.BooleanField(_("限制处理"), default=False)
    is_lifted = models.BooleanField(_("恢复处理"), default=False)
    until = models.DateField(_("封存至"), null=True, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="erasure_append_only")]
