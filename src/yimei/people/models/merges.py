"""Two files of one person: under suspicion, judged, joined, parted again. Nothing is moved between them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import PairDecision, PairSource
from yimei.people.models.patients import Patient
from yimei.people.models.staff import Staff
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def visible_to(self, staff: Staff) -> Self:
        """Pairs of which the reader reaches both files; half a pair says who the other is."""
        reach = Patient.objects.within_reach(staff, Permission.PATIENT_MERGE).order_by().values("pk")
        return self.filter(one__in=reach, two__in=reach)

    def waiting(self) -> Self:
        """Those that somebody should judge: neither file gone, sealed or joined since."""
        return self.filter(
            decision__in=[PairDecision.WAITING, PairDecision.LATER],
            one__merged_into=None,
            two__merged_into=None,
        )

    def with_people(self) -> Self:
        return self.select_related(
            "one__person__vault_key", "one__campus", "two__person__vault_key", "two__campus", "decided_by"
        )


class DuplicatePair(models.Model):
    """Two files that may be one person's, with what speaks for it; judged once and remembered."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "one",
            "two",
            "source",
            "found_at",
            "decision",
            "decided_at",
            "decided_by",
        },
        "personal": {"probability", "evidence", "reason"},
    }
    HOLDING = "people.merge"
    VAULT: ClassVar[str] = "one.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    one = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name=_("较早的档案"))
    two = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name=_("较晚的档案"))
    source = models.CharField(_("来由"), max_length=8, choices=PairSource.choices)
    probability = models.FloatField(_("同一人的概率"), null=True, blank=True)
    evidence = models.JSONField(
        _("逐项依据"), default=list, blank=True, help_text=_("字段、相似程度与权重；不含字段的值")
    )
    found_at = models.DateTimeField(_("发现时间"))
    decision = models.CharField(
        _("结论"), max_length=10, choices=PairDecision.choices, default=PairDecision.WAITING
    )
    decided_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核对人")
    )
    reason = EncryptedText(_("核对说明"), blank=True, default="")

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["-probability", "-id"]
        indexes = [models.Index(fields=["decision", "-probability"], name="pair_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["one", "two"], name="pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("two")), name="pair_in_order"),
            models.CheckConstraint(condition=Q(decision__in=PairDecision.values), name="pair_decision_known"),
            models.CheckConstraint(condition=Q(source__in=PairSource.values), name="pair_source_known"),
            models.CheckConstraint(
                condition=Q(decision=PairDecision.WAITING, decided_at=None, decided_by=None)
                | (~Q(decision=PairDecision.WAITING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="pair_decided_by_someone",
            ),
        ]


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, staff: Staff) -> Self:
        reach = Patient.objects.within_reach(staff, Permission.PATIENT_MERGE).order_by().values("pk")
        return self.filter(kept__in=reach, absorbed__in=reach)

    def awaiting(self) -> Self:
        return self.filter(made_at=None, refused_at=None)

    def standing(self) -> Self:
        return self.filter(made_at__isnull=False, undone_at=None)

    def with_people(self) -> Self:
        return self.select_related(
            "kept__person__vault_key",
            "absorbed__person__vault_key",
            "absorbed__merged_into__person__vault_key",
            "asked_by",
            "approved_by",
            "refused_by",
            "undone_by",
        )


class Merge(models.Model):
    """One file joined to another of the same person (并档): who, when, why, on which evidence; and undone."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "kept",
            "absorbed",
            "pair",
            "needs_second",
            "asked_at",
            "asked_by",
            "approved_at",
            "approved_by",
            "made_at",
            "refused_at",
            "refused_by",
            "undone_at",
            "undone_by",
        },
        "personal": {"reason", "doubts", "evidence", "undo_reason"},
    }
    HOLDING = "people.merge"
    VAULT: ClassVar[str] = "kept.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(
        Patient, models.PROTECT, related_name="merges_kept", verbose_name=_("保留的档案")
    )
    absorbed = models.ForeignKey(Patient, models.PROTECT, related_name="merges", verbose_name=_("并入的档案"))
    pair = models.ForeignKey(
        DuplicatePair,
        models.PROTECT,
        related_name="merges",
        null=True,
        blank=True,
        verbose_name=_("核对的一对"),
    )
    reason = EncryptedText(_("并档理由"))
    doubts = models.JSONField(_("须第二人核准的原因"), default=list, blank=True)
    evidence = models.JSONField(_("逐项依据"), default=list, blank=True)
    needs_second = models.BooleanField(_("须第二人核准"), default=False)
    asked_at = models.DateTimeField(_("提出时间"))
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    approved_at = models.DateTimeField(_("核准时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("核准人")
    )
    made_at = models.DateTimeField(_("并档时间"), null=True, blank=True)
    refused_at = models.DateTimeField(_("退回时间"), null=True, blank=True)
    refused_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("退回人")
    )
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    undone_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("撤销人")
    )
    undo_reason = EncryptedText(_("撤销理由"), blank=True, default="")

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_two_files"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(refused_at=None, undone_at=None), name="merge_open_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | (
                    Q(approved_at__isnull=False, approved_by__isnull=False, needs_second=True)
                    & ~Q(approved_by=F("asked_by"))
                ),
                name="merge_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(made_at=None) | Q(needs_second=False) | Q(approved_at__isnull=False),
                name="merge_made_with_two_names",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None, refused_by=None)
                | Q(refused_at__isnull=False, refused_by__isnull=False, made_at=None),
                name="merge_refused_before_made",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False, made_at__isnull=False),
                name="merge_undone_after_made",
            ),
        ]
