"""What analysis itself keeps: builds, versions of dimensions, pseudonyms, dashboards."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.insight.enums import BuildKind, DayOrder, Dimension, ImportStatus, RowStatus
from yimei.insight.models.cleaning import Doubt, Filling, MarkShelf, RuleSet
from yimei.insight.models.reports import (
    FeedToken,
    Report,
    ReportComment,
    ReportDecision,
    ReportLink,
    ReportSchedule,
    ReportVersion,
)
from yimei.insight.models.sources import AllowedHost, DataSource
from yimei.insight.models.views import PublishedPage
from yimei.people.models import Patient, Role, Staff
from yimei.people.roles import Permission, Scope
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import DataKey, StoredFile

__all__ = [
    "AllowedHost",
    "AnsweredQuestion",
    "Build",
    "Dashboard",
    "DataSource",
    "DimensionVersion",
    "Doubt",
    "FeedToken",
    "Filling",
    "HeadingChoice",
    "ImportBatch",
    "ImportBlock",
    "MarkShelf",
    "Pseudonym",
    "PublishedPage",
    "RejectedRow",
    "Report",
    "ReportComment",
    "ReportDecision",
    "ReportLink",
    "ReportSchedule",
    "ReportVersion",
    "RuleSet",
    "Tile",
]


class Build(models.Model):
    """One build of the mart that was published; the newest says how far the log was followed."""

    PRIVACY = {"plain": {"id", "version", "kind", "cursor", "at", "finished_at", "customers", "rows"}}
    HOLDING = "insight.reference"

    version = models.CharField(_("版本"), max_length=40, unique=True)
    kind = models.CharField(_("方式"), max_length=10, choices=BuildKind.choices)
    cursor = models.BigIntegerField(_("读到的日志序号"))
    at = models.DateTimeField(_("数据截至"))
    finished_at = models.DateTimeField()
    customers = models.PositiveIntegerField(_("重读的客户数"))
    rows = models.PositiveBigIntegerField(_("事实行数"))

    class Meta:
        ordering = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="mart_build_append_only")]


class DimensionVersion(models.Model):
    """What a place, a procedure or a job looked like from a day on; a change is a new row."""

    PRIVACY = {"plain": {"id", "dimension", "key", "values", "valid_from", "at"}}
    HOLDING = "insight.reference"

    dimension = models.CharField(max_length=12, choices=Dimension.choices)
    key = models.CharField(max_length=40)
    values = models.JSONField(_("属性"))
    valid_from = models.DateField(_("生效"))
    at = models.DateTimeField()

    class Meta:
        ordering = ["dimension", "key", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="dimension_version_append_only"),
            models.CheckConstraint(
                condition=Q(dimension__in=Dimension.values), name="dimension_version_known"
            ),
        ]


class Pseudonym(models.Model):
    """The random number under which a customer stands in the mart; thrown away, it leads back to nobody."""

    PRIVACY = {"plain": {"id", "patient"}, "secret": {"code"}}
    HOLDING = "insight.mart"

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="+")
    code = models.BigIntegerField(unique=True)

    class Meta:
        ordering = ["id"]


class DashboardQuerySet(models.QuerySet["Dashboard"]):
    def visible_to(self, staff: Staff) -> Self:
        """One's own, and those shared with one's role."""
        return self.filter(Q(owner=staff) | Q(shared_with=staff.role_id)).distinct()


class Dashboard(models.Model):
    """A page of tiles that somebody put together and may share with roles."""

    PRIVACY = {"plain": {"id", "public_id", "name", "owner", "created_at", "shared_with"}}
    HOLDING = "insight.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    shared_with = models.ManyToManyField(Role, related_name="+", verbose_name=_("共享给"))
    created_at = models.DateTimeField()

    objects = DashboardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="dashboard_name_once")]


class Tile(models.Model):
    """One question of the explorer, kept on a dashboard as its address says it."""

    PRIVACY = {"plain": {"id", "public_id", "dashboard", "position", "title", "question"}}
    HOLDING = "insight.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dashboard = models.ForeignKey(Dashboard, models.CASCADE, related_name="tiles")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("标题"), max_length=60)
    question = models.CharField(_("问题"), max_length=600)

    class Meta:
        ordering = ["dashboard_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["dashboard", "position"], name="tile_place_once")]


class AnsweredQuestion(models.Model):
    """What a reader who may open no records was told: the question, which is about nobody, not the answer."""

    PRIVACY = {"plain": {"id", "by", "fact", "question", "mark", "campus", "start", "end", "words", "day"}}
    HOLDING = "insight.reference"

    by = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    fact = models.CharField(max_length=20)
    question = models.TextField(_("提问"))
    mark = models.CharField(max_length=64)
    campus = models.IntegerField(null=True)
    start = models.DateField()
    end = models.DateField()
    words = models.CharField(max_length=100)
    day = models.DateField(_("最后一次回答时数据截至"))

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["by", "mark"], name="answered_question_once")]


class ImportQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, staff: Staff) -> Self:
        """All for whoever imports for the whole group, else one's own."""
        scope = staff.scope_of(Permission.INSIGHT_IMPORT)
        if scope is None:
            return self.none()
        return self if scope == Scope.GROUP else self.filter(by=staff)


