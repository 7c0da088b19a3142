"""The versions of the lead score: what was learned, from how much, and how well it did."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.growth.rules.scoring import Learned


class LeadModel(models.Model):
    """One training, used or not; nobody is in it. The newest decides: used, or the table of the house."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "trained_at", "rows", "booked", "content", "refused"}
    }
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trained_at = models.DateTimeField(_("训练时间"))
    rows = models.PositiveIntegerField(_("线索数"))
    booked = models.PositiveIntegerField(_("约到的"))
    content = models.JSONField(_("学到的"), default=dict)
    refused = models.CharField(_("未采用的原因"), max_length=120, blank=True)

    class Meta:
        ordering = ["-trained_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="lead_model_append_only")]

    @property
    def learned(self) -> Learned | None:
        return Learned(**self.content) if self.content else None

    @property
    def used(self) -> Learned | None:
        return None if self.refused else self.learned
