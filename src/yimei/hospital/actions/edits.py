"""Saving one row of reference data: checked by its model, saved by name, one line in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.errors import RuleBroken

Row = TypeVar("Row", bound=models.Model)


def add(row: Row, *, by: Actor | None, at: datetime) -> Row:
    """Save a new row, or say in a sentence why it cannot be."""
    check(row)
    _write(row, None)
    log.record(f"hospital.{row._meta.model_name}.create", target=row, by=by, at=at)
    return row


def change(row: Row, changes: Mapping[str, Any], *, by: Actor | None, at: datetime) -> Row:
    """Save what differs; a change that changes nothing leaves no trace."""
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, changes[name])
    check(row)
    _write(row, changed)
    log.record(f"hospital.{row._meta.model_name}.update", target=row, by=by, at=at, fields=changed)
    return row


def check(row: models.Model) -> None:
    """Ask the model itself: lengths, choices, unique codes and every constraint."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise RuleBroken(" ".join(_sentences(row, error))) from error


def _sentences(row: models.Model, error: ValidationError) -> list[str]:
    found = []
    for name, texts in error.message_dict.items():
        label = "" if name == "__all__" else f"{getattr(row._meta.get_field(name), 'verbose_name', name)}："
        found += [f"{label}{text}" for text in texts]
    return found


def _write(row: models.Model, fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        raise RuleBroken(_("刚才有人保存了相同的编码，请刷新后再试。")) from error
