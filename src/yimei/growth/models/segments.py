"""Segments: their rules in versions, and who is in those that something follows."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import SegmentUse
from yimei.growth.models.profiles import Profile
from yimei.hospital.models import Campus
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.GROWTH_VIEW) -> Self:
        """Those of the reader's campus; the group's are read by all and changed from its scope."""
        is_read = permission == Permission.GROWTH_VIEW
        campus = Q(campus=staff.campus_id) | Q(campus=None) if is_read else Q(campus=staff.campus_id)
        return scoped(self, staff, permission, own=Q(pk=None), campus=campus)  # type: ignore[return-value]

    def living(self) -> Self:
        return self.filter(archived_at=None)


class Segment(models.Model):
    """A named question about people; its answer is counted live and never typed in."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "name", "use", "campus", "number", "rules", "is_followed", "counted",
            "counted_at", "synced_at", "synced_on", "created_at", "created_by", "archived_at",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("名称"), max_length=40)
    use = models.CharField(_("用途"), max_length=10, choices=SegmentUse.choices)
    campus = models.ForeignKey(
        Campus, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("院区")
    )
    number = models.PositiveIntegerField(_("版本"), default=1)
    rules = models.JSONField(_("条件"))
    is_followed = models.BooleanField(_("持续更新成员"), default=False)
    counted = models.PositiveIntegerField(_("人数"), default=0)
    counted_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    synced_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    archived_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(use__in=SegmentUse.values), name="segment_use_known"),
            models.UniqueConstraint(fields=["name"], condition=Q(archived_at=None), name="segment_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """The rules of a segment as they were saved; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "segment", "number", "name", "use", "rules", "by", "at"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版本"))
    name = models.CharField(max_length=40)
    use = models.CharField(max_length=10, choices=SegmentUse.choices)
    rules = models.JSONField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="segment_version_append_only"),
            models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once"),
        ]


class SegmentMember(models.Model):
    """Somebody who is in a followed segment, and since when; gone when she no longer is."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "since"}, "personal": {"segment", "profile"}}
    HOLDING: ClassVar[str] = "growth.profile"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("profile", "segment"), ("care.identity", "marketing", "automated")
    )

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="members")
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="memberships")
    since = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["segment", "profile"], name="segment_member_once")]
