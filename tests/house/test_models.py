"""Every field says how private it is, and every model which holding of the data map it belongs to."""

import pytest
from django.apps import apps
from django.db import models

from yimei.privacy import registry

LEVELS = {"plain", "personal", "health", "secret"}


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_config.name.startswith("yimei.") and not model._meta.proxy
    ]


def unclassified(name: str, fields: set[str], privacy: dict[str, set[str]]) -> list[str]:
    """Compare the fields of a model with its PRIVACY, where each stands exactly once."""
    listed = [field for group in privacy.values() for field in group]
    return [
        *(f"{name}: no such level: {level}" for level in sorted(privacy.keys() - LEVELS)),
        *(f"{name}.{field}: says not how private it is" for field in sorted(fields - set(listed))),
        *(f"{name}.{field}: no such field" for field in sorted(set(listed) - fields)),
        *(f"{name}.{field}: stands twice" for field in sorted({f for f in listed if listed.count(f) > 1})),
    ]


def concrete_fields(model: type[models.Model]) -> set[str]:
    return {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}


def test_every_field_says_how_private_it_is() -> None:
    found = []
    for model in our_models():
        privacy: dict[str, set[str]] = getattr(model, "PRIVACY", {})
        found += unclassified(model._meta.label, concrete_fields(model), privacy)
    assert found == []


def test_every_model_belongs_to_a_holding_of_the_data_map() -> None:
    known = {holding.code for holding in registry.all_holdings()}
    missing = [
        f"{model._meta.label}: {getattr(model, 'HOLDING', None)}"
        for model in our_models()
        if getattr(model, "HOLDING", None) not in known
    ]
    assert missing == []


def test_every_model_says_what_it_is() -> None:
    """Django writes a docstring of field names where there is none."""
    silent = [
        model._meta.label for model in our_models() if (model.__doc__ or "").startswith(f"{model.__name__}(")
    ]
    assert silent == []


def test_every_row_with_an_address_of_its_own_has_a_random_one() -> None:
    serial = [
        model._meta.label
        for model in our_models()
        for field in model._meta.get_fields()
        if field.name == "public_id" and not isinstance(field, models.UUIDField)
    ]
    assert serial == []


@pytest.mark.parametrize(
    ("fields", "privacy", "count"),
    [
        ({"id", "phone"}, {"plain": {"id"}, "personal": {"phone"}}, 0),
        ({"id", "phone"}, {"plain": {"id"}}, 1),
        ({"id"}, {"plain": {"id", "gone"}}, 1),
        ({"id", "phone"}, {"plain": {"id", "phone"}, "personal": {"phone"}}, 1),
        ({"id"}, {"public": {"id"}}, 1),
    ],
)
def test_a_field_without_a_level_is_found(fields: set[str], privacy: dict[str, set[str]], count: int) -> None:
    assert len(unclassified("Sample", fields, privacy)) == count
