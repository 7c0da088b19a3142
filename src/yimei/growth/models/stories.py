"""Customers' stories (客户故事): what was written, what she agreed to, who checked it, where it stands."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums.stories import (
    Checker,
    StoryEnd,
    StoryPlace,
    StoryStatus,
    StoryStepKind,
    StoryUse,
)
from yimei.growth.rules import stories as rules
from yimei.hospital.enums import Category
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums import ConsentAct
from yimei.privacy.models import Consent
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey, StoredFile

PURPOSE = "story.share"


class StoryQuerySet(models.QuerySet["Story"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.STORY_WRITE) -> Self:
        """Hers, or her campus's; nobody who is restricted stands in a list."""
        return self.in_reach_of(staff, permission).filter(patient__restricted_at=None)

    def in_reach_of(self, staff: Staff, permission: Permission = Permission.STORY_WRITE) -> Self:
        """Those of restricted people too, without their names: what hangs on a wall is still taken down."""
        return scoped(  # type: ignore[return-value]
            self, staff, permission, own=Q(created_by=staff.pk), campus=Q(campus=staff.campus_id)
        )

    def of_person(self, patient: Patient) -> Self:
        """In whichever of her files they were begun."""
        return self.filter(patient__in=Patient.objects.files_of(patient).values("pk"))

    def refused_since(self) -> Self:
        """Whose person took the consent back, or refused one, after the version that counts."""
        said = Consent.objects.filter(
            Q(patient=OuterRef("patient"))
            | Q(patient=OuterRef("patient__merged_into"))
            | Q(patient__merged_into=OuterRef("patient"))
            | Q(patient__merged_into=OuterRef("patient__merged_into")),
            purpose__code=PURPOSE,
            act__in=[ConsentAct.WITHDRAWN, ConsentAct.REFUSED],
            pk__gt=OuterRef("current__consent"),
        )
        return self.filter(Exists(said))

    def with_people(self) -> Self:
        return self.select_related(
            "vault_key", "campus", "created_by", "current__consent", "current__story__vault_key",
            "patient__person__vault_key", "patient__merged_into__person__vault_key",
        )  # fmt: skip


class Story(models.Model):
    """What one person tells of herself, under a key of its own; used only where she allowed it."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "vault_key", "campus", "patient", "status", "created_at", "created_by",
            "current", "ended_at", "why", "erased_at",
        },
        "health": {"title", "words", "category"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.story"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="stories")
    title = EncryptedText(_("标题"), blank=True, default="")
    words = EncryptedText(_("故事"), blank=True, default="")
    category = models.CharField(_("部位"), max_length=12, choices=Category.choices, blank=True)
    status = models.CharField(_("状态"), max_length=8, choices=StoryStatus.choices, default=StoryStatus.DRAFT)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    current = models.ForeignKey(
        "growth.StoryVersion", models.PROTECT, related_name="+", null=True, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(_("为什么停止"), max_length=10, choices=StoryEnd.choices, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = StoryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["campus", "status", "-created_at"], name="story_campus_status")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(status__in=StoryStatus.values), name="story_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["agreed", "cleared"]) | Q(current__isnull=False),
                name="story_used_under_a_version",
            ),
            models.CheckConstraint(
                condition=(Q(status="ended", ended_at__isnull=False) & ~Q(why=""))
                | (~Q(status="ended") & Q(ended_at=None, why="")),
                name="story_ended_whole",
            ),
        ]

    @property
    def open_moves(self) -> frozenset[StoryStatus]:
        return rules.MOVES.get(StoryStatus(self.status), frozenset())

    @property
    def is_readable(self) -> bool:
        """What is over is read by nobody, even while its key still stands."""
        return self.status != StoryStatus.ENDED and self.erased_at is None


class StoryPicture(models.Model):
    """One picture of a story: a copy without metadata, masked before it was kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "story", "has_face", "added_at", "added_by", "removed_at"},
        "health": {"file", "is_intimate"},
    }
    HOLDING: ClassVar[str] = "growth.story"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    story = models.ForeignKey(Story, models.PROTECT, related_name="pictures")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("照片"))
    has_face = models.BooleanField(_("认得出脸"), default=True)
    is_intimate = models.BooleanField(_("私密部位"), default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "id"]


