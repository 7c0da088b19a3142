"""What segments and flows know of one person: facts and dates, never a name, a number or a word."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.fields import MoneyField
from yimei.growth.enums import AgeBand, LeadLoss, LeadStatus, RfmLayer
from yimei.growth.models.leads import Lead
from yimei.hospital.enums import Category
from yimei.hospital.models import Campus
from yimei.journey.enums import CaseStage, LossReason
from yimei.people.enums import Sex, SourceKind
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class ProfileQuerySet(models.QuerySet["Profile"]):
    def living(self) -> Self:
        """Without customers whose data are restricted, sealed or erased, whatever was read before."""
        restricted = Patient.objects.filter(restricted_at__isnull=False).order_by()
        return self.exclude(patient__in=restricted.values("pk"))

    def within(self, staff: Staff, permission: Permission = Permission.GROWTH_VIEW) -> Self:
        """Whom the reader's segments may count."""
        return scoped(  # type: ignore[return-value]
            self.living(), staff, permission, own=Q(pk=None), campus=Q(campus=staff.campus_id)
        )


class Profile(models.Model):
    """One person as segments see her, read anew whenever the log names her.

    A lead until she is a customer, then the customer; whoever is erased has none.
    """

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "campus", "patient", "lead", "read_at", "is_customer"},
        "personal": {
            "sex", "age_band", "is_adult", "source", "is_vip", "known_on", "lead_status", "lead_loss",
            "asked_on", "touched_on", "touches", "visits", "first_visit_on", "last_visit_on", "coming_on",
            "no_shows", "last_no_show_on", "case_loss", "quoted_on", "paid_on", "paid_times", "paid_total",
            "rfm", "score", "scored_on", "agrees_marketing", "agrees_profiling", "refuses_profiling",
            "agrees_care",
        },
        "health": {
            "interest", "stage", "planned_on", "surgery_on", "injection_on", "laser_on", "category",
        },
        "secret": {"birthday"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.profile"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(
            (*PRIVACY["personal"], *PRIVACY["health"]), ("care.identity", "marketing", "automated")
        ),
        **dict.fromkeys(("score", "scored_on"), ("survey", "marketing", "automated")),
        **dict.fromkeys(
            ("birthday", "case_loss", "paid_times", "paid_total", "rfm"), ("marketing", "automated")
        ),
    }
    """Care and marketing read the same facts; what a segment may ask is decided by its use.

    What no purpose in force needs of a person is not worked out for her: ``queries.facts``.
    """

    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    patient = models.OneToOneField(
        Patient, models.PROTECT, related_name="growth_profile", null=True, blank=True
    )
    lead = models.OneToOneField(Lead, models.PROTECT, related_name="profile", null=True, blank=True)
    read_at = models.DateTimeField(_("更新时间"))
    is_customer = models.BooleanField(_("已成为客户"), default=False)

    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    age_band = models.CharField(_("年龄段"), max_length=2, choices=AgeBand.choices, blank=True)
    is_adult = models.BooleanField(_("已成年"), default=False, help_text=_("出生日期未登记的按未成年处理"))
    birthday = models.BinaryField(max_length=16, null=True)
    source = models.CharField(_("首次来源"), max_length=12, choices=SourceKind.choices)
    is_vip = models.BooleanField(_("VIP"), default=False)
    known_on = models.DateField(_("首次联系日期"))

    lead_status = models.CharField(_("线索状态"), max_length=8, choices=LeadStatus.choices, blank=True)
    lead_loss = models.CharField(_("线索流失原因"), max_length=12, choices=LeadLoss.choices, blank=True)
    asked_on = models.DateField(_("最近一次咨询日期"), null=True, blank=True)
    touched_on = models.DateField(_("最近一次联系日期"), null=True, blank=True)
    touches = models.PositiveIntegerField(_("联系次数"), default=0)
    interest = models.CharField(_("意向部位"), max_length=12, choices=Category.choices, blank=True)

    visits = models.PositiveIntegerField(_("到诊次数"), default=0)
    first_visit_on = models.DateField(_("首次到诊日期"), null=True, blank=True)
    last_visit_on = models.DateField(_("最近到诊日期"), null=True, blank=True)
    coming_on = models.DateField(_("已约的下次到诊日期"), null=True, blank=True)
    no_shows = models.PositiveIntegerField(_("爽约次数"), default=0)
    last_no_show_on = models.DateField(_("最近爽约日期"), null=True, blank=True)

    stage = models.CharField(_("最近一次诊疗所在阶段"), max_length=12, choices=CaseStage.choices, blank=True)
    case_loss = models.CharField(_("未成交原因"), max_length=10, choices=LossReason.choices, blank=True)
    planned_on = models.DateField(_("方案确定日期"), null=True, blank=True)
    surgery_on = models.DateField(_("最近手术日期"), null=True, blank=True)
    injection_on = models.DateField(_("最近注射日期"), null=True, blank=True)
    laser_on = models.DateField(_("最近光电治疗日期"), null=True, blank=True)
    category = models.CharField(_("最近治疗部位"), max_length=12, choices=Category.choices, blank=True)

    quoted_on = models.DateField(_("最近报价日期"), null=True, blank=True)
    paid_on = models.DateField(_("最近付款日期"), null=True, blank=True)
    paid_times = models.PositiveIntegerField(_("成交次数"), default=0)
    paid_total = MoneyField(_("累计净付款"), default=0)
    rfm = models.CharField(_("RFM 分层"), max_length=10, choices=RfmLayer.choices, default=RfmLayer.NONE)
    score = models.PositiveSmallIntegerField(_("最近评价推荐意愿"), null=True, blank=True)
    scored_on = models.DateField(_("最近评价日期"), null=True, blank=True)

    agrees_marketing = models.BooleanField(_("同意接收营销信息"), default=False)
    agrees_profiling = models.BooleanField(_("同意个性化推荐"), default=False)
    refuses_profiling = models.BooleanField(_("拒绝个性化推荐"), default=False)
    agrees_care = models.BooleanField(_("同意处理诊疗健康信息"), default=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["read_at"], name="profile_read"),
            models.Index(fields=["birthday"], name="profile_birthday"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False, lead=None, is_customer=True)
                | Q(patient=None, lead__isnull=False, is_customer=False),
                name="profile_of_somebody",
            ),
        ]


class ProfileCursor(models.Model):
    """How far the log has been read for profiles; one row."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "seq", "swept_on"}}
    HOLDING: ClassVar[str] = "growth.reference"

    seq = models.BigIntegerField(_("已读到的日志序号"), default=0)
    swept_on = models.DateField(_("最近一次逐日重算"), null=True, blank=True)

    class Meta:
        ordering = ["id"]


class Tag(models.Model):
    """A word that staff put on people; never a diagnosis and never a trait of health."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "code", "name", "is_active", "created_at", "created_by"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("编码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=20)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a person, from whom and since when; taken off with the row."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "profile", "by", "flow", "at"},
        "personal": {"tag"},
    }
    HOLDING: ClassVar[str] = "growth.profile"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"tag": ("care.identity", "marketing", "automated")}

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="taggings")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    flow = models.CharField(_("由哪条旅程打上"), max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["tag", "profile"], name="tag_once")]
