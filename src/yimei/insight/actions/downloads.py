"""Figures that leave the house as a file: who, which, how many, what for."""

from datetime import datetime

from yimei.audit import log
from yimei.core.errors import NotFound
from yimei.insight.enums import DownloadPurpose
from yimei.insight.queries.figures import Answer
from yimei.people.models import Staff
from yimei.people.roles import Permission


def note(answer: Answer, *, shape: str, purpose: DownloadPurpose, by: Staff, now: datetime) -> None:
    """Write down a download before it is handed over."""
    if not by.may(Permission.INSIGHT_EXPORT):
        raise NotFound
    log.record(
        "insight.figures.downloaded",
        by=by,
        at=now,
        purpose=purpose.value,
        rows=max(1, len(answer.cells)),
        detail={"metric": answer.question.metric.code, "shape": shape},
    )


def queried(*, rows: int, digest: str, by: Staff, now: datetime) -> None:
    """Write down a query of an analyst; its text may hold anything, so only its fingerprint is kept."""
    log.record("insight.sql.run", by=by, at=now, rows=max(1, rows), detail={"sha256": digest})
