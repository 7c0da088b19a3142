"""The analysts' page: a question in SQL over the served mart, within limits."""

import hashlib
import threading
from dataclasses import dataclass
from time import perf_counter

from django.utils.translation import gettext as _

from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.gateways import reader
from yimei.insight.gateways.reader import Rows
from yimei.insight.queries import mart
from yimei.insight.rules import queries as rules
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope

SECONDS = 15.0
MOST_ROWS = 1000
AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Result:
    """What a query gave, and how long it took."""

    rows: Rows
    milliseconds: int
    digest: str


def run(text: str, *, by: Staff) -> Result:
    """Run an analyst's query; only readers of the whole group, for rows here cannot be cut to a campus."""
    if by.scope_of(Permission.INSIGHT_SQL) != Scope.GROUP:
        raise NotFound
    path = mart.path()
    try:
        statements = reader.statements(path, text)
    except reader.faults() as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="syntax") from None
    rules.check(text, [statement.type.name for statement in statements])
    statement = text.strip().rstrip(";")  # not the database's own rewriting, which makes a SELECT of a PRAGMA
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise RuleBroken(_("同时运行的查询太多，请稍后再试。"), code="busy")
    begun = perf_counter()
    try:
        found = reader.run(
            path,
            f"SELECT * FROM (\n{statement}\n) AS asked LIMIT {MOST_ROWS + 1}",
            seconds=SECONDS,
            limit=MOST_ROWS,
        )
    except reader.faults() as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="failed") from None
    finally:
        AT_ONCE.release()
    spent = round((perf_counter() - begun) * 1000)
    return Result(found, spent, hashlib.sha256(text.encode()).hexdigest())


def _said(fault: Exception) -> str:
    return str(fault).split("\n\nLINE")[0].splitlines()[0][:300]
