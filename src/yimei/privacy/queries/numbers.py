"""The numbers of a part as the register has them: what holds, what comes, what was."""

from dataclasses import dataclass
from datetime import date

from yimei.privacy.models import Limit
from yimei.privacy.rules.numbers import Family


@dataclass(frozen=True)
class Setting:
    """One number with its versions, the newest first."""

    code: str
    name: str
    number: int
    unit: str
    row: Limit
    coming: Limit | None
    versions: list[Limit]


def listed(family: Family, *, on: date) -> list[Setting]:
    """Every number that may be set, as it holds on a day; one query."""
    rows: dict[str, list[Limit]] = {}
    for row in Limit.objects.filter(code__in=family.bounds).order_by("-effective_from"):
        rows.setdefault(row.code, []).append(row)
    found = []
    for code in family.bounds:
        versions = rows.get(code, [])
        now = next((one for one in versions if one.effective_from <= on), None)
        if now is None:
            continue
        coming = next((one for one in reversed(versions) if one.effective_from > on), None)
        found.append(Setting(code, now.name, now.value, now.get_unit_display(), now, coming, versions))
    return found
