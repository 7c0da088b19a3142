"""Personal details in clinic text: precision and recall on the labelled set that ships, time per sentence."""

import resource
from collections import Counter
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from yimei.privacy.rules import pii
from yimei.rehearsal.rules.details import Labelled, kinds_of, labelled_set

WARM_UP = "患者王芳，电话13800138000。"


def run(n: int) -> dict[str, Any]:
    """Return figures of the half that was not used for tuning, by kind, and of the other beside it."""
    pii.find(WARM_UP)
    examples = labelled_set()[:n]
    held_out = [each for each in examples if each.is_held_out]
    times: list[float] = []
    figures = _figures(held_out, times)
    times.sort()
    return {
        "name": "pii",
        "n": len(examples),
        "held_out": len(held_out),
        "precision": figures["all"]["precision"],
        "recall": figures["all"]["recall"],
        "kinds": {kind: figures[kind] for kind in kinds_of(held_out)},
        "tuning": _figures([each for each in examples if not each.is_held_out], [])["all"],
        "p50_ms": round(times[len(times) // 2], 3),
        "p95_ms": round(times[int(len(times) * 0.95)], 3),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _figures(examples: Iterable[Labelled], times: list[float]) -> dict[str, dict[str, float]]:
    """Count a detail as found only when kind, start and end are all right."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for example in examples:
        began = perf_counter()
        found = {(str(each.kind), each.start, each.end) for each in pii.find(example.text)}
        times.append((perf_counter() - began) * 1000)
        wanted = set(example.details)
        for counter, details in ((right, found & wanted), (wrong, found - wanted), (missed, wanted - found)):
            counter.update(kind for kind, _start, _end in details)
            counter["all"] += len(details)
    return {
        kind: {
            "precision": round(right[kind] / max(right[kind] + wrong[kind], 1), 4),
            "recall": round(right[kind] / max(right[kind] + missed[kind], 1), 4),
            "n": right[kind] + missed[kind],
        }
        for kind in right | wrong | missed
    }
