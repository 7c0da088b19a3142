"""Whose a row is, by the keys between the tables, and whether that person is erased: asked in SQL."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LIVING_FUNCTION = """
CREATE OR REPLACE FUNCTION yimei_refuse_living() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone boolean;
BEGIN
    EXECUTE TG_ARGV[1] INTO gone USING OLD;
    IF gone THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'check_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END $$
"""
"""Lets a row go once the key of the person whom it is about is destroyed, and refuses all else (ADR 91)."""
PERSON = "people.patient"


def owners(
    model: type[models.Model], besides: frozenset[str] = frozenset()
) -> tuple[tuple["models.ForeignKey[Any, Any]", ...], ...]:
    """How a row leads to the customer it is about: by the shortest keys always filled, else by any."""
    required: list[Any] = []
    optional: list[Any] = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not isinstance(field, models.ForeignKey) or not isinstance(target, type):
            continue
        label = target._meta.label_lower
        if label in besides or target is model:
            continue
        onward = ((),) if label == PERSON else owners(target, besides | {model._meta.label_lower})
        (optional if field.null else required).extend((field, *path) for path in onward)
    return (min(required, key=len),) if required else tuple(optional)


def question(model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
    """The question whether the person of a row (``$1``) is erased; empty for a table about nobody."""
    asked = []
    for path in owners(model):
        patient: Any = path[-1].related_model
        person = patient._meta.get_field("person")
        steps = (*path, person, person.related_model._meta.get_field("vault_key"))
        joins, before = [], f"($1).{editor.quote_name(steps[0].column)}"
        for number, step in enumerate(steps):
            target = step.related_model._meta
            name, key = editor.quote_name(target.db_table), editor.quote_name(target.pk.column)
            joins.append(f"{name} t{number} ON t{number}.{key} = {before}")
            if number + 1 < len(steps):
                before = f"t{number}.{editor.quote_name(steps[number + 1].column)}"
        first, *others = joins
        table, _on, match = first.partition(" ON ")
        last = len(steps) - 1
        asked.append(
            f"EXISTS (SELECT 1 FROM {table}{''.join(f' JOIN {one}' for one in others)}"
            f" WHERE {match} AND t{last}.destroyed_at IS NOT NULL)"
        )
    return f"SELECT {' OR '.join(asked)}" if asked else ""
