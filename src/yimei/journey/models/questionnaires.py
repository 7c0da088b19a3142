"""Questionnaires: frozen versions, sets of answers that freeze when complete, links, and what follows."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly, FrozenOnce
from yimei.journey.enums import ReferralOutcome
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile

ASKED_FOR = ("care.health", "survey", "research")
"""What questions may serve; each question names its own of them (ADR 84)."""


class Questionnaire(models.Model):
    """One published version of a questionnaire; it never changes, the next version stands beside it."""

    PRIVACY = {
        "plain": {"id", "public_id", "code", "version", "content", "sha256", "published_at", "published_by"}
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编号"), max_length=40)
    version = models.PositiveSmallIntegerField(_("版本"))
    content = models.JSONField(_("定义"))
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("发布人")
    )

    class Meta:
        ordering = ["code", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "version"], name="questionnaire_version_once"),
            AppendOnly(name="questionnaire_frozen"),
        ]


class QuestionnaireLink(models.Model):
    """A link by which one customer answers beforehand; only the token's hash is kept."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "created_at", "created_by", "expires_at", "revoked_at"},
        "health": {"codes"},
        "secret": {"token_hash"},
    }
    HOLDING = "journey.questionnaire"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"codes": ASKED_FOR}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="questionnaire_links")
    codes = models.JSONField(_("问卷"))
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("发出时间"))
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("发出人"))
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]


class AnswerSetQuerySet(models.QuerySet["AnswerSet"]):
    def complete(self) -> Self:
        return self.exclude(completed_at=None)

    def in_force(self) -> Self:
        """Complete, and not corrected by a later one."""
        return self.complete().filter(superseded_by=None)

    def with_people(self) -> Self:
        people = ("case__patient__person__vault_key", "case__campus", "case__procedure")
        return self.select_related(*people, "questionnaire", "started_by", "completed_by", "supersedes")


class AnswerSet(models.Model):
    """One customer's answers to one version: a draft until the server has found it whole, then frozen."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "questionnaire",
            "link",
            "language",
            "started_at",
            "started_by",
            "saved_at",
            "revision",
            "writer",
            "completed_at",
            "completed_by",
            "record_sha256",
            "pdf_sha256",
            "supersedes",
        },
        "health": {"draft", "answers", "scores", "signature", "record", "pdf"},
    }
    HOLDING = "journey.questionnaire"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("draft", "answers", "signature", "record", "pdf"), ASKED_FOR
    ) | {"scores": ("care.health",)}
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="answer_sets")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="answer_sets")
    link = models.ForeignKey(
        QuestionnaireLink, models.PROTECT, related_name="answer_sets", null=True, blank=True
    )
    language = models.CharField(_("语言"), max_length=10, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    saved_at = models.DateTimeField(_("最近保存"))
    revision = models.PositiveIntegerField(default=0)
    writer = models.CharField(max_length=32, blank=True, help_text=_("最近保存的页面"))
    draft = EncryptedJSON(_("未完成的回答"), default=dict)
    answers = EncryptedJSON(_("回答"), default=dict)
    scores = EncryptedJSON(_("得分"), default=dict)
    signature = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    record = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    record_sha256 = models.CharField(max_length=64, blank=True)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    completed_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    completed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("录入人")
    )
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        related_name="superseded_by",
        null=True,
        blank=True,
        verbose_name=_("更正的上一份"),
    )

    objects = AnswerSetQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "questionnaire"], condition=Q(completed_at=None), name="answer_set_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None, record=None, pdf=None, record_sha256="", pdf_sha256="")
                | (
                    Q(completed_at__isnull=False, record__isnull=False, pdf__isnull=False)
                    & ~Q(record_sha256="")
                    & ~Q(pdf_sha256="")
                ),
                name="answer_set_complete_whole",
            ),
            FrozenOnce(name="answer_set_frozen", field="completed_at"),
        ]

    @property
    def is_by_customer(self) -> bool:
        """Answered by the customer alone, through a link."""
        return self.completed_at is not None and self.completed_by_id is None


class Referral(models.Model):
    """A screening that asks for a physician's decision; a later set of answers does not take it away."""

    PRIVACY = {"plain": {"id", "public_id", "case", "answers", "code", "raised_at"}}
    HOLDING = "journey.questionnaire"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    answers = models.OneToOneField(AnswerSet, models.PROTECT, related_name="referral")
    code = models.CharField(_("规则"), max_length=40)
    raised_at = models.DateTimeField(_("提出时间"))

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="referral_append_only")]


class ReferralDecision(models.Model):
    """What a named physician decided about a referral, and why; the newest counts."""

    PRIVACY = {
        "plain": {"id", "public_id", "referral", "by", "at"},
        "health": {"outcome", "reason"},
    }
    HOLDING = "journey.questionnaire"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(("outcome", "reason"), ("care.health",))
    VAULT: ClassVar[str] = "referral.case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("决定"), max_length=8, choices=ReferralOutcome.choices)
    reason = EncryptedText(_("依据"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("决定的医师"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="referral_decision_append_only"),
            models.CheckConstraint(
                condition=Q(outcome__in=ReferralOutcome.values), name="referral_decision_known"
            ),
        ]
