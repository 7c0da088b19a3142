"""Who is left out of every figure, named by other parts; and the gate through which every answer passes."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from yimei.insight.queries.cuts import Telling
    from yimei.people.models import Staff

Finder = Callable[[], Iterable[int]]
_finders: list[Finder] = []


def leave_out(find: Finder) -> Finder:
    """Name a query of patients' numbers that no figure counts; asked anew at every build."""
    if find not in _finders:
        _finders.append(find)
    return find


def left_out() -> frozenset[int]:
    return frozenset(pk for find in _finders for pk in find())


class Gate(Protocol):
    """Notes what a reader is told; says why not when it must not be told."""

    def __call__(self, new: "Telling", *, campus: int | None, by: "Staff") -> str: ...


_gates: list[Gate] = []


def watch(gate: Gate) -> None:
    """Name the action that stands before every answer of those who may open no records."""
    _gates[:] = [gate]


def tell(new: "Telling", *, campus: int | None, by: "Staff") -> str:
    """Ask the gate; without one nothing is told."""
    return _gates[0](new, campus=campus, by=by)
