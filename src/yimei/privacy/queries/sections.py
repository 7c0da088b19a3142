"""Everything that is kept about one person, section by section, row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from django.db.models import Model

from yimei.people.models import Patient
from yimei.people.queries.merges import other_files
from yimei.privacy import registry
from yimei.privacy.queries import rows
from yimei.privacy.queries.erasure import table
from yimei.privacy.registry import Holding

Filled = Mapping[int, frozenset[type[Model]]]
"""The tables that hold a row of each of her files."""

UNTOLD = frozenset({"people.search", "journey.claim", "audit.log", "privacy.centre"})
"""Holdings without a word that a person could read: fingerprints and times."""


@dataclass(frozen=True)
class Section:
    """One holding of one person, row by row."""

    code: str
    title: str
    rows: tuple[Mapping[str, object], ...]


def sections_of(patient: Patient) -> list[Section]:
    """Everything that is kept about a person, in all her files, by holding.

    Of somebody erased there is nothing to tell.
    """
    if patient.person.vault_key.is_destroyed:
        return []
    found = []
    files, holdings = [patient, *other_files(patient)], list(holdings_about_people())
    asked = [model for one in holdings if not one.export for model in rows.models_of(one.code)]
    filled = {file.pk: rows.filled(asked, file) for file in files}
    for holding in holdings:
        tell = holding.export or partial(_told, holding, filled)
        told = tuple(row for file in files for row in tell(file))
        if holding.export:
            told = tuple(each for place, each in enumerate(told) if each not in told[:place])
        if told:
            found.append(Section(holding.code, holding.title, told))
    return found


def holdings_about_people() -> Iterator[Holding]:
    """The holdings of which a person may ask what they say about her."""
    known = table()
    for holding in registry.all_holdings():
        if holding.code in known and holding.code not in UNTOLD:
            yield holding


def _told(holding: Holding, filled: Filled, patient: Patient) -> Iterator[Mapping[str, object]]:
    for model in rows.models_of(holding.code):
        if model in filled[patient.pk]:
            yield from rows.described(rows.rows_of(model, patient))
