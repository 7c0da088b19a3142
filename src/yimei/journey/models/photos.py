"""Clinical photographs: encrypted, never changed, never removed; and what else they were released for."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.journey.enums import PhotoMoment, PhotoOrigin, PhotoSize, PhotoUse, Side
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.privacy.models import Consent
from yimei.vault.models import StoredFile


class PhotoQuerySet(models.QuerySet["Photo"]):
    def in_force(self) -> Self:
        return self.filter(voided_at=None)

    def with_people(self) -> Self:
        return self.select_related("case__patient__person__vault_key", "case__procedure", "taken_by")

    def with_file(self, size: PhotoSize) -> Self:
        return self.select_related(f"{size.value}__key")


class Photo(models.Model):
    """One view of one patient at one moment, in three sizes; a mistaken one is voided, never removed."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "case",
            "origin",
            "width",
            "height",
            "taken_at",
            "taken_by",
            "added_at",
            "voided_at",
            "voided_by",
            "void_reason",
        },
        "personal": {"consent"},
        "health": {
            "angle",
            "moment",
            "day",
            "side",
            "is_intimate",
            "full",
            "screen",
            "thumb",
        },
    }
    HOLDING = "journey.photo"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("angle", "moment", "day", "side", "is_intimate", "consent"), ("image.clinical",)),
        **dict.fromkeys(("full", "screen", "thumb"), ("image.clinical", "image.teaching", "image.publicity")),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="photos")
    angle = models.CharField(_("角度"), max_length=24)
    moment = models.CharField(_("时点"), max_length=8, choices=PhotoMoment.choices)
    day = models.PositiveSmallIntegerField(_("术后第几天"), null=True, blank=True)
    side = models.CharField(_("部位侧"), max_length=6, choices=Side.choices, default=Side.NONE)
    is_intimate = models.BooleanField(_("私密部位"), default=False)
    origin = models.CharField(_("来源"), max_length=8, choices=PhotoOrigin.choices)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+", verbose_name=_("影像留存同意"))
    full = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("原尺寸"))
    screen = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("屏幕尺寸"))
    thumb = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("缩略图"))
    width = models.PositiveSmallIntegerField(_("宽"))
    height = models.PositiveSmallIntegerField(_("高"))
    taken_at = models.DateTimeField(_("拍摄时间"))
    taken_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("拍摄人"))
    added_at = models.DateTimeField(_("保存时间"))
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    voided_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("作废人")
    )
    void_reason = models.CharField(_("作废原因"), max_length=80, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["taken_at", "id"]
        indexes = [models.Index(fields=["case", "moment", "angle"], name="photo_case_angle")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(
                name="photo_append_only",
                allow=["voided_at", "voided_by", "void_reason"],
                erasable=["angle"],
            ),
            models.CheckConstraint(condition=Q(moment__in=PhotoMoment.values), name="photo_moment_known"),
            models.CheckConstraint(
                condition=~Q(moment="before") | Q(day=None), name="photo_before_counts_no_days"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="photo_voided_by_someone",
            ),
        ]

    @property
    def level(self) -> int:
        """Of the five levels of health data (GB/T 39725): 5 for private parts, else 4."""
        return 5 if self.is_intimate else 4

    def file(self, size: PhotoSize) -> StoredFile:
        stored: StoredFile = getattr(self, size.value)
        return stored


class PhotoRelease(models.Model):
    """One decision to let a photo be used beyond care, or no longer; void as soon as its consent is."""

    PRIVACY = {
        "plain": {"id", "public_id", "photo", "use", "is_on", "by", "at"},
        "personal": {"consent"},
    }
    HOLDING = "journey.photo"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"consent": ("image.teaching", "image.publicity")}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="releases")
    use = models.CharField(_("用途"), max_length=10, choices=PhotoUse.choices)
    is_on = models.BooleanField(_("放行"))
    consent = models.ForeignKey(
        Consent, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("用途同意")
    )
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("决定人"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="photo_release_append_only"),
            models.CheckConstraint(condition=Q(use__in=PhotoUse.values), name="photo_release_use_known"),
            models.CheckConstraint(
                condition=Q(is_on=False, consent=None) | Q(is_on=True, consent__isnull=False),
                name="photo_released_under_consent",
            ),
        ]
