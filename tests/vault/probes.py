"""Rows with encrypted fields, in a registry of their own so that no migration sees them."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.apps.registry import Apps
from django.db import models

from yimei.vault.fields import EncryptedDate, EncryptedJSON, EncryptedText
from yimei.vault.models import DataKey

registry = Apps()


class Owner(models.Model):
    """Its key is not a database reference, so that flushing the keys between tests meets no unknown table."""

    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    vault_key = models.ForeignKey(DataKey, models.PROTECT, related_name="+", db_constraint=False)
    name = EncryptedText(max_length=20)
    nickname = EncryptedText(blank=True, default="")
    born_on = EncryptedDate(null=True)
    notes: "models.Field[Any, Any]" = EncryptedJSON(default=dict)

    class Meta:
        app_label = "vaultprobe"
        apps = registry


class Card(models.Model):
    VAULT: ClassVar[str] = "owner.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    owner = models.ForeignKey(Owner, models.PROTECT, related_name="+")
    text = EncryptedText(null=True)

    class Meta:
        app_label = "vaultprobe"
        apps = registry


BORN = date(1990, 2, 28)
