"""Fellegi and Sunter's weights, learnt without labels; a third kind of pair is two people of one household.

Couples share a telephone, relatives a surname and a town. With two classes the learner takes them for copies
of one person; the third class, whose personal columns agree only by chance, explains them instead.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yimei.insight.rules.linkage.comparing import Comparison, Levels, applicable
from yimei.insight.rules.linkage.records import Ints, Records

Floats = NDArray[np.float64]
SEED = 20260616
RANDOM_PAIRS = 100_000
ROUNDS = 200
START = {
    2: (0.9, 0.1), 3: (0.8, 0.12, 0.08), 4: (0.75, 0.12, 0.06, 0.07), 5: (0.75, 0.1, 0.06, 0.05, 0.04),
    6: (0.7, 0.1, 0.08, 0.05, 0.04, 0.03),
}  # fmt: skip
PERSONAL = frozenset({"birth_date", "id_no", "email", "wechat"})
"""Columns in which two people of one household agree only by chance."""
NAMES = frozenset({"name", "given_name", "middle"})
NAMESAKES = 0.33
"""At most this share of a household's pairs bear nearly the same given name, as father and son may."""
LEAST = 1e-7


@dataclass
class Model:
    """Of each comparison the shares for one person (m), strangers (u), one household (r); how many."""

    comparisons: list[Comparison]
    m: list[Floats]
    u: list[Floats]
    r: list[Floats]
    one_person: float
    household: float

    def terms(
        self, levels: dict[str, Levels], frequency: Floats | float = 0.0
    ) -> tuple[Floats, Floats, Floats]:
        """Return the logarithms of what each kind of pair says to the levels; rare words deny strangers."""
        size = len(next(iter(levels.values()))) if levels else 0
        sums = [np.zeros(size), np.zeros(size), np.zeros(size)]
        for place, comparison in enumerate(self.comparisons):
            at = levels[comparison.name]
            for total, shares in zip(sums, (self.m, self.u, self.r), strict=True):
                total += np.append(np.log(shares[place]), 0.0)[at]
        strangers = max(1 - self.one_person - self.household, 1e-9)
        return (
            sums[0] + np.log(self.one_person),
            sums[1] + np.log(strangers) - frequency,
            sums[2] + np.log(self.household),
        )

    def logit(self, levels: dict[str, Levels], frequency: Floats | float = 0.0) -> Floats:
        """Return the logarithm of the odds that a pair is one person."""
        same, strangers, household = self.terms(levels, frequency)
        result: Floats = same - np.logaddexp(strangers, household)
        return result


def random_pairs(records: Records) -> tuple[Ints, Ints]:
    chance = np.random.default_rng(SEED)
    count = len(records)
    size = min(RANDOM_PAIRS, count * count)
    if records.split is None:
        one, two = chance.integers(0, count, size), chance.integers(0, count, size)
    else:
        one, two = chance.integers(0, records.split, size), chance.integers(records.split, count, size)
    keep = one != two
    return one[keep], two[keep]


def shares(levels: Levels, count: int, weight: Floats | None = None) -> Floats:
    """Return the share of each level among pairs where both speak."""
    spoken = levels >= 0
    sums = np.bincount(levels[spoken], None if weight is None else weight[spoken], minlength=count).astype(
        float
    )
    sums += 0.05
    result: Floats = np.maximum(sums / sums.sum(), LEAST)
    return result


def learn(
    records: Records, levels: dict[str, Levels], background: dict[str, Levels], possible: float
) -> Model:
    """Return the model that explains the candidates best; ``background`` holds levels of random pairs."""
    comparisons = applicable(records)
    patterns, counts = _patterns(comparisons, levels)
    u = [shares(background[each.name], each.levels) for each in comparisons]
    for place, comparison in enumerate(comparisons):
        exact = _chance_of_equality(records, comparison)
        u[place] = np.append(exact, u[place][1:] / u[place][1:].sum() * (1 - exact))
    start = [np.array(START[each.levels]) for each in comparisons]
    r = [_household(each, u[place], start[place]) for place, each in enumerate(comparisons)]
    small = min(0.2, len(records) / possible / 4)
    model = Model(comparisons, start, u, r, small, small)
    for _round in range(ROUNDS):
        same, strangers, household = model.terms(patterns)
        whole = np.logaddexp(np.logaddexp(same, strangers), household)
        one, near = np.exp(same - whole) * counts, np.exp(household - whole) * counts
        before = model.m
        model.m = [shares(patterns[each.name], each.levels, one) for each in comparisons]
        model.r = [
            _household(each, u[place], shares(patterns[each.name], each.levels, near))
            for place, each in enumerate(comparisons)
        ]
        model.one_person = float(np.clip(one.sum() / possible, 1e-12, 0.5))
        model.household = float(np.clip(near.sum() / possible, 1e-12, 0.4))
        if max(float(np.abs(a - b).max()) for a, b in zip(before, model.m, strict=True)) < 1e-5:
            break
    return model


def _household(comparison: Comparison, strangers: Floats, seen: Floats) -> Floats:
    """Return the shares of one household: as seen, but chance only where a column is a person's own."""
    if comparison.name not in PERSONAL:
        if comparison.name not in NAMES:
            return seen
        likely = min(float(seen[:-1].sum()), NAMESAKES)
        mixed: Floats = (1 - likely) * strangers
        mixed[:-1] += likely * seen[:-1] / max(float(seen[:-1].sum()), LEAST)
        return np.maximum(mixed, LEAST)
    kept = strangers.copy()
    if comparison.levels > 3:
        kept[-2:] = seen[-2:] / max(float(seen[-2:].sum()), LEAST) * strangers[-2:].sum()
    return np.maximum(kept, LEAST)


def _chance_of_equality(records: Records, comparison: Comparison) -> float:
    """Return how often two random rows that speak are equal."""
    counts = records.columns[comparison.columns[0]].counts().astype(float)
    whole = counts.sum()
    if whole < 2:
        return 0.5
    share = float((counts * (counts - 1)).sum() / (whole * (whole - 1)))
    return float(np.clip(share, 1 / whole / 10, 1 - 1e-6))


def _patterns(comparisons: list[Comparison], levels: dict[str, Levels]) -> tuple[dict[str, Levels], Floats]:
    """Return each combination of levels that occurs once, and how often it does."""
    if not comparisons:
        return {}, np.empty(0)
    key = np.zeros(len(levels[comparisons[0].name]), np.int64)
    for each in comparisons:
        key = key * (each.levels + 1) + levels[each.name] + 1
    unique, counts = np.unique(key, return_counts=True)
    found: dict[str, Levels] = {}
    for each in reversed(comparisons):
        found[each.name] = (unique % (each.levels + 1) - 1).astype(np.int8)
        unique = unique // (each.levels + 1)
    return found, counts.astype(float)


def frequency_weight(records: Records, model: Model, levels: dict[str, Levels], one: Ints) -> Floats:
    """Return what rare and frequent words add: two 欧阳 say more than two 王."""
    total = np.zeros(len(one))
    for comparison, u in zip(model.comparisons, model.u, strict=True):
        if not comparison.uses_frequency:
            continue
        column = records.columns[comparison.columns[0]]
        counts = column.counts()
        share = np.maximum(counts, 2) / max(int(counts.sum()), 1)
        equal = np.flatnonzero(levels[comparison.name] == 0)
        own = share[column.codes[one[equal]]]
        total[equal] += np.clip(np.log(u[0]) - np.log(own), -4.0, 4.0)
    return total
