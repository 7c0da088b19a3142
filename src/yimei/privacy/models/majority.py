"""That somebody answers for herself from a day on, and what ended for her guardians (成年交接)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Patient, Staff


class ComingOfAge(models.Model):
    """One hand-over of rights from guardians to the person; the day itself follows from her birth date."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "reminded_at",
            "handed_at",
            "ended",
            "number_kept_at",
            "number_kept_by",
        }
    }
    HOLDING = "people.guardian"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.OneToOneField(
        Patient, models.PROTECT, related_name="coming_of_age", verbose_name=_("客户")
    )
    reminded_at = models.DateTimeField(_("提前告知"), null=True, blank=True)
    handed_at = models.DateTimeField(_("交接时间"), null=True, blank=True)
    ended = models.JSONField(_("随之终止的事项"), default=dict, help_text=_("类别与件数，不含内容"))
    number_kept_at = models.DateTimeField(_("本人确认号码"), null=True, blank=True)
    number_kept_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("记录人")
    )

    class Meta:
        ordering = ["-handed_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(reminded_at__isnull=False) | Q(handed_at__isnull=False),
                name="coming_of_age_says_something",
            ),
            models.CheckConstraint(
                condition=Q(number_kept_at=None, number_kept_by=None)
                | Q(number_kept_at__isnull=False, number_kept_by__isnull=False, handed_at__isnull=False),
                name="coming_of_age_number_by_someone",
            ),
        ]
