"""What other rooms register: what a flow gives to people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from yimei.people.models import Patient

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Give = Callable[[Patient, str, str, datetime], bool]
"""Customer, value as the flow writes it, key, now → whether it was given; once for each key."""


Choices = Callable[[int | None, date], list[tuple[str, str]]]
"""Campus (none: the group) and day → what may be given, by its value and its name."""


@dataclass(frozen=True)
class Grant:
    """One kind of benefit; without choices its value is a number of them."""

    code: str
    label: "_StrOrPromise"
    give: Give
    choices: Choices | None = None
    is_marketing: bool = False
    said: Callable[[str], str] = str


_grants: dict[str, Grant] = {}


def grant(
    code: str,
    label: "_StrOrPromise",
    *,
    choices: Choices | None = None,
    is_marketing: bool = False,
    said: Callable[[str], str] = str,
) -> Callable[[Give], Give]:
    """Register how one kind of benefit is given, and that only a marketing flow may give it."""

    def register(give: Give) -> Give:
        _grants[code] = Grant(code, label, give, choices, is_marketing, said)
        return give

    return register


def grants() -> dict[str, Grant]:
    return dict(_grants)
