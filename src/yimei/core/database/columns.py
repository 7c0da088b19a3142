"""Tells the columns of a statement apart by what they are, not by how they were made (ADR 0111)."""

from typing import Any

from django.db.models import Field
from django.db.models.expressions import Col
from django.utils.functional import cached_property


def identity(column: Any) -> tuple[Any, ...]:
    """What two equal columns have in common: their table by its name in the statement, field and kind."""
    return column.__class__, column.alias, _known(column.target), _known(column.output_field)


def _known(field: "Field[Any, Any]") -> Any:
    """A field of a model by its model and name, one that stands alone by its kind, as Django has it."""
    model = getattr(field, "model", None)
    return (model, field.name) if model and field.name else type(field)


def tell_apart_quickly() -> None:
    """Let Django use this: it hashes each selected column of each ordered query."""
    quick = cached_property(identity)
    quick.__set_name__(Col, "identity")
    setattr(Col, "identity", quick)  # noqa: B010 - a property in place of a method of the stubs
