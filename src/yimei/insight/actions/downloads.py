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
from yimei.insight.queries.figures import Answer, check
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import exports


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
