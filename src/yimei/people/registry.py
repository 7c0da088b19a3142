"""Rules of the parts above that may close level 4 and above (charts, full contact) to a reader."""

from collections.abc import Callable
from datetime import datetime

from yimei.core.errors import RuleBroken
from yimei.people.models import Staff

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
