"""True counts behind a publication: every cell of a domain that is known without looking, empty ones too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.insight.queries import mart
from yimei.insight.queries.labels import labels
from yimei.insight.queries.rights import campus_of, may_see
from yimei.insight.rules import private as rules
from yimei.insight.rules.mart.derived import AGE_BANDS
from yimei.insight.rules.metrics.sql import figures
from yimei.insight.rules.provinces import PROVINCES
from yimei.insight.rules.questions import Question
from yimei.people.enums import Sex, SourceKind
from yimei.people.models import Staff
from yimei.privacy.models import Export

VALUES: Mapping[str, Sequence[Any]] = {
    "sex": Sex.values,
    "source": SourceKind.values,
    "age": [label for _low, label in AGE_BANDS],
    "province": list(PROVINCES),
}


def counts(question: Question, *, by: Staff) -> tuple[list[tuple[str, ...]], list[int]]:
    """Return the words of every cell, and how many people are in it; only ``downloads.publish`` may ask."""
    rules.check_question(question)
    if not may_see(question.metric, by):
        raise NotFound
    asked = figures(question.metric, question.slice(campus_of(by)), question.by)
    depth = len(question.by)
    found = {tuple(row[:depth]): int(row[depth] or 0) for row in mart.ask(asked).rows}
    keys = list(product(*([*VALUES[dim.code], None] for dim in question.by)))
    say = [labels(dim, question.metric.fact, by) for dim in question.by]
    words = [tuple(word(key) for word, key in zip(say, cell, strict=True)) for cell in keys]
    return words, [found.get(cell, 0) for cell in keys]


def spent(now: datetime) -> list[Decimal]:
    """What this year's publications used of the budget, as the ledger has them."""
    rows = Export.objects.filter(source__startswith=rules.SOURCE).values_list("asked_at", "query")
    year = local_date(now).year
    return [Decimal(query["epsilon"]) for at, query in rows if local_date(at).year == year]