class ImportBatch(models.Model):
    """One table that somebody brought: kept sealed as it came, mapped, tried, taken in, undone as a whole.

    It has two keys: one for the file and the rows that did not fit, which say who people are and end early;
    one for the rows taken in, which do not.
    """

    PRIVACY = {
        "plain": {
            "id", "public_id", "template", "vault_key", "file_key", "file", "kind", "encoding", "mapping",
            "orders", "rows_total", "status", "attempt", "accepted", "known", "rejected", "by", "at",
            "ran_at", "undone_at", "cleared_at", "rules", "quality", "treated", "source",
        },
        "personal": {"sha256", "name", "sample", "report", "until"},
    }  # fmt: skip
    HOLDING = "insight.import"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("name", "sha256", "sample", "report", "until"), ("care.health", "money")
    )
    VAULT: ClassVar[str] = "file_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    template = models.CharField(_("类型"), max_length=20)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    file_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    name = EncryptedText(_("文件名"), max_length=120)
    kind = models.CharField(_("格式"), max_length=10)
    encoding = models.CharField(_("编码"), max_length=12, blank=True)
    sample = EncryptedJSON(_("表头与前几行"))
    mapping = models.JSONField(_("列对应"), default=dict)
    orders = models.JSONField(_("日期写法"), default=dict)
    """Of each column of days in which order 3/5/2024 is read; a column that needs none is not there."""
    rows_total = models.PositiveIntegerField(_("行数"))
    report = EncryptedJSON(_("试跑结果"), null=True)
    status = models.CharField(_("状态"), max_length=10, choices=ImportStatus.choices)
    attempt = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(_("入库"), default=0)
    known = models.PositiveIntegerField(_("以前已入库"), default=0)
    rejected = models.PositiveIntegerField(_("没有入库"), default=0)
    source = models.ForeignKey(DataSource, models.PROTECT, related_name="+", null=True, blank=True)
    until = EncryptedText(_("取到哪里"), null=True, blank=True)
    rules = models.ForeignKey(RuleSet, models.PROTECT, related_name="+", null=True, blank=True)
    quality = models.JSONField(_("质量分"), default=dict)
    treated = models.PositiveIntegerField(_("清洗次数"), default=0)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ran_at = models.DateTimeField(_("导入时间"), null=True, blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("原文件销毁时间"), null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["template", "sha256"],
                condition=Q(undone_at=None, cleared_at=None),
                name="import_file_once",
            ),
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="import_status_known"),
            models.CheckConstraint(
                condition=Q(status=ImportStatus.UNDONE, undone_at__isnull=False)
                | (~Q(status=ImportStatus.UNDONE) & Q(undone_at=None)),
                name="import_undone_when",
            ),
        ]


class ImportBlock(models.Model):
    """Rows taken in, some hundreds together under one seal; each has a mark, so that it is taken in once."""

    PRIVACY = {
        "plain": {"id", "public_id", "batch", "number", "rows", "known"},
        "health": {"facts"},
        "secret": {"marks"},
    }
    HOLDING = "insight.import"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(("facts",), ("care.health", "money"))
    VAULT: ClassVar[str] = "batch.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    known = models.PositiveIntegerField(default=0)
    facts = EncryptedJSON(_("行"))
    marks = models.BinaryField(_("行指纹"))

    class Meta:
        ordering = ["batch_id", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_block_once")]


class RejectedRow(models.Model):
    """One row that did not fit, with its words and its reasons, until somebody mends it or leaves it out."""

    PRIVACY = {
        "plain": {"id", "public_id", "batch", "number", "status", "settled_by", "settled_at"},
        "health": {"cells", "reason"},
    }
    HOLDING = "insight.import"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("cells", "reason"), ("care.health", "money")
    )
    VAULT: ClassVar[str] = "batch.file_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejects")
    number = models.PositiveIntegerField(_("行号"))
    cells = EncryptedJSON(_("原文"))
    reason = EncryptedText(_("原因"))
    status = models.CharField(_("结果"), max_length=10, choices=RowStatus.choices, default=RowStatus.WAITING)
    settled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="rejected_row_once"),
            models.CheckConstraint(
                condition=Q(status__in=RowStatus.values), name="rejected_row_status_known"
            ),
        ]


class HeadingChoice(models.Model):
    """Which column a heading was last chosen to be, and in which order its days are written; the heading
    itself is kept as a keyed fingerprint.
    """

    PRIVACY = {"plain": {"id", "template", "column", "order"}, "secret": {"heading"}}
    HOLDING = "insight.reference"

    template = models.CharField(max_length=20)
    heading = models.BinaryField()
    column = models.CharField(max_length=40)
    order = models.CharField(_("日期写法"), max_length=3, choices=DayOrder.choices, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["template", "heading"], name="heading_choice_once"),
            models.CheckConstraint(
                condition=Q(order__in=["", *DayOrder.values]), name="heading_choice_order_known"
            ),
        ]
