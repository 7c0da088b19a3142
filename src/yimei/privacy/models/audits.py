"""Live control tests, compliance audits with their findings, and counters with consequences."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly, FrozenOnce
from yimei.people.models import Staff
from yimei.privacy.enums import CheckResult, ProofState, RoundKind
from yimei.vault.models import StoredFile


class ControlRun(models.Model):
    """What one live control test found at one moment; append-only, nobody declares it."""

    PRIVACY = {"plain": {"id", "code", "state", "text", "count", "at", "by"}}
    HOLDING = "privacy.register"

    code = models.CharField(_("控制"), max_length=40)
    state = models.CharField(_("结果"), max_length=4, choices=ProofState.choices)
    text = models.CharField(_("说明"), max_length=200)
    count = models.PositiveIntegerField(_("证据条数"), default=0)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["code", "-id"], name="control_latest")]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="control_run_append_only")]


class AuditRound(models.Model):
    """One compliance audit; signed, it is frozen."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "kind", "title", "period_from", "period_to", "seed", "lead", "started_at",
            "signed_by", "signed_at", "report", "report_sha256", "signer", "filed_on", "filing_no",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("类别"), max_length=8, choices=RoundKind.choices)
    title = models.CharField(_("标题"), max_length=80)
    period_from = models.DateField(_("期间起"))
    period_to = models.DateField(_("期间止"))
    seed = models.CharField(_("抽样种子"), max_length=40)
    lead = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("审计负责人"))
    started_at = models.DateTimeField(_("开始时间"))
    signed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField(_("签署时间"), null=True, blank=True)
    report = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    report_sha256 = models.CharField(_("报告摘要"), max_length=64, blank=True)
    signer = models.CharField(_("电子签名"), max_length=120, blank=True)
    filed_on = models.DateField(_("报送日期"), null=True, blank=True)
    filing_no = models.CharField(_("报送编号"), max_length=60, blank=True)

    class Meta:
        ordering = ["-period_to", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="audit_round_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, report=None) | Q(signed_at__isnull=False, report__isnull=False),
                name="audit_round_signed_whole",
            ),
            FrozenOnce(name="audit_round_frozen", field="signed_at", allow=["filed_on", "filing_no"]),
        ]

    def __str__(self) -> str:
        return self.title


class AuditCheck(models.Model):
    """One question of an audit: the rule, what the system proves, the judgement, what is done about it."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "round", "rule_code", "area", "question", "evidence", "result", "is_automatic",
            "finding", "owner", "due_on", "fix", "fixed_at", "verified_by", "verified_at",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(AuditRound, models.PROTECT, related_name="checks")
    rule_code = models.CharField(_("规则"), max_length=16)
    area = models.CharField(_("依据"), max_length=160)
    question = models.CharField(_("检查要点"), max_length=600)
    evidence = models.JSONField(_("自动证据"), default=list)
    result = models.CharField(_("结论"), max_length=8, choices=CheckResult.choices, default=CheckResult.OPEN)
    is_automatic = models.BooleanField(_("由系统验证"), default=False)
    finding = models.CharField(_("发现"), max_length=500, blank=True)
    owner = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("整改责任人")
    )
    due_on = models.DateField(_("整改期限"), null=True, blank=True)
    fix = models.CharField(_("整改情况"), max_length=500, blank=True)
    fixed_at = models.DateTimeField(_("整改时间"), null=True, blank=True)
    verified_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "rule_code"], name="audit_check_once"),
            models.CheckConstraint(
                condition=Q(result__in=CheckResult.values), name="audit_check_result_known"
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None) | Q(verified_by__isnull=False, fixed_at__isnull=False),
                name="audit_check_verified_after_fix",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("owner")), name="audit_check_two_people"
            ),
        ]


class AuditSample(models.Model):
    """Rows drawn by a seed that anybody can draw again, and how each was judged."""

    PRIVACY = {"plain": {"id", "public_id", "round", "kind", "population", "ids", "bad", "by", "at"}}
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(AuditRound, models.PROTECT, related_name="samples")
    kind = models.CharField(_("抽样对象"), max_length=16)
    population = models.PositiveIntegerField(_("总数"))
    ids = models.JSONField(_("样本编号"), default=list)
    bad = models.JSONField(_("不合格样本"), default=dict)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["round", "kind"], name="audit_sample_once")]


class CounterReading(models.Model):
    """How many persons on one day; append-only."""

    PRIVACY = {"plain": {"id", "code", "value", "at"}}
    HOLDING = "privacy.register"

    code = models.CharField(_("计数"), max_length=16)
    value = models.PositiveIntegerField(_("人数"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["code", "-id"], name="counter_latest")]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="counter_append_only")]


class CounterAlarm(models.Model):
    """A threshold that was reached: the duty it starts and its clock in working days."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "limit_code", "rule_code", "percent", "value", "threshold", "reached_at",
            "due_on", "is_provisional", "done_at", "done_by", "evidence",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    limit_code = models.CharField(_("门槛"), max_length=40)
    rule_code = models.CharField(_("规则编号"), max_length=16)
    percent = models.PositiveSmallIntegerField(_("百分比"))
    value = models.PositiveIntegerField(_("人数"))
    threshold = models.PositiveIntegerField(_("门槛人数"))
    reached_at = models.DateTimeField(_("达到时间"))
    due_on = models.DateField(_("报送期限"), null=True, blank=True)
    is_provisional = models.BooleanField(_("期限暂定"), default=False)
    done_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    evidence = models.CharField(_("证据"), max_length=200, blank=True)

    class Meta:
        ordering = ["-reached_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["limit_code", "percent"], condition=Q(done_at=None), name="counter_alarm_once"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | (Q(done_by__isnull=False) & ~Q(evidence="")),
                name="counter_alarm_done_with_proof",
            ),
        ]
