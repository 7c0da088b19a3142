"""Rules in force, doubted and excluded values, gaps and how they are filled, quality over time."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from django.db.models import Count, QuerySet

from yimei.hospital.models import Campus, Procedure
from yimei.insight.enums import DoubtStatus, FillMethod, ImportStatus
from yimei.insight.models import Doubt, Filling, ImportBatch, RuleSet
from yimei.insight.rules.imports import checks
from yimei.insight.rules.imports.checks import FIGURES, Check, Lists
from yimei.insight.rules.imports.templates import TEMPLATES, Column, Template
from yimei.people.models import Staff

LARGEST_GROUPS = 500


def rules_of(template: str) -> RuleSet | None:
    """The rules in force for a kind of table."""
    return RuleSet.objects.filter(template=template).select_related("by").first()


def versions_of(template: str) -> QuerySet[RuleSet]:
    return RuleSet.objects.filter(template=template).select_related("by")


def checks_of(rules: RuleSet | None) -> list[Check]:
    return checks.read(rules.checks) if rules else []


def lists() -> Lists:
    """The lists of the house that a column may be held against."""
    return {
        "procedure": frozenset(Procedure.objects.values_list("name", flat=True)),
        "campus": frozenset(Campus.objects.values_list("name", flat=True)),
    }


def suggested(template: Template, by: Staff) -> list[Check]:
    """What the newest tried table of a kind suggests beyond the rules in force."""
    tried = ImportBatch.objects.visible_to(by).filter(template=template.code, cleared_at=None)
    batch = tried.exclude(status=ImportStatus.UNDONE).select_related("file_key").first()
    profile = (batch.report or {}).get("profile") if batch else None
    there = {(one.kind, one.columns) for one in checks_of(rules_of(template.code))}
    found = checks.suggest(profile or [], template, lists())
    return [one for one in found if (one.kind, one.columns) not in there]


def kept(template: Template) -> list[Column]:
    return [column for column in template.columns if not column.identifies]


def excluded(batch: ImportBatch) -> dict[int, set[int] | None]:
    """By line the places whose value was excluded; None when the row says nothing without it."""
    places = {
        column.name: (at, column.is_needed) for at, column in enumerate(kept(TEMPLATES[batch.template]))
    }
    found: dict[int, set[int] | None] = {}
    rows = batch.doubts.filter(status=DoubtStatus.EXCLUDED).order_by().values_list("number", "column")
    for number, name in rows:
        at, is_needed = places[name]
        before = found.setdefault(number, set())
        if is_needed or before is None:
            found[number] = None
        else:
            before.add(at)
    return found


def doubts(batch: ImportBatch) -> QuerySet[Doubt]:
    return batch.doubts.select_related("batch__vault_key", "settled_by")


def doubts_waiting(batch: ImportBatch) -> int:
    return batch.doubts.filter(status=DoubtStatus.WAITING).count()


@dataclass(frozen=True)
class Gap:
    """How many cells of a column are empty, and by what they were filled."""

    column: Column
    rows: int
    missing: int
    filling: Filling | None

    @property
    def share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0

    @property
    def is_figure(self) -> bool:
        return self.column.kind in FIGURES


def gaps(batch: ImportBatch, rows: Sequence[Sequence[object]]) -> list[Gap]:
    """Return the columns of a table that have gaps, from its rows."""
    fillings = {one.column: one for one in batch.fillings.filter(undone_at=None).select_related("by")}
    found = []
    for at, column in enumerate(kept(TEMPLATES[batch.template])):
        missing = sum(row[at] is None for row in rows)
        if column.name in batch.mapping and missing:
            found.append(Gap(column, len(rows), missing, fillings.get(column.name)))
    return found


def fillers(
    rows: Sequence[Sequence[Any]], *, at: int, method: FillMethod, group: int | None
) -> tuple[dict[str, Any], int]:
    """Return by what the gaps of a column are filled, by group, and how many cells that fills."""
    said: dict[str, list[Any]] = defaultdict(list)
    empty: Counter[str] = Counter()
    for row in rows:
        key = "" if group is None else str(row[group])
        if row[at] is None:
            empty[key] += 1
        else:
            said[key].append(row[at])
    if method == FillMethod.COMMON:
        found = {key: Counter(words).most_common(1)[0][0] for key, words in said.items()}
    else:
        found = {key: _middle(words) for key, words in said.items()}
    found = {key: value for key, value in found.items() if key in empty}
    return found, sum(count for key, count in empty.items() if key in found)


def _middle(words: Sequence[Any]) -> Any:
    """The lower median as it stands in the table."""
    by_size = {float(word): word for word in words}
    return by_size[median_low(float(word) for word in words)]


Filled = tuple[int, str | None, list[Any], frozenset[int]]


def filled(
    batch: ImportBatch, rows: Iterator[tuple[int, str | None, list[Any]]], *, in_figures: bool = False
) -> Iterator[Filled]:
    """Yield rows with their gaps filled, and which places were; for figures only where that was chosen."""
    names = [column.name for column in kept(TEMPLATES[batch.template])]
    fillings = [
        (names.index(one.column), names.index(one.group) if one.group else None, one.values or {})
        for one in batch.fillings.filter(undone_at=None).select_related("batch__vault_key")
        if one.in_figures or not in_figures
    ]
    for line, person, said in rows:
        values, marks = list(said), set()
        for at, group, by_group in fillings:
            key = "" if group is None else str(said[group])
            if values[at] is None and key in by_group:
                values[at] = by_group[key]
                marks.add(at)
        yield line, person, values, frozenset(marks)


def quality(by: Staff) -> dict[tuple[str, str], list[ImportBatch]]:
    """The imports that were taken in, oldest first, with their scores: of each kind, and of each source from
    which a table of that kind is fetched; files that were uploaded have no name.
    """
    done = ImportBatch.objects.visible_to(by).filter(status=ImportStatus.DONE).exclude(quality={})
    found: dict[tuple[str, str], list[ImportBatch]] = defaultdict(list)
    rows = done.select_related("source").order_by("-ran_at", "-pk").annotate(doubted=Count("doubts"))
    for batch in rows[:LARGEST_GROUPS]:
        found[batch.template, batch.source.name if batch.source else ""].insert(0, batch)
    return found
