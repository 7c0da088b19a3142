"""How many days lie between a choice and the operation (冷静期); the hospital's own numbers."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources

from django.db.models import Q

from yimei.privacy.models import Limit

MINOR = "cooling.minor"


def days(grade: int, *, minor: bool, on: date) -> int:
    """Return the days for a grade, with those added where a guardian decides; 0 for what is no operation."""
    if grade < 1:
        return 0
    codes = [f"cooling.grade_{grade}", *([MINOR] if minor else [])]
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code__in=codes, effective_from__lte=on
    )
    known = dict(rows.order_by("effective_from").values_list("code", "value"))
    return sum(known.get(code, shipped()[code]) for code in codes)


@cache
def shipped() -> Mapping[str, int]:
    """Return the numbers that come with the program, for a hospital that has loaded none."""
    path = resources.files("yimei.journey") / "data" / "limits.json"
    return {row["code"]: row["value"] for row in json.loads(path.read_text(encoding="utf-8"))}
