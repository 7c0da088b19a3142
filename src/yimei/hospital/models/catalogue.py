"""What the hospital offers: procedures with their tests, forms, aftercare and list prices."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.fields import MoneyField
from yimei.hospital.enums import (
    Anaesthesia,
    Category,
    Evidence,
    Field,
    FormKind,
    Grade,
    OnlineBooking,
    StepKind,
    TestKind,
)


class TestItem(models.Model):
    """One laboratory test or examination, with its reference range and validity in days."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "name",
            "kind",
            "unit",
            "low",
            "high",
            "normal_text",
            "only_sex",
            "validity_days",
            "evidence",
            "source",
        }
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=24, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("结果类型"), max_length=10, choices=TestKind.choices)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    low = models.DecimalField(_("参考下限"), max_digits=10, decimal_places=3, null=True, blank=True)
    high = models.DecimalField(_("参考上限"), max_digits=10, decimal_places=3, null=True, blank=True)
    normal_text = models.CharField(_("正常结论"), max_length=40, blank=True)
    only_sex = models.CharField(_("仅限性别"), max_length=1, blank=True)
    validity_days = models.PositiveSmallIntegerField(_("有效天数"))
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class FormTemplate(models.Model):
    """One version of a document that a customer signs or takes home; a new text is a new version."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "version",
            "kind",
            "title",
            "sections",
            "evidence",
            "source",
            "published_at",
        }
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=40)
    version = models.PositiveIntegerField(_("版本"))
    kind = models.CharField(_("类别"), max_length=16, choices=FormKind.choices)
    title = models.CharField(_("标题"), max_length=120)
    sections = models.JSONField(
        _("章节"), help_text=_("[{title, paragraphs: [text], choices?: [{code, text}]}]")
    )
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )
    source = models.CharField(_("依据"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="form_version_once")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class Procedure(models.Model):
    """One item of the catalogue; times in minutes; what is unverified waits for a clinician (待临床确认)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "code",
            "name",
            "category",
            "field",
            "grade",
            "anaesthesia",
            "minutes_p50",
            "minutes_p90",
            "setup_minutes",
            "turnover_minutes",
            "recovery_minutes",
            "has_side",
            "deposit",
            "needs_consult_days",
            "online",
            "evidence",
            "source",
            "confirmed_at",
            "confirmed_by",
            "is_active",
        }
    }
    HOLDING = "hospital.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("编码"), max_length=24, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    category = models.CharField(_("类别"), max_length=16, choices=Category.choices)
    field = models.CharField(_("专业"), max_length=16, choices=Field.choices)
    grade = models.PositiveSmallIntegerField(_("手术级别"), choices=Grade.choices)
    anaesthesia = models.CharField(_("常用麻醉"), max_length=16, choices=Anaesthesia.choices)
    minutes_p50 = models.PositiveSmallIntegerField(_("手术时长中位数"))
    minutes_p90 = models.PositiveSmallIntegerField(_("手术时长九成位"))
    setup_minutes = models.PositiveSmallIntegerField(_("准备"))
    turnover_minutes = models.PositiveSmallIntegerField(_("清场"))
    recovery_minutes = models.PositiveSmallIntegerField(_("恢复室时长"), default=0)
    has_side = models.BooleanField(_("区分左右"), default=False)
    deposit = MoneyField(_("定金"), default=0)
    needs_consult_days = models.PositiveSmallIntegerField(
        _("须先面诊（天内有效）"), null=True, blank=True, help_text=_("空着表示不要求先面诊")
    )
    online = models.CharField(
        _("网上可约"),
        max_length=10,
        choices=OnlineBooking.choices,
        default=OnlineBooking.CONSULT,
        help_text=_("复查不用标：做过的项目都可以自己约复查"),
    )
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )
    source = models.CharField(_("依据"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(_("临床确认时间"), null=True, blank=True)
    confirmed_by = models.UUIDField(_("临床确认人"), null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["category", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(grade__range=(0, 4)), name="procedure_grade_known"),
            models.CheckConstraint(
                condition=Q(minutes_p50__gt=0, minutes_p90__gte=F("minutes_p50")),
                name="procedure_minutes_sane",
            ),
            models.CheckConstraint(
                condition=Q(online__in=OnlineBooking.values), name="procedure_online_known"
            ),
            models.CheckConstraint(
                condition=~Q(online=OnlineBooking.TREATMENT) | Q(grade=0),
                name="procedure_no_operation_online",
                violation_error_message=_("手术不能在网上直接预约，只能开放面诊。"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="procedure_confirmed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_operation(self) -> bool:
        return self.grade > Grade.NONE

    @property
    def needs_anaesthetist(self) -> bool:
        return self.anaesthesia in {Anaesthesia.SEDATION, Anaesthesia.GENERAL}


class ProcedureTest(models.Model):
    """A test that must be in date before the procedure."""

    PRIVACY = {"plain": {"id", "procedure", "test"}}
    HOLDING = "hospital.reference"

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="required_tests")
    test = models.ForeignKey(TestItem, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["procedure_id", "test__code"]
        constraints = [models.UniqueConstraint(fields=["procedure", "test"], name="procedure_test_once")]


class ProcedureForm(models.Model):
    """A document code that must be signed before the procedure; its newest published version counts."""

    PRIVACY = {"plain": {"id", "procedure", "form_code"}}
    HOLDING = "hospital.reference"

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="required_forms")
    form_code = models.CharField(_("表单编码"), max_length=40)

    class Meta:
        ordering = ["procedure_id", "form_code"]
        constraints = [models.UniqueConstraint(fields=["procedure", "form_code"], name="procedure_form_once")]


class AftercareStep(models.Model):
    """One step of the aftercare template: how many days after the operation, what, within how many hours."""

    PRIVACY = {"plain": {"id", "procedure", "kind", "title", "day", "window_hours", "evidence"}}
    HOLDING = "hospital.reference"

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="aftercare_steps")
    kind = models.CharField(_("类别"), max_length=12, choices=StepKind.choices)
    title = models.CharField(_("内容"), max_length=80)
    day = models.PositiveSmallIntegerField(_("术后第几天"))
    window_hours = models.PositiveSmallIntegerField(_("宽限小时"), default=24)
    evidence = models.CharField(
        _("核实"), max_length=12, choices=Evidence.choices, default=Evidence.UNVERIFIED
    )

    class Meta:
        ordering = ["procedure_id", "day", "kind"]


class Price(models.Model):
    """The public list price of a procedure at a campus from a day on (price truth: list = quote = bill)."""

    PRIVACY = {"plain": {"id", "procedure", "campus", "amount", "valid_from", "valid_to"}}
    HOLDING = "hospital.reference"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="prices")
    campus = models.ForeignKey("hospital.Campus", models.PROTECT, related_name="prices")
    amount = MoneyField(_("价格"))
    valid_from = models.DateField(_("生效"))
    valid_to = models.DateField(_("失效"), null=True, blank=True, help_text=_("不含当日"))

    class Meta:
        ordering = ["procedure_id", "campus_id", "-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.UniqueConstraint(fields=["procedure", "campus", "valid_from"], name="price_once_a_day"),
            models.UniqueConstraint(
                fields=["procedure", "campus"], condition=Q(valid_to=None), name="price_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="price_ends_after_start"
            ),
        ]
