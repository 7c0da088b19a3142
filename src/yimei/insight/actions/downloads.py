"""Figures that leave the house as a file, by one gate: who, which, how many, what for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.db import transaction

from yimei.audit import log
from yimei.core.errors import NotFound
from yimei.insight.enums import DownloadPurpose
from yimei.insight.gateways import exchange
from yimei.insight.queries import sheets
from yimei.insight.queries.exchange import table_of
from yimei.insight.queries.figures import Answer
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.privacy.rules.deidentify.figures import Figure, check_figures


def _exchanged(shape: str, answer: Answer) -> bytes:
    return exchange.SHAPES[shape](table_of(answer))


SHAPES: Mapping[str, Callable[[Answer], bytes]] = {
    "xlsx": sheets.xlsx_bytes,
    "csv": sheets.csv_bytes,
    **{shape: partial(_exchanged, shape) for shape in exchange.SHAPES},
}


@transaction.atomic
def release(answer: Answer, *, shape: str, purpose: DownloadPurpose, by: Staff, now: datetime) -> bytes:
    """Return the file of figures that may leave; the ledger and the log know of it first."""
    if not by.may(Permission.INSIGHT_EXPORT):
        raise NotFound
    check(answer)
    data = SHAPES[shape](answer)
    note(answer, data, shape=shape, purpose=purpose, by=by, now=now)
    return data


def check(answer: Answer) -> dict[str, int]:
    """Read the figures as a stranger would; refuse what points at somebody."""
    question = answer.question
    told = [place for place, dim in enumerate(question.by) if not dim.is_time]
    return check_figures(
        [Figure(tuple(cell.names[at] for at in told), cell.n, cell.is_hidden) for cell in answer.cells],
        Figure((str(question.metric.words),), answer.total.n, answer.total.is_hidden),
        is_personal=question.metric.is_personal,
    )


def note(
    answer: Answer, data: bytes, *, shape: str, purpose: DownloadPurpose, by: Staff, now: datetime
) -> None:
    """Write into the ledger and the log what left, in which shape, what for."""
    question = answer.question
    exports.note_figures(
        question.metric.code,
        query={"question": question.query(), "shape": shape},
        reason=str(DownloadPurpose(purpose).label),
        rows=len(answer.cells),
        data=data,
        by=by,
        now=now,
    )
    log.record(
        "insight.figures.downloaded",
        by=by,
        at=now,
        purpose=DownloadPurpose(purpose).value,
        rows=max(1, len(answer.cells)),
        detail={"metric": question.metric.code, "shape": shape, **check(answer)},
    )


def queried(*, rows: int, digest: str, by: Staff, now: datetime) -> None:
    """Write down a query of an analyst; its text may hold anything, so only its fingerprint is kept."""
    log.record("insight.sql.run", by=by, at=now, rows=max(1, rows), detail={"sha256": digest})
