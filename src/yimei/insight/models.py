"""What analysis itself keeps: builds, versions of dimensions, pseudonyms, dashboards."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.insight.enums import BuildKind, Dimension
from yimei.people.models import Patient, Role, Staff


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
