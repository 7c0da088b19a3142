"""How likely an enquiry becomes a booking: learned from earlier ones, or a plain table when they are few.

Only how, when and by which way somebody asked, and what came of the first day: never what about
(that is health), never name, age, sex or place.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from yimei.people.enums import SourceKind

Floats = np.ndarray[Any, np.dtype[np.float64]]
LEAST, LEAST_EACH = 400, 60
"""Fewer enquiries, or fewer of either end, teach nothing."""
RIDGE = 1.0
BINS = 5
SHOWN = 3
PRIOR_BASE = -1.4
PRIOR: Mapping[str, float] = {
    "source:referral": 0.8, "source:walk_in": 0.6, "source:phone": 0.4, "source:douyin": -0.3,
    "kind:visit": 0.6, "kind:call_in": 0.4, "fast": 0.4,
    "wants_visit": 1.2, "reached": 0.5, "no_answer": -0.5, "again": 0.5,
}  # fmt: skip
"""Without a history: a table of the house, not learned and labelled so."""


@dataclass(frozen=True)
class First:
    """What is known of an enquiry after its first day."""

    source: str
    kind: str
    fast: bool = False
    """Answered within the response time."""
    reached: bool = False
    wants_visit: bool = False
    no_answer: bool = False
    again: bool = False
    night: bool = False

    def facts(self) -> dict[str, float]:
        flags = ("fast", "reached", "wants_visit", "no_answer", "again", "night")
        found = {name: 1.0 for name in flags if getattr(self, name)}
        return {f"source:{self.source}": 1.0, f"kind:{self.kind}": 1.0, **found}


@dataclass(frozen=True)
class Learned:
    """A version as it is kept: weights, calibration, and how well it did on enquiries it had not seen."""

    weights: Mapping[str, float]
    base: float
    slope: float
    shift: float
    auc: float
    brier: float
    base_brier: float
    reliability: Sequence[tuple[float, float, int]]

    @property
    def is_better(self) -> bool:
        """Better than saying the same of everybody; else the table of the house stays."""
        return self.auc > 0.55 and self.brier < self.base_brier


@dataclass(frozen=True)
class Score:
    percent: int
    reasons: Sequence[tuple[str, bool]]
    """What speaks for it or against it, the heaviest first."""


def check_history(rows: int, booked: int) -> str:
    """Why nothing can be learned from so few, or nothing."""
    if rows < LEAST or booked < LEAST_EACH or rows - booked < LEAST_EACH:
        text = _(
            "历史太少：%(rows)d 条、约到 %(booked)d 条；至少要 %(least)d 条，约到与没约到各 %(each)d 条。"
        )
        return text % {"rows": rows, "booked": booked, "least": LEAST, "each": LEAST_EACH}
    return ""


def learn(rows: Sequence[First], booked: Sequence[bool]) -> Learned:
    """Learn from the oldest three fifths, calibrate on the next, measure on the newest."""
    names = sorted({name for row in rows for name in row.facts()})
    matrix = np.array([[row.facts().get(name, 0.0) for name in names] for row in rows])
    ends = np.array(booked, dtype=float)
    one, two = len(rows) * 3 // 5, len(rows) * 4 // 5
    base, weights = fit(matrix[:one], ends[:one], ridge=RIDGE)
    line = base + matrix @ weights
    shift, slope = fit(line[one:two, None], ends[one:two], ridge=0.01)
    chance = sigmoid(shift + slope[0] * line[two:])
    seen, rate = ends[two:], float(ends[:two].mean())
    return Learned(
        weights={name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
        base=round(base, 4),
        slope=round(float(slope[0]), 4),
        shift=round(shift, 4),
        auc=round(auc(chance, seen), 3),
        brier=round(float(np.mean((chance - seen) ** 2)), 4),
        base_brier=round(float(np.mean((rate - seen) ** 2)), 4),
        reliability=reliability(chance, seen),
    )


def score(first: First, learned: Learned | None) -> Score:
    """The chance of one enquiry with its reasons; by the table of the house when nothing was learned."""
    facts = first.facts()
    weights = learned.weights if learned else PRIOR
    parts = {name: weights.get(name, 0.0) * value for name, value in facts.items()}
    line = (learned.base if learned else PRIOR_BASE) + sum(parts.values())
    if learned:
        line = learned.shift + learned.slope * line
    heavy = sorted(parts.items(), key=lambda one: (-abs(one[1]), one[0]))[:SHOWN]
    return Score(
        percent=round(100 / (1 + math.exp(-line))),
        reasons=[(told(name), part > 0) for name, part in heavy if abs(part) >= 0.05],
    )


def told(name: str) -> str:
    """A fact as people say it."""
    kind, _colon, value = name.partition(":")
    if kind == "source" and value in SourceKind.values:
        return _("来源是%(name)s") % {"name": SourceKind(value).label}
    words = {
        "kind:form": _("网上留言"), "kind:call_in": _("自己打来电话"), "kind:visit": _("到店来问"),
        "kind:wechat": _("微信来问"), "fast": _("及时得到回应"),
        "reached": _("第一天说上了话"), "wants_visit": _("第一天就愿意到院"), "no_answer": _("第一天没打通"),
        "again": _("第一天又来问"), "night": _("夜里来问"),
    }  # fmt: skip
    return words.get(name, name)


def fit(matrix: Floats, ends: Floats, *, ridge: float) -> tuple[float, Floats]:
    """Logistic regression with a ridge, by Newton's steps; the base is not held back."""
    whole = np.hstack([np.ones((len(matrix), 1)), matrix])
    hold = np.diag([1e-9] + [ridge] * matrix.shape[1])
    found = np.zeros(whole.shape[1])
    for _step in range(50):
        chance = sigmoid(whole @ found)
        slope = whole.T @ (ends - chance) - hold @ found
        bend = (whole * (chance * (1 - chance))[:, None]).T @ whole + hold
        step = np.linalg.solve(bend, slope)
        found = found + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(found[0]), found[1:]


def sigmoid(line: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(line, -30, 30)))


def auc(chance: Floats, ends: Floats) -> float:
    """How often a booked one stands above one that was not; ties count half."""
    good, bad = chance[ends == 1], chance[ends == 0]
    if not len(good) or not len(bad):
        return 0.5
    above = (good[:, None] > bad[None, :]).mean() + 0.5 * (good[:, None] == bad[None, :]).mean()
    return float(above)


def reliability(chance: Floats, ends: Floats) -> list[tuple[float, float, int]]:
    """In fifths from low to high: what was said, what came, of how many."""
    order = np.argsort(chance, kind="stable")
    return [
        (round(float(chance[part].mean()), 3), round(float(ends[part].mean()), 3), len(part))
        for part in np.array_split(order, BINS)
        if len(part)
    ]
