"""An analyst's question in SQL: answered in cells, written into the log and the ledger, answered or not."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.insight.queries import sql as queries
from yimei.insight.queries.sql import Result
from yimei.insight.rules.sql import limits
from yimei.people.models import Staff
from yimei.privacy.actions import exports


def ask(text: str, *, by: Staff, now: datetime) -> Result:
    """Answer a question; its text may hold anything, so only its fingerprint is kept.

    One that was refused after it had met the rows counts as well: a refusal is an answer of one bit.
    """
    try:
        found = queries.run(text, by=by, now=now)
    except RuleBroken as refusal:
        if refusal.code in limits.MET_THE_ROWS:
            detail = {"sha256": queries.fingerprint(text), "code": refusal.code}
            log.record(limits.REFUSED, by=by, at=now, detail=detail)
        raise
    _note(found, by=by, now=now)
    return found


@transaction.atomic
def _note(found: Result, *, by: Staff, now: datetime) -> None:
    rows = len(found.rows.rows)
    if found.about_people:
        query = {"sha256": found.digest}
        exports.note_figures(
            "sql",
            query=query,
            reason=gettext_noop("SQL 查询"),
            rows=rows,
            data=found.data,
            by=by,
            now=now,
        )
    detail = {"sha256": found.digest, "hidden": found.hidden}
    log.record(limits.ACTION, by=by, at=now, rows=max(1, rows), detail=detail)
