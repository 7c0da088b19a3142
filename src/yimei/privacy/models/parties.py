"""Those who receive personal information from the hospital, and what leaves the country."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Staff
from yimei.privacy.enums.parties import PartyKind, PartyState, Route, TransferGround, TransferState
from yimei.vault.models import StoredFile


class Party(models.Model):
    """One processor, recipient or joint handler; outgoing interfaces ask for it by its code."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "code", "name", "kind", "service", "country", "method", "holdings",
            "consent_purpose", "diligence", "terms", "duties", "contract_no", "valid_from", "valid_to",
            "state", "next_review_on", "created_by", "created_at", "approved_by", "approved_at", "ended_at",
            "ended_by", "proof", "proof_file",
        },
        "personal": {"contact", "incident_contact"},
    }  # fmt: skip
    HOLDING = "privacy.party"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(
        _("接口编码"),
        max_length=40,
        unique=True,
        help_text=_("外发接口按这个编码核对，例如 sms.aliyun"),
    )
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("关系"), max_length=10, choices=PartyKind.choices)
    service = models.CharField(_("目的与服务内容"), max_length=200)
    country = models.CharField(_("存放国家或地区"), max_length=2, default="CN")
    method = models.CharField(_("处理方式"), max_length=120)
    holdings = models.JSONField(_("提供的信息"), default=list, help_text=_("处理活动的编码"))
    consent_purpose = models.CharField(_("单独同意的目的"), max_length=40, blank=True)
    contact = models.CharField(_("联系人与电话"), max_length=120)
    incident_contact = models.CharField(_("事件联系人与电话"), max_length=120)
    diligence = models.JSONField(_("尽职调查"), default=dict)
    terms = models.JSONField(_("合同条款"), default=list)
    duties = models.JSONField(_("共同处理者的分工"), default=dict, help_text=_("事项 → 由谁负责"))
    contract_no = models.CharField(_("合同编号"), max_length=60, blank=True)
    valid_from = models.DateField(_("合同生效"), null=True, blank=True)
    valid_to = models.DateField(_("合同到期"), null=True, blank=True, help_text=_("含当日"))
    state = models.CharField(_("状态"), max_length=10, choices=PartyState.choices, default=PartyState.DRAFT)
    next_review_on = models.DateField(_("下次复核"), null=True, blank=True)
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("登记时间"))
    approved_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    proof = models.CharField(_("返还或删除证明"), max_length=200, blank=True)
    proof_file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PartyState.values), name="party_state_known"),
            models.CheckConstraint(
                condition=~Q(state="active")
                | Q(approved_at__isnull=False, valid_to__isnull=False, next_review_on__isnull=False),
                name="party_active_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("created_by")), name="party_by_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | (Q(ended_at__isnull=False) & ~Q(proof="")),
                name="party_ended_with_proof",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="party_contract_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_abroad(self) -> bool:
        return self.country != "CN"


class PartyEvent(models.Model):
    """One step in the life of a relation: approved, reviewed, suspended, ended; append-only (NDR 12)."""

    PRIVACY = {"plain": {"id", "party", "word", "text", "by", "at"}}
    HOLDING = "privacy.party"

    party = models.ForeignKey(Party, models.PROTECT, related_name="events")
    word = models.CharField(_("动作"), max_length=16)
    text = models.CharField(_("说明"), max_length=500, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="party_event_append_only")]


class Transfer(models.Model):
    """One kind of giving personal information abroad; nothing leaves while it is not released (X-8)."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "code", "title", "party", "ground", "consent_purpose", "holdings",
            "is_sensitive", "is_important", "rights", "route", "evidence", "effective_on", "valid_to",
            "filing_due_on", "is_provisional", "filed_on", "filing_no", "state", "created_by",
            "created_at", "released_by", "released_at",
        }
    }  # fmt: skip
    HOLDING = "privacy.transfer"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=40, unique=True)
    title = models.CharField(_("出境活动"), max_length=80)
    party = models.ForeignKey(Party, models.PROTECT, related_name="transfers", verbose_name=_("境外接收方"))
    ground = models.CharField(_("必要性"), max_length=10, choices=TransferGround.choices)
    consent_purpose = models.CharField(_("单独同意的目的"), max_length=40, blank=True)
    holdings = models.JSONField(_("出境的信息"), default=list)
    is_sensitive = models.BooleanField(_("含敏感个人信息"), default=True)
    is_important = models.BooleanField(_("含重要数据"), default=False)
    rights = models.CharField(_("向境外接收方行使权利的途径"), max_length=200, blank=True)
    route = models.CharField(_("出境路径"), max_length=14, choices=Route.choices, blank=True)
    evidence = models.CharField(_("合同、认证或评估编号"), max_length=80, blank=True)
    effective_on = models.DateField(_("生效日"), null=True, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)
    filing_due_on = models.DateField(_("备案期限"), null=True, blank=True)
    is_provisional = models.BooleanField(_("期限暂定"), default=False)
    filed_on = models.DateField(_("备案日"), null=True, blank=True)
    filing_no = models.CharField(_("备案编号"), max_length=60, blank=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=TransferState.choices, default=TransferState.DRAFT
    )
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("登记时间"))
    released_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    released_at = models.DateTimeField(_("放行时间"), null=True, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(
                condition=~Q(state="active") | (Q(released_at__isnull=False) & ~Q(route="")),
                name="transfer_released_by_a_route",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TransferPerson(models.Model):
    """One person whose data went abroad in a year; an opaque key, kept when the person is erased."""

    PRIVACY = {
        "plain": {"id", "transfer", "year", "is_sensitive", "at", "by"},
        "personal": {"subject_key"},
    }
    HOLDING = "privacy.transfer"

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="persons")
    subject_key = models.UUIDField(_("当事人密钥编号"))
    year = models.PositiveSmallIntegerField(_("年度"))
    is_sensitive = models.BooleanField(_("敏感"))
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["year", "is_sensitive", "subject_key"], name="transfer_year_count")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="transfer_person_append_only"),
            models.UniqueConstraint(
                fields=["transfer", "subject_key", "year", "is_sensitive"], name="transfer_person_once"
            ),
        ]
