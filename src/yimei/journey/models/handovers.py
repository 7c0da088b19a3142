"""A customer handed from one consultant to another, with the other's word for it."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.journey.enums import HandoverStatus
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedText


class HandoverQuerySet(models.QuerySet["Handover"]):
    def open(self) -> Self:
        return self.filter(status=HandoverStatus.OPEN)

    def concerning(self, staff: Staff) -> Self:
        """Those that somebody gives, was asked to take, or asked for."""
        return self.filter(Q(to_staff=staff) | Q(from_staff=staff) | Q(asked_by=staff))

    def with_people(self) -> Self:
        return self.select_related(
            "case__patient__person__vault_key", "case__procedure", "from_staff", "to_staff", "asked_by"
        )


class Handover(models.Model):
    """One request that another consultant take over a customer (交接): why, and what she answered."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "from_staff",
            "to_staff",
            "status",
            "asked_at",
            "asked_by",
            "decided_at",
            "decided_by",
        },
        "health": {"case", "reason", "answer"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="handovers")
    from_staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("交出"))
    to_staff = models.ForeignKey(Staff, models.PROTECT, related_name="handovers", verbose_name=_("接手"))
    reason = EncryptedText(_("原因"))
    status = models.CharField(
        _("状态"), max_length=10, choices=HandoverStatus.choices, default=HandoverStatus.OPEN
    )
    answer = EncryptedText(_("答复"), blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="open"), name="handover_one_open_each"
            ),
            models.CheckConstraint(
                condition=Q(status__in=HandoverStatus.values), name="handover_status_known"
            ),
            models.CheckConstraint(condition=~Q(to_staff=F("from_staff")), name="handover_to_another"),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None, decided_by=None)
                | (~Q(status="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="handover_decided_with_time",
            ),
        ]
