"""What other rooms let a flow give to people: points, coupons; each registers how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from yimei.people.models import Patient

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Give = Callable[[Patient, str, str, datetime], bool]
"""Customer, value as the flow writes it, key, now → whether it was given; once for each key."""


@dataclass(frozen=True)
class Grant:
    code: str
    label: "_StrOrPromise"
    give: Give


_grants: dict[str, Grant] = {}


def grant(code: str, label: "_StrOrPromise") -> Callable[[Give], Give]:
    """Register how one kind of benefit is given."""

    def register(give: Give) -> Give:
        _grants[code] = Grant(code, label, give)
        return give

    return register


def grants() -> dict[str, Grant]:
    return dict(_grants)
