"""Every field of every form leads to the data map, or says that it keeps nothing (PIPL 6, 19).

A form that asks for something no column is declared for fails here: declare the column, or say what it is.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from django import forms

from yimei.desk import forms as desk_forms
from yimei.portal import forms as portal_forms
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.needs import purposes_of
from yimei.privacy.queries.register import shipped
from yimei.privacy.queries.rows import paths_to_patient
from yimei.ui.forms.purposed import PurposedForm

SERVED = {"personal", "health"}
PREFIXES = ("wanted_", "text_", "is_", "has_")
"""A correction names the column that it wants changed; a notice's sections hold nothing of anybody."""


def form_fields() -> Iterator[tuple[str, str, forms.Field]]:
    """Every declared field of every form of staff and patients."""
    for package in (desk_forms, portal_forms):
        for module in pkgutil.iter_modules(package.__path__):
            found: Any = importlib.import_module(f"{package.__name__}.{module.name}")
            for name, form in vars(found).items():
                if (
                    isinstance(form, type)
                    and issubclass(form, forms.BaseForm)
                    and form.__module__ == found.__name__
                ):
                    declared: dict[str, forms.Field] = getattr(form, "base_fields", {})
                    for field, value in declared.items():
                        yield f"{found.__name__.removeprefix('yimei.')}.{name}", field, value


def mapped_words() -> frozenset[str]:
    """The columns of the data map by their names; rows about people and all others alike."""
    return frozenset(column.name for model in our_models() for column in model._meta.get_fields())


def is_tied(field: str, known: frozenset[str]) -> bool:
    bare = next((field.removeprefix(prefix) for prefix in PREFIXES if field.startswith(prefix)), field)
    return bool({field, bare, f"{bare}_id", bare.removesuffix("_id")} & known)


def free_texts() -> Iterator[tuple[str, str]]:
    """Fields in which anything may be typed: those through which needless data come in."""
    for where, field, value in form_fields():
        is_typed = isinstance(value, forms.CharField | forms.DateField | forms.DecimalField | forms.FileField)
        if is_typed and not isinstance(value, forms.ChoiceField | forms.UUIDField):
            yield where, field


def test_every_typed_field_leads_to_a_column_of_the_data_map_or_keeps_nothing() -> None:
    known = mapped_words()
    loose = sorted(f"{where}.{field}" for where, field in free_texts() if not is_tied(field, known))
    assert [name for name in loose if name.rsplit(".", 1)[1] not in KEPT_AS] == []


KEPT_AS = {
    "slot": "journey.Booking.starts_at",
    "diligence_note": "privacy.Party.diligence",
    "picture": "vault.StoredFile.sha256",
    "received_on": "privacy.RightsRequest.received_at",
    "wish": "journey.BookingMove.note",
    "range": "journey.Expectation.goals",
    "choice": "journey.Booking.starts_at",
    "second_username": "",
    "second_password": "",
    "totp": "",
    "old_password": "",
    "again": "",
    "tail": "",
}
"""Fields that go by another name than their column; an empty one is used for one act and kept nowhere."""


def test_every_other_name_leads_to_a_column_that_exists() -> None:
    columns = {f"{m._meta.label}.{column.name}" for m in our_models() for column in m._meta.concrete_fields}
    assert {column for column in KEPT_AS.values() if column} <= columns


def test_the_data_map_knows_rows_about_people() -> None:
    assert sum(bool(paths_to_patient(model)) for model in our_models()) > 20
    assert is_tied("wanted_phone", mapped_words())
    assert not is_tied("favourite_colour", mapped_words())


def personal_columns() -> Iterator[tuple[Any, str]]:
    """Every column that tells something of a person, of tables about people."""
    for model in our_models():
        privacy: dict[str, set[str]] = getattr(model, "PRIVACY", {})
        yield from ((model, field) for level in SERVED for field in privacy.get(level, ()))


def stoppable() -> set[str]:
    """The purposes that serve the person and may be stopped; without duty and without what care needs."""
    rows = shipped("purposes")
    return {
        one["code"]
        for one in rows
        if not one["is_necessary"] and one["basis"] in {"consent", "contract"} and one["code"] != "staff"
    }


def test_every_personal_column_that_a_form_can_fill_has_a_purpose() -> None:
    typed = {field for _where, field in free_texts()}
    loose = [
        f"{model._meta.label}.{field}"
        for model, field in personal_columns()
        if field in typed and not purposes_of(model, field)
    ]
    assert loose == []


WITHOUT_FORM = {"journey.PhotoRelease"}
"""Tables that no form fills: a release is one button behind the person's consent."""


def test_what_serves_only_purposes_that_may_be_stopped_is_asked_by_a_form_that_knows() -> None:
    asked = {
        form.KEEPS
        for package in (desk_forms, portal_forms)
        for module in pkgutil.iter_modules(package.__path__)
        for form in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values()
        if isinstance(form, type) and issubclass(form, PurposedForm) and form is not PurposedForm
    }
    held = {
        model._meta.label
        for model, field in personal_columns()
        if (codes := set(purposes_of(model, field))) and codes <= stoppable()
    }
    assert held - WITHOUT_FORM == asked
