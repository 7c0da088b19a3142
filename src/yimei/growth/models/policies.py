"""What every set of rules that counts from a day on has in common."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Staff


class PolicyVersion(models.Model):
    """One version of a set of rules, counting from a day on; never edited."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "version", "content", "source", "effective_from", "published_at",
            "published_by",
        }
    }  # fmt: skip
    HOLDING: ClassVar[str] = "growth.reference"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(_("版本"), unique=True)
    content = models.JSONField(_("规则"))
    source = models.CharField(_("来源"), max_length=120)
    effective_from = models.DateField(_("生效"))
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-version"]
