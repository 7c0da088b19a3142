"""A restricted person leaves every list, search, count of names, page and export, whoever looks.

The walk makes one row in every table about her, seals her, and opens every address that the program has, with
the ids of her own rows: an address or a table that somebody adds tomorrow is walked too.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.factories.people import RoleFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.privacy.plants import THEN, Garden, grow
from yimei.hospital.models import Campus
from yimei.people.actions import tokens
from yimei.people.models import Grant, Patient, Staff
from yimei.people.queries import search
from yimei.people.roles import Permission, Scope
from yimei.privacy.queries.rows import paths_to_patient, rows_of

NOW = THEN + timedelta(days=2)
TRAVELS = {"desk", "api", ""}
BY_LAW = {
    "desk:request": "her own request stays readable, under a mask",
    "desk:request-letter": "the answer that she was given",
    "desk:request-evidence": "how her request was handled, without a name",
    "desk:hold": "the dispute for which her data are kept",
    "desk:hold-sheet": "the list that both sides signed",
    "desk:break-glasses": "an emergency look is judged also after the person was sealed (PIPL 54)",
    "desk:minor-looks": "a look at a minor's data is judged also after she was sealed",
    "desk:access-log": "who looked at whom, by file number only, for the auditor (PIPL 54)",
    "desk:sealed": "who asked to read what is sealed, for the second person who allows it",
}
"""Pages that speak of a sealed person because a law asks for it; none of them opens what is sealed."""
LEAVES = ("sign-out", "logout", "_kit")


def everything(campus: Campus) -> Staff:
    """Somebody who may do everything everywhere: what she does not see, nobody sees."""
    role = RoleFactory(code="walker", name="全部权限")
    for permission in Permission:
        Grant.objects.update_or_create(role=role, permission=permission, defaults={"scope": Scope.GROUP})
    return StaffFactory(role=role, campus=campus)


def addresses(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, pattern.namespace or namespace)
        elif pattern.name:
            yield (f"{namespace}:{pattern.name}" if namespace else pattern.name), pattern


def ids_of(garden: Garden) -> dict[str, list[UUID]]:
    """The ids of her rows by the word that an address uses for them (booking_id, case_id …)."""
    found: dict[str, list[UUID]] = {}
    for model, row in garden.planted.items():
        public_id = getattr(row, "public_id", None)
        if isinstance(public_id, UUID) and paths_to_patient(model):
            name = "".join(f"_{c.lower()}" if c.isupper() else c for c in model.__name__).strip("_")
            for word in {name, name.rsplit("_", 1)[-1], name.split("_", 1)[0]}:
                found.setdefault(f"{word}_id", []).append(public_id)
    return found


def visits(garden: Garden) -> Iterator[tuple[str, str]]:
    ids = ids_of(garden)
    every = [one for found in ids.values() for one in found]
    for name, pattern in addresses():
        if name.split(":")[0] not in TRAVELS and ":" in name:
            continue
        if any(word in str(pattern.pattern) for word in LEAVES):
            continue
        converters = pattern.pattern.converters
        for choice in _choices(converters, ids, every):
            try:
                yield name, reverse(name, kwargs=choice)
            except NoReverseMatch:
                continue


def _choices(
    converters: dict[str, Any], ids: dict[str, list[UUID]], every: list[UUID]
) -> Iterator[dict[str, Any]]:
    if not converters:
        yield {}
        return
    named = {key: ids.get(key, every[:1]) for key in converters}
    for turn in range(max(len(found) for found in named.values())):
        choice: dict[str, Any] = {}
        for key, converter in converters.items():
            is_uuid = type(converter).__name__ == "UUIDConverter"
            found = named[key]
            choice[key] = found[turn % len(found)] if is_uuid else "2026-06-16" if "day" in key else "json"
        yield choice


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


def seal(patient: Patient) -> None:
    tokens.erase(patient.person)
    since = NOW - timedelta(hours=1)
    Patient.objects.filter(pk=patient.pk).update(restricted_at=since, sealed_at=since, sealed_until=None)


def words(garden: Garden) -> dict[str, str]:
    """Her name, numbers and everything that was ever written about her."""
    file_no = garden.patient.file_no or ""
    return {**{word: where for where, word in garden.markers.items() if len(word) > 4}, file_no: "file_no"}


@pytest.mark.long(reason="opens every address of the program")
@pytest.mark.django_db
def test_nothing_of_a_sealed_person_is_on_any_page(campus: Campus) -> None:
    garden = grow(visited=True)
    walker = sign_in(Client(), everything(campus))
    seal(garden.patient)
    markers, told, seen = words(garden), [], 0
    walker.raise_request_exception = False
    with time_machine.travel(NOW, tick=False):
        for name, address in visits(garden):
            response = walker.get(address)
            seen += response.status_code == 200
            if getattr(response, "streaming", False) or name in BY_LAW:
                continue
            body = response.content.decode("utf-8", "replace")
            told += [f"{name}: {where}" for word, where in markers.items() if word in body]
    assert "\n".join(sorted(set(told))) == ""
    assert seen > 40


@pytest.mark.slow(reason="makes a row in every table")
@pytest.mark.django_db
def test_the_walk_would_see_somebody_who_is_not_sealed(campus: Campus) -> None:
    garden = grow(visited=True)
    walker = sign_in(Client(), everything(campus))
    walker.raise_request_exception = False
    with time_machine.travel(NOW, tick=False):
        body = walker.get(reverse("desk:patients"), {"q": garden.patient.file_no}).content.decode()
    assert garden.patient.file_no in body


@pytest.mark.slow(reason="makes a row in every table")
@pytest.mark.django_db
def test_no_queryset_that_knows_readers_gives_a_sealed_person(campus: Campus) -> None:
    garden = grow(visited=True)
    reader = everything(campus)
    file_no = garden.patient.file_no or ""
    assert search(file_no, by=reader) == [garden.patient]
    seal(garden.patient)
    assert search(file_no, by=reader) == []
    leaks = []
    for model in garden.planted:
        manager: Any = getattr(model, "objects", None)
        if not paths_to_patient(model) or not hasattr(manager, "visible_to") or model.__name__ in OFFICERS:
            continue
        hers = rows_of(model, garden.patient).values("pk")
        if manager.visible_to(reader).filter(pk__in=hers).exists():
            leaks.append(model._meta.label)
    assert leaks == []


OFFICERS = {
    "MinorLook",
    "RightsRequest",
    "LegalHold",
    "Unsealing",
    "BreakGlass",
    "Incident",
    "IncidentDuty",
    "Affected",
}
"""What the officer handles about somebody whose data are sealed; masked on every page."""


def test_every_page_that_speaks_of_the_sealed_exists() -> None:
    known = {name for name, _pattern in addresses()}
    assert set(BY_LAW) <= known
