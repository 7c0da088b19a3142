"""How good a table is, from 0 to 100: complete, valid, consistent, unique, in time; each share by itself."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from yimei.insight.rules.imports.templates import Template

WEIGHTS: Mapping[str, float] = {
    "complete": 0.25,
    "valid": 0.3,
    "consistent": 0.2,
    "unique": 0.15,
    "timely": 0.1,
}
"""A default, not a standard: hospitals differ in what hurts them most."""
FRESH_DAYS, OLD_DAYS = 31, 365


def of(
    template: Template,
    profile: Sequence[Mapping[str, Any]],
    *,
    good: int,
    known: int,
    bad: int,
    flagged: int,
    last: date | None,
    today: date,
) -> dict[str, float]:
    """Return each share and the score; an empty table has none."""
    rows = good + known + bad
    if not rows:
        return {}
    mapped = [one for one in profile if one["column"]]
    cells = sum(one["rows"] for one in mapped)
    wanted = len(template.columns) * (cells / len(mapped)) if mapped else 0
    filled = sum(one["rows"] - one["missing"] for one in mapped)
    fit = good + known
    shares = {
        "complete": min(1.0, filled / cells) if cells else 0.0,
        "valid": fit / rows,
        "consistent": 1 - min(flagged, fit) / fit if fit else 0.0,
        "unique": good / fit if fit else 0.0,
        "timely": _timely(last, today),
    }
    score = 100 * sum(WEIGHTS[name] * share for name, share in shares.items())
    found = {name: round(100 * share, 1) for name, share in shares.items()}
    return found | {"covered": round(100 * filled / wanted, 1) if wanted else 0.0, "score": round(score, 1)}


def _timely(last: date | None, today: date) -> float:
    """Whole within a month of its newest row, nothing after a year."""
    if last is None:
        return 1.0
    age = (today - last).days
    return max(0.0, min(1.0, (OLD_DAYS - age) / (OLD_DAYS - FRESH_DAYS)))
