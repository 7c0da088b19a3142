"""What the parts above decide for this one: who is refused level 4 and above, which numbers hold."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from itertools import chain
from typing import Protocol

from yimei.core.errors import Missing, RuleBroken
from yimei.people.models import BreakGlass, Patient, Staff
from yimei.people.rules import glass

Refusal = Callable[[Staff, datetime], RuleBroken | None]
_rules: list[Refusal] = []


def access_rule(ask: Refusal) -> Refusal:
    """Register what may refuse a reader: training that lapsed, say. Asked once for each request."""
    if ask not in _rules:
        _rules.append(ask)
    return ask


def refusal(staff: Staff, now: datetime) -> RuleBroken | None:
    """The first refusal; remembered on the reader, who lives as long as one request."""
    known: dict[str, RuleBroken | None] = staff.__dict__.setdefault("_access_refusal", {})
    key = f"{now:%Y-%m-%d}"
    if key not in known:
        known[key] = next((refused for ask in _rules if (refused := ask(staff, now))), None)
    return known[key]


Numbers = Callable[[str, date], int]
_numbers: list[Numbers] = []


def use_numbers(ask: Numbers) -> Numbers:
    """Name what reads the rules of law in force; the part that keeps them does, at start."""
    _numbers[:] = [ask]
    return ask


def number(code: glass.Number, on: date) -> int:
    """The number that holds on a day, at least one: no clock of this part runs for no time."""
    found = _numbers[0](code.value, on) if _numbers else glass.SHIPPED[code]
    return max(found, 1)


Opened = Callable[[BreakGlass, datetime], None]
_on_glass: list[Opened] = []


def on_glass(tell: Opened) -> Opened:
    """Register who is told at once that a chart was opened in an emergency; within the same transaction."""
    if tell not in _on_glass:
        _on_glass.append(tell)
    return tell


def glass_opened(glass_: BreakGlass, now: datetime) -> None:
    for tell in _on_glass:
        tell(glass_, now)


Obstacle = Callable[[Patient, Patient, datetime], Iterable[Missing]]
"""(kept, absorbed, now) → what must come to its end before both become one person's."""
History = Callable[[Collection[int]], Iterable[int]]
"""Patients' numbers → those of whom the part keeps a history that matters."""


class Follower(Protocol):
    """Brings a part's own rows in line when two files become one person's, or two persons' again."""

    def __call__(self, kept: Patient, absorbed: Patient, *, are_one: bool, now: datetime) -> None: ...


_obstacles: list[Obstacle] = []
_histories: list[History] = []
_followers: list[Follower] = []


def merge_obstacle(ask: Obstacle) -> Obstacle:
    """Register what stands against joining two files: a request that runs, say."""
    if ask not in _obstacles:
        _obstacles.append(ask)
    return ask


def obstacles(kept: Patient, absorbed: Patient, now: datetime) -> list[Missing]:
    return [missing for ask in _obstacles for missing in ask(kept, absorbed, now)]


def history_source(ask: History) -> History:
    """Register a part that knows who has been here."""
    if ask not in _histories:
        _histories.append(ask)
    return ask


def with_history(patients: Collection[int]) -> set[int]:
    return set(chain.from_iterable(ask(patients) for ask in _histories))


def merge_follower(follow: Follower) -> Follower:
    """Register what a part must do when files are joined or parted; within the same transaction."""
    if follow not in _followers:
        _followers.append(follow)
    return follow


def follow(kept: Patient, absorbed: Patient, *, are_one: bool, now: datetime) -> None:
    for each in _followers:
        each(kept, absorbed, are_one=are_one, now=now)
