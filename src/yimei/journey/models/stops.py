"""What was said about stop rules after the assessment, and what a physician let pass."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.journey.enums import StopState
from yimei.journey.models.cases import Case
from yimei.people.models import Staff
from yimei.vault.fields import EncryptedText


class StopNote(models.Model):
    """Somebody asked again: it goes on, or it ended on a day. The newest word counts."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "by", "at"},
        "health": {"rule_code", "state", "last_on"},
    }
    HOLDING = "journey.record"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="stop_notes")
    rule_code = models.CharField(_("规则"), max_length=24)
    state = models.CharField(_("情况"), max_length=8, choices=StopState.choices)
    last_on = models.DateField(_("最后一次"), null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="stop_note_append_only", erasable=["rule_code"]),
            models.CheckConstraint(
                condition=~Q(state="stopped") | Q(last_on__isnull=False), name="stop_note_over_since"
            ),
        ]


class StopOverride(models.Model):
    """A physician let one finding pass, by name and with a reason; another answer asks for another one."""

    PRIVACY = {
        "plain": {"id", "public_id", "case", "by", "at"},
        "health": {"rule_code", "finding_key", "reason"},
    }
    HOLDING = "journey.record"
    VAULT: ClassVar[str] = "case.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="stop_overrides")
    rule_code = models.CharField(_("规则"), max_length=24)
    finding_key = models.CharField(max_length=60)
    reason = EncryptedText(_("放行理由"))
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="stop_override_append_only", erasable=["rule_code", "finding_key"]),
            models.UniqueConstraint(fields=["case", "finding_key"], name="stop_override_once"),
        ]
