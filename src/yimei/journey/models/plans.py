"""Versioned plans and the documents signed for exactly one version."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import FrozenOnce
from yimei.core.fields import MoneyField
from yimei.hospital.enums import Anaesthesia, FormKind
from yimei.hospital.models import FormTemplate, Procedure
from yimei.journey.enums import PlanStatus, Side
from yimei.journey.models.cases import Case
from yimei.people.models import Guardian, Staff
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import StoredFile


class Plan(models.Model):
    """One version of what will be done, by whom, at what price; frozen once final."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "version",
            "option",
            "surgeon",
            "price",
            "quote_id",
            "by",
            "at",
            "sha256",
            "finalised_at",
            "chosen_at",
            "superseded_at",
        },
        "health": {
            "status",
            "procedure",
            "side",
            "anaesthesia",
            "sites",
            "implants",
            "implant_items",
            "alternatives",
            "doing_nothing",
            "risks",
        },
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    option = models.CharField(_("选项"), max_length=1, default="A")
    version = models.PositiveIntegerField(_("版本"))
    status = models.CharField(_("状态"), max_length=10, choices=PlanStatus.choices, default=PlanStatus.DRAFT)
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("项目"))
    side = models.CharField(_("部位侧"), max_length=6, choices=Side.choices)
    anaesthesia = models.CharField(_("麻醉"), max_length=16, choices=Anaesthesia.choices)
    surgeon = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("主诊医师"))
    sites = EncryptedText(_("部位与设计"), blank=True, default="")
    implants = EncryptedText(_("植入物与材料"), blank=True, default="")
    implant_items = EncryptedJSON(_("植入物清单"), null=True, blank=True)
    alternatives = EncryptedText(_("替代方案"))
    doing_nothing = EncryptedText(_("不做手术"), null=True, blank=True)
    risks = EncryptedText(_("主要风险"))
    price = MoneyField(_("价格"))
    quote_id = models.UUIDField(_("报价"), null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["case", "version"], name="plan_version_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="chosen"), name="plan_one_chosen"),
            models.UniqueConstraint(
                fields=["case", "option"], condition=Q(superseded_at=None), name="plan_option_one_in_force"
            ),
            models.CheckConstraint(condition=Q(option__in=["A", "B", "C"]), name="plan_option_known"),
            FrozenOnce(
                name="plan_frozen_when_final",
                field="finalised_at",
                allow=["status", "chosen_at", "superseded_at"],
            ),
        ]


class ConsentForm(models.Model):
    """A document signed for one plan version, frozen with its hash; a newer plan voids it (民法典 1219)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "plan",
            "template",
            "kind",
            "plan_sha256",
            "talked_by",
            "talked_at",
            "pdf",
            "pdf_sha256",
            "signature",
            "guardian_signature",
            "doctor_signature",
            "signed_at",
            "voided_at",
        },
        "personal": {"guardian"},
        "health": {"questions", "choices", "void_reason"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="consent_forms")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="consent_forms")
    template = models.ForeignKey(FormTemplate, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=FormKind.choices)
    plan_sha256 = models.CharField(max_length=64)
    talked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("谈话医师"))
    talked_at = models.DateTimeField(_("谈话时间"))
    questions = EncryptedText(_("客户的提问与复述"), blank=True, default="")
    choices = models.JSONField(_("勾选"), default=dict)
    guardian = models.ForeignKey(Guardian, models.PROTECT, related_name="+", null=True, blank=True)
    signature = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    guardian_signature = models.ForeignKey(
        StoredFile, models.PROTECT, related_name="+", null=True, blank=True
    )
    doctor_signature = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pdf_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField(_("签署时间"))
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("作废原因"), max_length=80, blank=True)

    class Meta:
        ordering = ["-signed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["plan", "template"], condition=Q(voided_at=None), name="consent_form_once_in_force"
            ),
            FrozenOnce(
                name="consent_form_frozen",
                field="signed_at",
                allow=["voided_at", "void_reason"],
                erasable=["choices"],
            ),
        ]
