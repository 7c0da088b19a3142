"""Partners of the channel: who they are, what was agreed, their codes, who came, what they are paid."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.core.fields import MoneyField
from yimei.growth.enums.partners import (
    AgreementStatus,
    ConsentWay,
    LineKind,
    NotCounted,
    PaperKind,
    PartnerBasis,
    PartnerKind,
    PartnerWay,
    StatementStatus,
)
from yimei.growth.models.leads import Lead
from yimei.growth.rules import partners as rules
from yimei.hospital.models import Campus
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.models import Party


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.PARTNER_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self, staff, permission, own=Q(created_by=staff.pk), campus=Q(campus=staff.campus_id)
        )


class Partner(models.Model):
    """A firm that sends customers; persons of it stand in the register of recipients, not here."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "campus", "name", "kind", "phone", "passes_data", "party", "note",
            "created_at", "created_by", "ended_at", "ended_by",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    name = models.CharField(_("单位名称"), max_length=60)
    kind = models.CharField(_("类别"), max_length=8, choices=PartnerKind.choices)
    phone = models.CharField(_("单位电话"), max_length=30, help_text=_("写总机，不写个人手机"))
    passes_data = models.BooleanField(_("会转来客户的称呼与手机"), default=False)
    party = models.OneToOneField(
        Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("合作方登记")
    )
    note = models.CharField(_("尽职调查的结论"), max_length=200)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["campus", "name"], condition=Q(ended_at=None), name="partner_name_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=PartnerKind.values), name="partner_kind_known"),
            models.CheckConstraint(
                condition=Q(passes_data=False) | Q(party__isnull=False), name="partner_passing_is_registered"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerPaper(models.Model):
    """One qualification as it was seen; a new one is a new row; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "partner", "kind", "number", "valid_to", "seen_at", "seen_by"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="papers")
    kind = models.CharField(_("资质"), max_length=8, choices=PaperKind.choices)
    number = models.CharField(_("编号"), max_length=60)
    valid_to = models.DateField(_("有效至"), help_text=_("含当日"))
    seen_at = models.DateTimeField()
    seen_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["kind", "-seen_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="partner_paper_append_only"),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="partner_paper_known"),
        ]


class PartnerAgreement(models.Model):
    """One version of what is paid for what; approved by another, then only ended."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "partner", "version", "contract_no", "basis", "fee", "service", "valid_from",
            "valid_to", "status", "written_at", "written_by", "approved_at", "approved_by", "ended_at",
            "ended_by",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    version = models.PositiveIntegerField(_("版本"))
    contract_no = models.CharField(_("合同编号"), max_length=60)
    basis = models.CharField(_("付费依据"), max_length=8, choices=PartnerBasis.choices)
    fee = MoneyField(_("金额"))
    service = models.CharField(_("对方做什么"), max_length=120)
    valid_from = models.DateField(_("生效"))
    valid_to = models.DateField(_("到期"), help_text=_("含当日"))
    status = models.CharField(_("状态"), max_length=8, choices=AgreementStatus.choices)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["partner", "version"], name="partner_agreement_version"),
            models.CheckConstraint(condition=Q(basis__in=PartnerBasis.values), name="partner_basis_lawful"),
            models.CheckConstraint(condition=Q(fee__gt=0), name="partner_agreement_sane"),
            models.CheckConstraint(
                condition=Q(status="draft", approved_at=None, approved_by=None)
                | (
                    Q(status__in=["approved", "ended"], approved_at__isnull=False, approved_by__isnull=False)
                    & ~Q(approved_by=F("written_by"))
                )
                | Q(status="ended", approved_at=None, approved_by=None),
                name="partner_agreement_by_two",
            ),
            AppendOnly(
                name="partner_agreement_append_only",
                allow=["status", "approved_at", "approved_by", "ended_at", "ended_by", "valid_to"],
            ),
        ]

    @property
    def plain(self) -> rules.Agreement:
        return rules.Agreement(
            self.pk,
            PartnerBasis(self.basis),
            self.fee,
            self.valid_from,
            self.valid_to,
            AgreementStatus.APPROVED if self.approved_at else AgreementStatus.DRAFT,
        )


