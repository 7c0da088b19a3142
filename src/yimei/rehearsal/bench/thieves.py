"""Thefts in a copy of the rehearsed hospital, before its own alarms: how many, how soon, who is accused.

Beside ``theft`` and ``drip``, which draw their days: here the acts, roles, shifts and relations are the
hospital's, the looks go through its doors into its log, and its own jobs read them.
"""

import resource
from statistics import median
from time import perf_counter
from typing import Any

from yimei.insight.rules.intervals import wilson
from yimei.rehearsal.actions.thieves import Tally, play
from yimei.rehearsal.bench.scratch import copied_database

SEED = 20261129
MOST, MONTHS, WORLDS = 12, 10, 3


def run(n: int, *, seed: int = SEED) -> dict[str, Any]:
    """Play ``n`` thefts of each kind in three honest months: 12 at most, 10 of the slow ones."""
    n, begun = min(n, MOST), perf_counter()
    with copied_database():
        played = play(quick=n, slow=min(n, MONTHS), worlds=min(n, WORLDS), seed=seed)
    return {
        "name": "thieves",
        "n": n,
        "seed": seed,
        "people": played.people,
        "canaries": played.canaries,
        "honest_looks": played.looks,
        "thieves_possible": played.thieves,
        "out_of_reach": played.out_of_reach,
        "staff_months": played.staff_months,
        "false_alarms_per_staff_month": round(sum(played.cries.values()) / played.staff_months, 4),
        "accused": _rate(played.accused, played.staff_months),
        "false_alarms_by_rule": dict(played.cries.most_common()),
        "detection": {kind: _told(tally, "hours") for kind, tally in played.quick.items()},
        "slow": {kind: _told(tally, "working_days") for kind, tally in played.slow.items()},
        "seconds": round(perf_counter() - begun, 1),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _told(tally: Tally, unit: str) -> dict[str, Any]:
    late = sorted(tally.delays)
    return {
        **_rate(tally.found, tally.tried),
        f"median_{unit}": round(median(late), 2) if late else None,
        f"longest_{unit}": round(late[-1], 2) if late else None,
        "rules": dict(tally.rules.most_common(3)),
        "refused_by_a_gate": tally.stopped,
    }


def _rate(part: int, whole: int) -> dict[str, Any]:
    """A share with its 95 % interval."""
    sure = wilson(part, whole)
    return {
        "rate": round(part / whole, 3) if whole else None,
        "of": whole,
        "from": round(sure.low, 3) if sure else None,
        "to": round(sure.high, 3) if sure else None,
    }
