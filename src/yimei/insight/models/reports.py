"""Reports: their versions, what was signed, who may read them, what was said and decided about them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly, FrozenOnce
from yimei.hospital.models import Campus
from yimei.insight.enums import Cadence, ReportStatus
from yimei.insight.rules.reports.moves import open_moves
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission, Scope
from yimei.vault.models import DataKey, StoredFile


class ReportSchedule(models.Model):
    """A report that is written by itself every week or month, and who is told of it."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "name", "template", "question", "cadence", "day", "recipients", "is_automatic",
            "owner", "is_active", "created_at",
        }
    }  # fmt: skip
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=60)
    template = models.CharField(_("模板"), max_length=20, blank=True)
    question = models.CharField(
        _("提问"), max_length=1000, blank=True, help_text=_("没有模板时，报告只答这一个提问")
    )
    cadence = models.CharField(_("周期"), max_length=6, choices=Cadence.choices)
    day = models.PositiveSmallIntegerField(_("几号或星期几"))
    recipients = models.ManyToManyField(Role, related_name="+", verbose_name=_("收件角色"))
    is_automatic = models.BooleanField(_("不等签发，自动发出"), default=False)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("负责人"))
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cadence=Cadence.MONTH, day__range=(1, 28))
                | Q(cadence=Cadence.WEEK, day__range=(1, 7)),
                name="report_schedule_day_fits",
            ),
            models.CheckConstraint(
                condition=(Q(template="") & ~Q(question="")) | (~Q(template="") & Q(question="")),
                name="report_schedule_asks_one_thing",
            ),
        ]


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, staff: Staff) -> Self:
        """Drafts for those who write within their reach; what is out also for the roles that read it."""
        scope = staff.scope_of(Permission.INSIGHT_VIEW)
        if scope is None:
            return self.none()
        rows = self if scope == Scope.GROUP else self.filter(campus=staff.campus_id)
        if not staff.may(Permission.INSIGHT_FINANCE):
            rows = rows.filter(needs_finance=False)
        if not staff.may(Permission.INSIGHT_STAFF):
            rows = rows.filter(Q(names_staff=False) | Q(owner=staff))
        if staff.may(Permission.INSIGHT_REPORT):
            return rows
        return rows.exclude(status=ReportStatus.DRAFT).filter(readers=staff.role_id)

    def with_people(self) -> Self:
        return self.select_related("owner__campus", "campus", "signed_by", "schedule")


