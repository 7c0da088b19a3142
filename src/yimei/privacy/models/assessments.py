"""Impact assessments (个人信息保护影响评估, PIPL 55 and 56)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import FrozenOnce
from yimei.people.models import Staff
from yimei.privacy.enums import AssessmentState
from yimei.privacy.rules.assessments import kind_of


class Assessment(models.Model):
    """One assessment of one activity; approved by somebody else it is frozen and kept three years."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "title", "subject", "triggers", "necessity", "impact", "measures", "risks",
            "state", "prepared_by", "prepared_at", "submitted_at", "remark", "decided_by", "decided_at",
            "valid_to", "keep_until",
        }
    }  # fmt: skip
    HOLDING = "privacy.register"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("标题"), max_length=80)
    subject = models.CharField(
        _("评估对象"), max_length=60, help_text=_("purpose:编码、party:编码或 transfer:编码")
    )
    triggers = models.JSONField(_("触发情形"), default=list)
    necessity = models.TextField(_("目的与方式是否合法、正当、必要"), blank=True)
    impact = models.TextField(_("对个人权益的影响与安全风险"), blank=True)
    measures = models.TextField(_("保护措施是否合法、有效并与风险相适应"), blank=True)
    risks = models.JSONField(_("风险"), default=list)
    state = models.CharField(
        _("状态"), max_length=10, choices=AssessmentState.choices, default=AssessmentState.DRAFT
    )
    prepared_by = models.ForeignKey(
        Staff,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("编写人"),
        help_text=_("空为随程序提供的草稿，无人改过"),
    )
    prepared_at = models.DateTimeField(_("编写时间"))
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    remark = models.CharField(_("批准意见"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("批准人")
    )
    decided_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)
    keep_until = models.DateField(_("至少保存至"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject", "valid_to"], name="assessment_subject")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=AssessmentState.values), name="assessment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("prepared_by")),
                name="assessment_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="approved",
                    decided_at__isnull=False,
                    valid_to__isnull=False,
                    keep_until__isnull=False,
                )
                | (~Q(state="approved") & Q(decided_at=None)),
                name="assessment_approved_whole",
            ),
            FrozenOnce(name="assessment_frozen", field="decided_at"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject_kind(self) -> str:
        return kind_of(self.subject)
