"""Figures that leave the house as a file, by one gate: who, which, how many, what for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.rules.tables import csv_text
from yimei.insight.enums import DownloadPurpose
from yimei.insight.gateways import exchange, private
from yimei.insight.queries import private as queries
from yimei.insight.queries import sheets
from yimei.insight.queries.exchange import table_of
from yimei.insight.queries.figures import Answer, check
from yimei.insight.rules import private as rules
from yimei.insight.rules.questions import Question
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
    if answer.refused:
        raise RuleBroken(answer.refused, code="near")
    check(answer)
    data = SHAPES[shape](answer)
    note(answer, data, shape=shape, purpose=purpose, by=by, now=now)
    return data


def may_publish() -> bool:
    """Whether the noise for published counts is installed."""
    return private.is_there()


@transaction.atomic
def publish(question: Question, *, by: Staff, now: datetime) -> bytes:
    """Return counts for anybody to read, with noise that hides each person; the year's budget pays for it."""
    if not by.may(Permission.INSIGHT_EXPORT):
        raise NotFound
    if not private.is_there():
        raise RuleBroken(_("没有安装 OpenDP：请安装可选组件 research 后再公开计数。"), code="opendp")
    lock("insight.private")
    rules.check_budget(queries.spent(now))
    words, counts = queries.counts(question, by=by)
    told = private.noisy(counts, rules.EPSILON)
    head = [*(str(dim.words) for dim in question.by), _("人数（差分隐私，ε=%(e)s）") % {"e": rules.EPSILON}]
    data = csv_text(head, [[*cell, str(n)] for cell, n in zip(words, told, strict=True)]).encode("utf-8-sig")
    exports.note_figures(
        f"{rules.SOURCE}{question.metric.code}",
        query={"question": question.query(), "epsilon": str(rules.EPSILON)},
        reason=gettext_noop("对外公开计数"),
        rows=len(told),
        data=data,
        by=by,
        now=now,
    )
    detail = {"metric": question.metric.code, "epsilon": str(rules.EPSILON)}
    log.record("insight.figures.published", by=by, at=now, rows=max(1, len(told)), detail=detail)
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