class StoryVersion(models.Model):
    """Exactly what she agreed to: these words and pictures, for these uses, until this day; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "story", "seq", "shots", "uses", "has_pictures", "has_face", "until",
            "sha256", "consent", "at",
        },
        "health": {"title", "words"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.story"
    VAULT: ClassVar[str] = "story.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    story = models.ForeignKey(Story, models.PROTECT, related_name="versions")
    seq = models.PositiveSmallIntegerField(_("版本"))
    title = EncryptedText(_("标题"))
    words = EncryptedText(_("故事"))
    shots = models.JSONField(_("照片"), default=list, help_text=_("照片的编号"))
    uses = models.JSONField(_("用途"))
    has_pictures = models.BooleanField(_("同意使用照片"))
    has_face = models.BooleanField(_("同意露脸"))
    until = models.DateField(_("同意至"))
    sha256 = models.CharField(_("内容指纹"), max_length=64)
    consent = models.OneToOneField(Consent, models.PROTECT, related_name="story_version")
    at = models.DateTimeField(_("同意时间"))

    class Meta:
        ordering = ["story", "seq"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["story", "seq"], name="story_version_one_after_another"),
            models.CheckConstraint(
                condition=Q(has_pictures=True) | Q(has_face=False), name="story_face_needs_pictures"
            ),
            AppendOnly(name="story_version_append_only", erasable=["title", "words"]),
        ]

    @property
    def scope(self) -> rules.Scope:
        uses = frozenset(StoryUse(use) for use in self.uses)
        return rules.Scope(uses, self.has_pictures, self.has_face, self.until)

    @property
    def use_labels(self) -> list[str]:
        return [str(StoryUse(use).label) for use in self.uses]


class StoryReview(models.Model):
    """One person's check of one version against her list; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "version", "checker", "passes", "answers", "by", "at"},
        "health": {"note"},
    }
    HOLDING: ClassVar[str] = "growth.story"
    VAULT: ClassVar[str] = "version.story.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StoryVersion, models.PROTECT, related_name="reviews")
    checker = models.CharField(_("哪一项审核"), max_length=8, choices=Checker.choices)
    passes = models.BooleanField(_("通过"))
    answers = models.JSONField(_("确认的项"), default=list)
    note = EncryptedText(_("意见"), blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(checker__in=Checker.values), name="story_checker_known"),
            models.UniqueConstraint(
                fields=["version", "checker"], condition=Q(passes=True), name="story_passed_once_each"
            ),
            models.UniqueConstraint(
                fields=["version", "by"], condition=Q(passes=True), name="story_passed_by_two_people"
            ),
            AppendOnly(name="story_review_append_only", erasable=["note"]),
        ]


class StoryStand(models.Model):
    """One place where one version stands or stood: who put it up, who took it down and how that is proved."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "version", "kind", "where", "up_at", "up_by", "due_at", "late_at", "down_at",
            "down_by", "proof",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.story"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StoryVersion, models.PROTECT, related_name="stands")
    kind = models.CharField(_("放在哪里"), max_length=8, choices=StoryPlace.choices)
    where = models.CharField(_("具体位置"), max_length=60, blank=True)
    up_at = models.DateTimeField(_("放上时间"))
    up_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("最迟撤下"), null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True)
    down_at = models.DateTimeField(_("撤下时间"), null=True, blank=True)
    down_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    proof = models.CharField(_("撤下的证明"), max_length=200, blank=True)

    class Meta:
        ordering = ["up_at", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(down_at=None), name="story_stand_due")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=StoryPlace.values), name="story_stand_lawful"),
            models.CheckConstraint(
                condition=Q(kind__in=["album", "lesson"]) | Q(down_at=None) | ~Q(proof=""),
                name="story_stand_down_is_proved",
            ),
            models.UniqueConstraint(
                fields=["version", "kind", "where"], condition=Q(down_at=None), name="story_stand_once"
            ),
        ]

    @property
    def is_inside(self) -> bool:
        return rules.SPOTS[StoryPlace(self.kind)].is_inside


class StoryStep(models.Model):
    """One line of a story's trail; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {"plain": {"id", "story", "kind", "note", "by", "at"}}
    HOLDING: ClassVar[str] = "growth.story"

    story = models.ForeignKey(Story, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=StoryStepKind.choices)
    note = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="story_step_append_only")]
