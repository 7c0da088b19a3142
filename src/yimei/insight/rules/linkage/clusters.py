"""Who is one person: pairs joined into groups, without one doubtful pair joining two crowds."""

from collections import defaultdict
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import numpy as np

from yimei.insight.rules.linkage.records import Ints
from yimei.insight.rules.linkage.weights import Floats

STRONGEST = 12.0
UNSEEN = -1.0
"""What a pair of members that was never compared says about their groups."""


def grouped(
    count: int, one: Ints, two: Ints, logit: Floats, *, at_least: float, single: int | None = None
) -> Ints:
    """Return the group of each row, numbered by the first row in it.

    Groups merge, the surest first, while all pairs between them together speak for it: a pair that was
    compared and found different counts against. With ``single`` (where the second of two files begins) a
    group holds at most one row of each file.
    """
    group = np.arange(count, dtype=np.int64)
    wanted = logit >= at_least
    parent = _components(count, one[wanted], two[wanted])
    inside = np.flatnonzero(parent[one] == parent[two])
    inside = inside[np.argsort(parent[one[inside]], kind="stable")]
    _parents, starts, sizes = np.unique(parent[one[inside]], return_index=True, return_counts=True)
    alone = inside[starts[sizes == 1]]
    group[np.maximum(one[alone], two[alone])] = np.minimum(one[alone], two[alone])
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        of = inside[start : start + size]
        edges = list(zip(one[of].tolist(), two[of].tolist(), (logit[of] - at_least).tolist(), strict=True))
        for members in _merge(edges, single):
            first = min(members)
            for member in members:
                group[member] = first
    return group


def _components(count: int, one: Ints, two: Ints) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(one), np.int8), (one, two)), shape=(count, count))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _merge(edges: Sequence[tuple[int, int, float]], single: int | None) -> list[set[int]]:
    members: dict[int, set[int]] = {}
    between: dict[int, dict[int, list[float]]] = defaultdict(dict)
    for a, b, weight in edges:
        clipped = max(-STRONGEST, min(STRONGEST, weight))
        members.setdefault(a, {a})
        members.setdefault(b, {b})
        between[a][b] = between[b][a] = [clipped, 1.0]
    heap = [
        (-_support(link, 1, 1), a, b) for a, links in between.items() for b, link in links.items() if a < b
    ]
    heapify(heap)
    while heap:
        negative, a, b = heappop(heap)
        if a not in members or b not in members or b not in between[a]:
            continue
        now = _support(between[a][b], len(members[a]), len(members[b]))
        if now <= 0:
            continue
        if -negative > now + 1e-9 or -negative < now - 1e-9:
            heappush(heap, (-now, a, b))
            continue
        if single is not None and not _is_single(members[a] | members[b], single):
            continue
        members[a] |= members.pop(b)
        for other, link in between.pop(b).items():
            if other == a:
                continue
            mine = between[a].setdefault(other, [0.0, 0.0])
            mine[0] += link[0]
            mine[1] += link[1]
            between[other].pop(b, None)
            between[other][a] = mine
            heappush(
                heap, (-_support(mine, len(members[a]), len(members[other])), min(a, other), max(a, other))
            )
        between[a].pop(b, None)
    return [group for group in members.values() if len(group) > 1]


def _support(link: list[float], left: int, right: int) -> float:
    """The mean of what all pairs between two groups say."""
    whole = left * right
    return (link[0] + UNSEEN * (whole - link[1])) / whole


def _is_single(group: set[int], split: int) -> bool:
    return sum(member < split for member in group) <= 1 and sum(member >= split for member in group) <= 1
