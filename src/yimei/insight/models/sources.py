"""Where tables are fetched from, and which machines may be asked at all."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.insight.enums import SourceType
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.vault.fields import EncryptedJSON
from yimei.vault.models import DataKey


class AllowedHost(models.Model):
    """A machine that the administrator lets tables be fetched from; a name with a leading dot is a domain."""

    PRIVACY = {"plain": {"id", "public_id", "name", "by", "at"}}
    HOLDING = "insight.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("主机"), max_length=120, unique=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["name"]


class DataSourceQuerySet(models.QuerySet["DataSource"]):
    def visible_to(self, staff: Staff) -> Self:
        scope = staff.scope_of(Permission.INSIGHT_IMPORT)
        if scope is None:
            return self.none()
        return self if scope == Scope.GROUP else self.filter(by=staff)


class DataSource(models.Model):
    """A link or a database from which a table of one kind is fetched; how to get in is sealed."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "name", "kind", "template", "vault_key", "column", "attempt", "fault", "by",
            "at", "asked_by", "asked_at", "closed_at",
        },
        "secret": {"way"},
    }  # fmt: skip
    HOLDING = "insight.reference"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("来源"), max_length=10, choices=SourceType.choices)
    template = models.CharField(_("类型"), max_length=20)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    way = EncryptedJSON(_("连接"))
    column = models.CharField(_("增量列"), max_length=80, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    fault = models.CharField(_("上次没有取到的原因"), max_length=300, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = DataSourceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SourceType.values), name="data_source_kind_known"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(closed_at=None), name="data_source_name_once"
            ),
        ]
