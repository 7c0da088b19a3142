"""The analysts' page: a question in SQL over the served mart, within limits, told in cells of many people."""

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from yimei.audit.queries import acts_of
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.gateways import apart, reader
from yimei.insight.gateways.apart import FaultError, Question
from yimei.insight.gateways.reader import Rows
from yimei.insight.queries import mart
from yimei.insight.rules.mart.dimensions import COLUMNS, KEYS
from yimei.insight.rules.metrics.dims import TABLES
from yimei.insight.rules.sql import limits
from yimei.insight.rules.sql.cells import Plan
from yimei.insight.rules.sql.reading import read
from yimei.insight.rules.sql.telling import tell
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.privacy.rules.deidentify.figures import check_words

SECONDS = 15.0
MOST_ROWS = 1000
MOST_CELLS = 20_000
AT_ONCE = threading.BoundedSemaphore(2)
WINDOW = timedelta(hours=24)
ABOUT = {"about": {"as_of": "DATE", "version": "VARCHAR", "customers": "BIGINT"}}
VALIDITY = {"valid_from": "DATE", "valid_to": "DATE", "is_current": "BOOLEAN"}


@dataclass(frozen=True)
class Result:
    """What a query gave; of one about people, how many numbers were too small to be told."""

    rows: Rows
    milliseconds: int
    digest: str
    about_people: bool = False
    hidden: int = 0

    @property
    def heads(self) -> list[tuple[str, Any]]:
        """Each column's name and the first value in it, by which it stands to the left or the right."""
        return [
            (name, next((row[at] for row in self.rows.rows if row[at] is not None), None))
            for at, name in enumerate(self.rows.columns)
        ]

    @property
    def data(self) -> bytes:
        """What left, for the ledger."""
        return json.dumps(self.rows.rows, default=str, ensure_ascii=False).encode()


def schema() -> Mapping[str, Mapping[str, str]]:
    """Every table that readers may ask, with its columns."""
    facts = {name: {one.name: one.kind for one in table.columns} for name, table in TABLES.items()}
    dims = {
        name: {name: KEYS.get(name, "INTEGER"), **dict(attributes), **VALIDITY}
        for name, attributes in COLUMNS.items()
    }
    return {**dims, **facts, **ABOUT}


def dimensions() -> list[tuple[str, list[str]]]:
    """What readers join to: about nobody, and of the mart itself."""
    return [(name, list(columns)) for name, columns in schema().items() if name not in TABLES]


def about_people() -> frozenset[str]:
    """The tables whose rows are about somebody."""
    return frozenset(name for name, columns in schema().items() if "customer" in columns)


def left_today(by: Staff, *, now: datetime) -> int:
    """How many questions one may still ask; whoever asks without end could ask a single person out."""
    used = acts_of(by.public_id, limits.ACTION, limits.REFUSED, since=now - WINDOW)
    return max(0, limits.MOST_A_DAY - used)


def run(text: str, *, by: Staff, now: datetime) -> Result:
    """Run an analyst's query; only readers of the whole group, for rows here cannot be cut to a campus."""
    if by.scope_of(Permission.INSIGHT_SQL) != Scope.GROUP:
        raise NotFound
    if not left_today(by, now=now):
        most = {"most": limits.MOST_A_DAY}
        raise RuleBroken(
            _("24 小时内最多运行 %(most)d 次，请稍后再来，或用「探索」。") % most, code="too-often"
        )
    path = mart.path()
    try:
        statements = reader.statements(path, text)
    except reader.faults() as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="syntax") from None
    limits.check(text, [statement.type.name for statement in statements])
    plan = read(text, schema=schema(), personal=about_people(), today=mart.as_of())
    if not AT_ONCE.acquire(timeout=SECONDS):
        raise RuleBroken(_("同时运行的查询太多，请稍后再试。"), code="busy")
    begun = perf_counter()
    try:
        with apart.question(seconds=SECONDS) as question:
            rows, hidden = _told(plan, question) if plan.cells else (_free(plan, question), 0)
    finally:
        AT_ONCE.release()
    check_words(str(value) for row in rows.rows for value in row if isinstance(value, str))
    spent = round((perf_counter() - begun) * 1000)
    return Result(rows, spent, fingerprint(text), bool(plan.cells), hidden)


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _free(plan: Plan, question: Question) -> Rows:
    """Run what is about nobody, as it was understood."""
    asked = f"SELECT * FROM (\n{plan.after}\n) AS asked LIMIT {MOST_ROWS + 1}"
    try:
        return question.run(mart.path(), asked, limit=MOST_ROWS)
    except FaultError as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="failed") from None


def _told(plan: Plan, question: Question) -> tuple[Rows, int]:
    """Run what is about people, and let through what stands for enough of them."""
    path = mart.path()
    try:
        question.run(path, f"EXPLAIN {plan.cells}", limit=1)
    except FaultError as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="failed") from None
    try:
        cells = question.run(path, plan.cells, limit=MOST_CELLS, letters=MOST_CELLS * 100)
        typical: Sequence[Any] = ()
        if plan.typical:
            typical = question.run(path, plan.typical, limit=1).rows[0]
    except FaultError:  # without its words: they could quote a row
        raise RuleBroken(_("语句在运行时出错，请检查类型转换与计算。"), code="failed") from None
    if cells.is_cut:
        raise RuleBroken(_("分组太多（超过 %(most)d 组），请减少分组。") % {"most": MOST_CELLS}, code="cells")
    told = tell(cells.rows, plan.keys, plan.measures, typical, _chance)
    if not any(told.columns.values()):
        text = _("没有不少于 10 人的组可以给出（也可能没有符合条件的人），请放宽条件或减少分组。")
        raise RuleBroken(text, code="small")
    try:
        return question.settle(told.columns, plan.after, limit=MOST_ROWS), told.hidden
    except FaultError as fault:
        raise RuleBroken(_("语句有误：%(fault)s") % {"fault": _said(fault)}, code="failed") from None


def _chance(words: str) -> float:
    """Draw from a key of the house: between -1 and 1, nearer to 0 more often, the same for the same words."""
    drawn = hmac.digest(settings.SECRET_KEY.encode(), f"insight.sql|{words}".encode(), "sha256")
    one, two = (int.from_bytes(drawn[at : at + 8], "big") / 2**64 for at in (0, 8))
    return one - two


def _said(fault: Exception) -> str:
    return str(fault).split("\n\nLINE")[0].splitlines()[0][:300]
