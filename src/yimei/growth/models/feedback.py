"""What people say of the hospital, its answers, and what it changes because of them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums.feedback import (
    Effect,
    FeedbackKind,
    FeedbackStatus,
    FeedbackStepKind,
    FeedbackWay,
    Finding,
    ImprovementStatus,
    Platform,
    ReplyWay,
    Severity,
    Theme,
)
from yimei.growth.rules import feedback as rules
from yimei.growth.rules import improvements as improvement_rules
from yimei.hospital.models import Campus
from yimei.journey.models import Survey
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.models import RightsRequest
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey


class FeedbackPlace(models.Model):
    """A point of care with its code: whoever scans it says where she is without saying who she is."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "campus", "name", "code", "created_at", "created_by", "stopped_at"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    name = models.CharField(_("地点"), max_length=40)
    code = models.CharField(_("地点码"), max_length=12, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["campus", "name"], condition=Q(stopped_at=None), name="feedback_place_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReviewFile(models.Model):
    """One file of platform reviews that was read; of refused lines number and reason, no words."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "platform", "sha256", "rows", "created", "known", "refused", "by",
            "at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    platform = models.CharField(_("平台"), max_length=10, choices=Platform.choices)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("行数"))
    created = models.PositiveIntegerField(_("新评价"))
    known = models.PositiveIntegerField(_("已有"))
    refused = models.JSONField(_("未收下的行"), default=list, help_text=_("行号与原因，不含内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="review_file_append_only"),
            models.UniqueConstraint(fields=["campus", "sha256"], name="review_file_once"),
        ]


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def living(self) -> Self:
        """Without what was erased and what customers said whose data are sealed or restricted."""
        return self.filter(Q(patient=None) | Q(patient__sealed_at=None), erased_at=None)

    def reachable(self, staff: Staff, permission: Permission = Permission.FEEDBACK_WRITE) -> Self:
        """One's own to answer; the campus's for whoever hands feedback out."""
        return scoped(  # type: ignore[return-value]
            self.living(), staff, permission, own=Q(owner=staff.pk), campus=Q(campus=staff.campus_id)
        )

    def running(self) -> Self:
        return self.filter(status__in=sorted(rules.RUNNING))

    def with_people(self) -> Self:
        return self.select_related(
            "vault_key",
            "campus",
            "place",
            "owner",
            "patient__person__vault_key",
            "survey__case__patient__person__vault_key",
        )


class Feedback(models.Model):
    """One thing that somebody said, with a key of its own; whose it is may never be known."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "vault_key", "campus", "place", "way", "platform", "request", "owner", "kind",
            "severity", "theme", "status", "finding", "found", "due_at", "is_provisional", "said_on",
            "created_at", "created_by", "triaged_at", "answered_at", "closed_at", "reminded_at", "risen_at",
            "erased_at", "may_answer",
        },
        "personal": {"patient", "survey", "words", "name", "phone", "stars", "conclusion"},
        "secret": {"origin", "ref_token"},
    }  # fmt: skip
    HOLDING = "growth.feedback"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="feedback", verbose_name=_("院区"))
    place = models.ForeignKey(
        FeedbackPlace, models.PROTECT, related_name="feedback", null=True, blank=True, verbose_name=_("地点")
    )
    way = models.CharField(_("来自"), max_length=8, choices=FeedbackWay.choices)
    platform = models.CharField(_("平台"), max_length=10, choices=Platform.choices, blank=True)
    ref_token = models.BinaryField(_("评价编号的带密钥标识"), max_length=16, null=True, blank=True)
    origin = models.BinaryField(_("来源地址散列"), max_length=16, null=True, blank=True)
    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="feedback", null=True, blank=True, verbose_name=_("客户")
    )
    survey = models.OneToOneField(Survey, models.PROTECT, related_name="feedback", null=True, blank=True)
    request = models.ForeignKey(
        RightsRequest, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("个人信息投诉")
    )
    words = EncryptedText(_("内容"), blank=True, default="")
    name = EncryptedText(_("称呼或昵称"), blank=True, default="")
    phone = EncryptedText(_("联系电话"), blank=True, default="")
    may_answer = models.BooleanField(_("愿意收到答复"), default=False)
    stars = models.PositiveSmallIntegerField(_("评分"), null=True, blank=True)
    found = models.JSONField(_("文中认出的个人信息种类"), default=list)
    said_on = models.DateField(_("写于"))
    kind = models.CharField(_("性质"), max_length=10, choices=FeedbackKind.choices, blank=True)
    severity = models.CharField(_("严重程度"), max_length=6, choices=Severity.choices, blank=True)
    theme = models.CharField(_("主题"), max_length=10, choices=Theme.choices, blank=True)
    status = models.CharField(
        _("状态"), max_length=8, choices=FeedbackStatus.choices, default=FeedbackStatus.NEW
    )
    owner = models.ForeignKey(
        Staff, models.PROTECT, related_name="feedback", null=True, blank=True, verbose_name=_("负责人")
    )
    finding = models.CharField(_("查明"), max_length=10, choices=Finding.choices, blank=True)
    conclusion = EncryptedText(_("处理结论"), blank=True, default="")
    due_at = models.DateTimeField(_("答复期限"))
    is_provisional = models.BooleanField(_("期限按未公布的日历暂定"), default=False)
    created_at = models.DateTimeField(_("收到时间"))
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    triaged_at = models.DateTimeField(_("分诊时间"), null=True, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    risen_at = models.DateTimeField(_("上报时间"), null=True, blank=True)
    erased_at = models.DateTimeField(_("删除时间"), null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["campus", "status", "due_at"], name="feedback_campus_due"),
            models.Index(fields=["owner", "status", "due_at"], name="feedback_owner_due"),
            models.Index(fields=["place", "-created_at"], name="feedback_place_recent"),
            models.Index(fields=["origin", "-created_at"], name="feedback_origin_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=FeedbackStatus.values), name="feedback_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["new", "void"]) | (~Q(kind="") & ~Q(severity="") & ~Q(theme="")),
                name="feedback_triaged_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | (Q(closed_at__isnull=False) & ~Q(finding="")),
                name="feedback_closed_with_a_finding",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["open", "answered"])
                | Q(owner__isnull=False)
                | Q(erased_at__isnull=False),
                name="feedback_open_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(stars=None) | Q(stars__gte=1, stars__lte=5), name="feedback_stars_in_range"
            ),
            models.UniqueConstraint(
                fields=["campus", "platform", "ref_token"],
                condition=Q(ref_token__isnull=False),
                name="feedback_review_once",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[FeedbackStatus]:
        return rules.MOVES.get(FeedbackStatus(self.status), frozenset())

    @property
    def is_public(self) -> bool:
        return self.way == FeedbackWay.REVIEW

    @property
    def said(self) -> str:
        """Its own words, or what the survey says that it came from."""
        return self.survey.comment if self.survey is not None else self.words


class FeedbackStep(models.Model):
    """One line of what was done about it; append-only, its note under the key of the feedback."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "feedback", "kind", "owner", "by", "at"},
        "personal": {"note"},
    }
    HOLDING: ClassVar[str] = "growth.feedback"
    VAULT: ClassVar[str] = "feedback.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="steps")
    kind = models.CharField(_("事项"), max_length=10, choices=FeedbackStepKind.choices)
    note = EncryptedText(_("记录"), blank=True, default="")
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="feedback_step_append_only"),
            models.CheckConstraint(
                condition=Q(kind__in=FeedbackStepKind.values), name="feedback_step_kind_known"
            ),
        ]


class FeedbackReply(models.Model):
    """One answer as it was given; append-only. A message that told of it is named."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "feedback", "way", "message", "by", "at"},
        "personal": {"text"},
    }
    HOLDING: ClassVar[str] = "growth.feedback"
    VAULT: ClassVar[str] = "feedback.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="replies")
    way = models.CharField(_("方式"), max_length=8, choices=ReplyWay.choices)
    text = EncryptedText(_("答复"))
    message = models.UUIDField(_("通知消息"), null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="feedback_reply_append_only"),
            models.CheckConstraint(condition=Q(way__in=ReplyWay.values), name="feedback_reply_way_known"),
        ]


