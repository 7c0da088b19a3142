"""The whole way from rows to pairs and groups."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from yimei.insight.rules.linkage import blocking, clusters, comparing, weights
from yimei.insight.rules.linkage.records import Ints, Records
from yimei.insight.rules.linkage.weights import Floats


@dataclass
class Linkage:
    """Pairs of rows with the probability of being one person, surest first, and the group of each row."""

    one: Ints
    two: Ints
    probability: Floats
    group: Ints
    compared: int
    model: weights.Model | None


def link(
    records: Records,
    *,
    threshold: float = 0.5,
    one_to_one: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> Linkage:
    """Return who is probably one person; equal input gives equal output."""
    count = len(records)
    tell(_("寻找候选"))
    one, two = blocking.candidates(records)
    nobody = np.empty(0, np.int64)
    if not len(one) or not comparing.applicable(records):
        return Linkage(nobody, nobody, np.empty(0), np.arange(count), 0, None)
    tell(_("比较 %(count)d 对") % {"count": len(one)})
    levels = comparing.compare(records, one, two, tell)
    split = records.split
    possible = count * (count - 1) / 2 if split is None else split * (count - split)
    background = comparing.compare(records, *weights.random_pairs(records), lambda text: None)
    tell(_("估计权重"))
    model = weights.learn(records, levels, background, float(possible))
    logit = model.logit(levels, weights.frequency_weight(records, model, levels, one))
    tell(_("分组"))
    at_least = (
        float(np.log(threshold / (1 - threshold)))
        if 0 < threshold < 1
        else (-50.0 if threshold <= 0 else 50.0)
    )
    compared = len(one)
    near = logit > min(at_least, 0.0) - 12
    one, two, logit = one[near], two[near], logit[near]
    group = clusters.grouped(count, one, two, logit, at_least=at_least, single=split if one_to_one else None)
    pairs = _within(one, two, logit, group, at_least, across_files=split is not None)
    return Linkage(*pairs, group, compared, model)


def _within(
    one: Ints, two: Ints, logit: Floats, group: Ints, at_least: float, *, across_files: bool
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs inside the groups, the surest first; between two files those that were compared.

    A pair that was not compared, or is doubtful by itself, is as sure as the better link over a third.
    """
    inside = group[one] == group[two]
    one, two, logit = one[inside], two[inside], logit[inside]
    known = dict(zip(zip(one.tolist(), two.tolist(), strict=True), logit.tolist(), strict=True))
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(group, group[one])).tolist():
        members.setdefault(int(group[row]), []).append(row)
    implied: dict[tuple[int, int], float] = {}
    for rows in members.values():
        if len(rows) == 2 or across_files:
            continue
        for at, low in enumerate(rows):
            for high in rows[at + 1 :]:
                if known.get((low, high), at_least - 1) < at_least:
                    ways = (
                        min(
                            known.get((min(low, by), max(low, by)), -50),
                            known.get((min(by, high), max(by, high)), -50),
                        )
                        for by in rows
                        if by not in (low, high)
                    )
                    implied[low, high] = max(at_least, max(ways))
    known |= implied
    sure = sorted((-value, pair) for pair, value in known.items() if value >= at_least)
    first = np.array([pair[0] for _value, pair in sure], np.int64)
    second = np.array([pair[1] for _value, pair in sure], np.int64)
    odds = np.array([-value for value, _pair in sure])
    return first, second, 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
