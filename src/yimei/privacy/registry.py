"""What each part keeps about people; parts register from their ``holdings`` module."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from yimei.people.models import Patient

Export = Callable[[Patient], Iterable[Mapping[str, object]]]
Change = Callable[[Patient, datetime], int]


@dataclass(frozen=True)
class Holding:
    """One processing activity: which data, whose, what for, how long, who gets it, how it is protected."""

    code: str
    title: str
    categories: tuple[str, ...]
    subjects: tuple[str, ...]
    purpose_codes: tuple[str, ...]
    retention_code: str
    recipients: tuple[str, ...]
    security: tuple[str, ...]
    export: Export | None = None
    erase: Change | None = None
    seal: Change | None = None


_holdings: dict[str, Holding] = {}


def holding(
    code: str,
    *,
    title: str,
    categories: Iterable[str] = (),
    subjects: Iterable[str] = (),
    purpose_codes: Iterable[str] = (),
    retention_code: str = "",
    recipients: Iterable[str] = (),
    security: Iterable[str] = (),
    export: Export | None = None,
    erase: Change | None = None,
    seal: Change | None = None,
) -> Holding:
    """Register one holding; a code belongs to one holding only."""
    if code in _holdings:
        raise ValueError(f"holding {code} is registered twice")
    _holdings[code] = Holding(
        code=code,
        title=title,
        categories=tuple(categories),
        subjects=tuple(subjects),
        purpose_codes=tuple(purpose_codes),
        retention_code=retention_code,
        recipients=tuple(recipients),
        security=tuple(security),
        export=export,
        erase=erase,
        seal=seal,
    )
    return _holdings[code]


def all_holdings() -> tuple[Holding, ...]:
    return tuple(_holdings[code] for code in sorted(_holdings))


def find(code: str) -> Holding | None:
    return _holdings.get(code)


def for_model(model: type[Model]) -> Holding:
    """Return the holding that a model names; a model without one is an error of its author."""
    code = getattr(model, "HOLDING", "")
    found = _holdings.get(code)
    if found is None:
        raise LookupError(f"{model._meta.label} names the holding {code!r}, which nobody registered")
    return found