class ImprovementQuerySet(models.QuerySet["Improvement"]):
    def reachable(self, staff: Staff, permission: Permission = Permission.FEEDBACK_WRITE) -> Self:
        return scoped(  # type: ignore[return-value]
            self, staff, permission, own=Q(owner=staff.pk), campus=Q(campus=staff.campus_id)
        )


class Improvement(models.Model):
    """Something that the hospital changes because of what was said; over only with evidence and a count."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "feedback", "what", "theme", "place", "owner", "due_on", "status",
            "evidence", "done_at", "before", "after", "days", "effect", "closed_at", "note", "created_at",
            "created_by", "reminded_at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    feedback = models.ManyToManyField(Feedback, related_name="improvements", verbose_name=_("因为"))
    what = models.CharField(_("改什么"), max_length=200)
    theme = models.CharField(_("主题"), max_length=10, choices=Theme.choices)
    place = models.ForeignKey(
        FeedbackPlace, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("地点")
    )
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="improvements", verbose_name=_("负责人"))
    due_on = models.DateField(_("完成期限"))
    status = models.CharField(
        _("状态"), max_length=7, choices=ImprovementStatus.choices, default=ImprovementStatus.OPEN
    )
    evidence = models.CharField(_("完成的证据"), max_length=300, blank=True)
    note = models.CharField(_("结论"), max_length=200, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("前后各数多少天"), default=30)
    before = models.PositiveIntegerField(_("之前的件数"), null=True, blank=True)
    after = models.PositiveIntegerField(_("之后的件数"), null=True, blank=True)
    effect = models.CharField(_("效果"), max_length=5, choices=Effect.choices, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status__in=ImprovementStatus.values), name="improvement_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "dropped"]) | (~Q(evidence="") & Q(done_at__isnull=False)),
                name="improvement_done_with_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | (Q(before__isnull=False, after__isnull=False, closed_at__isnull=False) & ~Q(effect="")),
                name="improvement_closed_after_counting",
            ),
            models.CheckConstraint(
                condition=~Q(status="dropped") | ~Q(note=""), name="improvement_dropped_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("created_at")), name="improvement_in_order"
            ),
        ]

    @property
    def open_moves(self) -> frozenset[ImprovementStatus]:
        return improvement_rules.MOVES.get(ImprovementStatus(self.status), frozenset())
