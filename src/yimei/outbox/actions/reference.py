"""Load the templates and numbers that ship with the program. Running it again adds nothing."""

import json
from datetime import datetime
from importlib import resources
from typing import Any

from django.db import transaction

from yimei.audit import log
from yimei.core.database.loading import add_missing
from yimei.outbox.enums import MessageClass
from yimei.outbox.models import Template
from yimei.outbox.rules.texts import check_template
from yimei.privacy.actions import reference


@transaction.atomic
def load(at: datetime) -> int:
    """Add what is missing and return how many templates were new; what the hospital has changed stays."""
    reference.add_limits(_shipped("limits"), at=at)
    added = add_missing(Template, map(_checked, _shipped("templates")))
    if added:
        log.record("outbox.templates.loaded", at=at, rows=added)
    return added


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    check_template(MessageClass(row["message_class"]), row["body"])
    return row


def _shipped(name: str) -> list[dict[str, Any]]:
    path = resources.files("yimei.outbox") / "data" / f"{name}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
