"""What the parts above decide for this one: who is refused level 4 and above, which numbers hold."""

from collections.abc import Callable
from datetime import date, datetime

from yimei.core.errors import RuleBroken
from yimei.people.models import Staff
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