class PartnerCode(models.Model):
    """A code that stands at one place of a partner."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "partner", "place", "issued_at", "issued_by", "revoked_at"},
        "secret": {"code"},
    }
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="codes")
    place = models.CharField(_("摆放位置"), max_length=40)
    code = models.CharField(_("渠道码"), max_length=16, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        ordering = ["place", "id"]


class PartnerLead(models.Model):
    """One customer who came by a partner, and whether she stands in a statement; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "partner", "agreement", "code", "lead", "way", "at", "by"},
        "personal": {"not_counted", "consent", "consented_on"},
    }
    HOLDING: ClassVar[str] = "growth.lead"

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="leads")
    agreement = models.ForeignKey(PartnerAgreement, models.PROTECT, related_name="+", null=True, blank=True)
    code = models.ForeignKey(PartnerCode, models.PROTECT, related_name="leads", null=True, blank=True)
    lead = models.OneToOneField(Lead, models.PROTECT, related_name="partner_lead")
    way = models.CharField(_("怎样来的"), max_length=8, choices=PartnerWay.choices)
    not_counted = models.CharField(_("不计入的原因"), max_length=8, choices=NotCounted.choices, blank=True)
    consent = models.CharField(_("客户怎样同意"), max_length=8, choices=ConsentWay.choices, blank=True)
    consented_on = models.DateField(_("同意日期"), null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["partner", "at"], name="partner_lead_at")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="partner_lead_append_only"),
            models.CheckConstraint(
                condition=Q(way="scan", consent="", consented_on=None)
                | (Q(way="passed", consented_on__isnull=False) & ~Q(consent="")),
                name="partner_passed_with_consent",
            ),
            models.CheckConstraint(
                condition=~Q(not_counted="") | Q(agreement__isnull=False), name="partner_counted_by_agreement"
            ),
        ]


class Statement(models.Model):
    """One month of one partner: what it comes to, what is paid, what is carried on; amounts never change."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "partner", "month", "carried_in", "total", "payable", "carried_out", "status",
            "reason", "proposed_at", "proposed_by", "decided_at", "decided_by", "paid_at", "paid_by",
            "reference",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="statements")
    month = models.DateField(_("月份"))
    carried_in = MoneyField(_("上月结转"))
    total = MoneyField(_("本月合计"))
    payable = MoneyField(_("应付"))
    carried_out = MoneyField(_("结转下月"))
    status = models.CharField(_("状态"), max_length=8, choices=StatementStatus.choices)
    reason = models.CharField(_("退回的原因"), max_length=120, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    paid_at = models.DateTimeField(_("付款时间"), null=True, blank=True)
    paid_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    reference = models.CharField(_("付款流水号"), max_length=60, blank=True)

    class Meta:
        ordering = ["-month", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["partner", "month"], condition=~Q(status="refused"), name="statement_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(
                    payable__gte=0,
                    carried_in__lte=0,
                    carried_out__lte=0,
                    payable=Round(F("carried_in") + F("total") - F("carried_out"), 2),
                )
                & (Q(payable=0) | Q(carried_out=0)),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="statement_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False, paid_by__isnull=False)
                | (~Q(status="paid") & Q(paid_at=None, paid_by=None)),
                name="statement_paid_whole",
            ),
            AppendOnly(
                name="statement_append_only",
                allow=["status", "reason", "decided_at", "decided_by", "paid_at", "paid_by", "reference"],
            ),
        ]


class StatementLine(models.Model):
    """One amount of an approved statement; what is taken back names what it takes back, once; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "statement", "kind", "agreement", "came", "amount", "takes_back", "at"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=8, choices=LineKind.choices)
    agreement = models.ForeignKey(PartnerAgreement, models.PROTECT, related_name="+")
    came = models.ForeignKey(PartnerLead, models.PROTECT, related_name="lines", null=True, blank=True)
    amount = MoneyField(_("金额"))
    takes_back = models.OneToOneField(
        "self", models.PROTECT, related_name="taken_back", null=True, blank=True
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="statement_line_append_only"),
            models.UniqueConstraint(
                fields=["came"], condition=Q(kind__in=["lead", "visit"]), name="statement_line_once"
            ),
            models.UniqueConstraint(
                fields=["statement", "agreement"], condition=Q(kind="fixed"), name="statement_fixed_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="fixed", amount__gt=0, came=None, takes_back=None)
                | Q(kind__in=["lead", "visit"], amount__gt=0, came__isnull=False, takes_back=None)
                | Q(kind="back", amount__lt=0, came__isnull=False, takes_back__isnull=False),
                name="statement_line_sign",
            ),
        ]


class PartnerLink(models.Model):
    """A secret address under which a partner reads its own figures for a while; only its hash is kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "partner", "issued_at", "issued_by", "expires_at", "revoked_at", "opened_at",
        },
        "secret": {"key_hash"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="links")
    key_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("有效至"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)
    opened_at = models.DateTimeField(_("最近打开"), null=True, blank=True)

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["partner"], condition=Q(revoked_at=None), name="partner_link_one_open"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="partner_link_expires"),
        ]