class Report(models.Model):
    """One report over one period; a draft until it is signed, then frozen."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "title", "template", "starts_on", "ends_on", "campus", "owner", "status",
            "needs_finance", "names_staff", "readers", "schedule", "created_at", "signed_by", "signed_at",
            "content", "sha256", "vault_key", "file", "file_sha256",
        }
    }  # fmt: skip
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("标题"), max_length=60)
    template = models.CharField(_("模板"), max_length=20, blank=True)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束（不含）"))
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", null=True, blank=True)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    status = models.CharField(_("状态"), max_length=8, choices=ReportStatus.choices)
    needs_finance = models.BooleanField(_("含收入指标"), default=False)
    names_staff = models.BooleanField(_("含员工姓名"), default=False)
    readers = models.ManyToManyField(Role, related_name="+", verbose_name=_("读者"))
    schedule = models.ForeignKey(
        ReportSchedule, models.PROTECT, related_name="reports", null=True, blank=True
    )
    created_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    content = models.TextField(_("签发时的内容"), blank=True)
    sha256 = models.CharField(_("内容指纹"), max_length=64, blank=True)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+", null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    file_sha256 = models.CharField(_("PDF 指纹"), max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            FrozenOnce(name="report_out_never_changes"),
            models.CheckConstraint(condition=Q(status__in=ReportStatus.values), name="report_status_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("starts_on")), name="report_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.DRAFT, signed_at=None, content="", sha256="")
                | (
                    ~Q(status=ReportStatus.DRAFT)
                    & Q(signed_at__isnull=False)
                    & ~Q(content="")
                    & ~Q(sha256="")
                ),
                name="report_out_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReportStatus.SIGNED) | Q(signed_by__isnull=False),
                name="report_signed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["schedule", "starts_on"],
                condition=Q(schedule__isnull=False),
                name="report_of_a_schedule_once",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[ReportStatus]:
        return open_moves(ReportStatus(self.status))

    @property
    def is_out(self) -> bool:
        return self.status != ReportStatus.DRAFT


class ReportVersion(models.Model):
    """What a report's editors kept, one row each time; never changed."""

    PRIVACY = {"plain": {"id", "report", "number", "title", "pages", "by", "at"}}
    HOLDING = "insight.report"

    report = models.ForeignKey(Report, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=60)
    pages = models.JSONField(_("内容"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["report_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="report_version_append_only"),
            models.UniqueConstraint(fields=["report", "number"], name="report_version_once"),
        ]


class ReportLink(models.Model):
    """An address under which some roles read one report for a while; only the hash of its secret is kept."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "report", "roles", "is_for_campuses", "reason", "by", "at", "expires_at",
            "revoked_at", "opened", "last_opened_at",
        },
        "secret": {"secret_hash"},
    }  # fmt: skip
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="links")
    secret_hash = models.CharField(max_length=64, unique=True)
    roles = models.ManyToManyField(Role, related_name="+", verbose_name=_("哪些角色可读"))
    is_for_campuses = models.BooleanField(_("院区角色也可读"), default=False)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(_("到期"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened = models.PositiveIntegerField(_("打开次数"), default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("at")), name="report_link_expires_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=Q(is_for_campuses=False, reason="") | (Q(is_for_campuses=True) & ~Q(reason="")),
                name="report_link_for_campuses_says_why",
            ),
        ]


class ReportComment(models.Model):
    """What somebody said about a report, and whom it was said to."""

    PRIVACY = {"plain": {"id", "public_id", "report", "about", "text", "by", "at", "mentions"}}
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="comments")
    about = models.CharField(_("哪一块"), max_length=80, blank=True)
    text = models.TextField(_("评论"), max_length=1000)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    mentions = models.ManyToManyField(Staff, related_name="+", verbose_name=_("提到"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="report_comment_append_only")]


class ReportDecision(models.Model):
    """What was decided on a report: who does it, until when, and when it was done."""

    PRIVACY = {
        "plain": {"id", "public_id", "report", "text", "owner", "due", "by", "at", "done_at", "done_by"}
    }
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="decisions")
    text = models.CharField(_("决定"), max_length=300)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("负责人"))
    due = models.DateField(_("期限"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["done_at", "due", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="report_decision_stays", allow=["done_at", "done_by"]),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="report_decision_done_by",
            ),
        ]


class FeedToken(models.Model):
    """A key with which another program reads the figures of one dashboard; only its hash is kept."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "name", "dashboard", "page", "owner", "created_at", "expires_at", "revoked_at",
            "read_at", "reads", "window_at", "window_reads", "noted",
        },
        "secret": {"secret_hash"},
    }  # fmt: skip
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=60)
    secret_hash = models.CharField(max_length=64, unique=True)
    dashboard = models.ForeignKey(
        "insight.Dashboard", models.CASCADE, related_name="+", null=True, blank=True
    )
    page = models.CharField(_("现成看板"), max_length=20, blank=True)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("到期"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(_("上次读取"), null=True, blank=True)
    reads = models.PositiveIntegerField(_("读取次数"), default=0)
    window_at = models.DateTimeField(null=True, blank=True)
    window_reads = models.PositiveIntegerField(default=0)
    noted = models.JSONField(_("已记入台账的内容指纹"), default=dict)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dashboard__isnull=False, page="") | (Q(dashboard=None) & ~Q(page="")),
                name="feed_token_of_one_page",
            )
        ]
