"""Linkage of records: F1 on three kinds of synthetic people, and the time for ``n`` patients."""

import resource
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from yimei.insight.rules.linkage.link import link
from yimei.insight.rules.linkage.records import make
from yimei.rehearsal.rules import forebears, twins

SETS = {
    "english": (5_000, twins.english),
    "historical": (50_000, forebears.historical),
    "chinese": (20_000, twins.chinese),
}


def run(n: int) -> dict[str, Any]:
    """Return the figures of each set (at most ``n`` records) and the seconds for ``n`` Chinese patients."""
    sets = {}
    for name, (count, maker) in SETS.items():
        _tell(name)
        sets[name] = _figures(*maker(min(count, n)))
    _tell(f"chinese {n}")
    large = _figures(*twins.chinese(n, seed=2))
    _tell("")
    return {
        "name": "dedupe",
        "n": n,
        **{f"{name}_{key}": value for name, figures in sets.items() for key, value in figures.items()},
        **{f"large_{key}": value for key, value in large.items()},
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _figures(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, float]:
    began = perf_counter()
    records = make(header, rows)
    found = link(records)
    seconds = perf_counter() - began
    wanted = twins.true_pairs(records.ids)
    pairs = [
        (records.ids[a], records.ids[b]) for a, b in zip(found.one.tolist(), found.two.tolist(), strict=True)
    ]
    right = sum(twins.person_of(a) == twins.person_of(b) for a, b in pairs)
    precision, recall = right / max(len(pairs), 1), right / max(wanted, 1)
    return {
        "records": len(records),
        "precision": round(precision, 5),
        "recall": round(recall, 5),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 5),
        "seconds": round(seconds, 1),
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
