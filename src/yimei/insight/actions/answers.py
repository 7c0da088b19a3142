"""Keeps what was told to readers who may open no records; refuses what would name somebody by subtraction."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.database.locks import lock
from yimei.insight.models import AnsweredQuestion
from yimei.insight.queries import mart, told
from yimei.insight.queries.cuts import Telling, named
from yimei.insight.rules.small_cells import LEAST
from yimei.people.models import Staff


def tell(new: Telling, *, campus: int | None, by: Staff) -> str:
    """Note that a reader is told this; return why not, when too few people set it apart from earlier ones.

    What was told first stays told: only the later of two that lie too near is refused, today and tomorrow.
    """
    mark, version = told.mark_of(new, campus), mart.path().name
    if told.was_let_through(version, mark, by):
        return ""
    for look in told.ahead([(new, campus)], by=by):
        look()
    if told.is_near_itself(new):
        text = _(
            "各组与合计之间相差不足 %(least)d 人，合计减去能看到的数字会指向个人，所以没有给出。"
            "请减少拆分或放宽条件。（《个人信息保护法》第五十一条）"
        )
        return text % {"least": LEAST}
    as_of, mine = mart.as_of(), told.mine(by).filter(fact=new.fact)
    with transaction.atomic():
        lock(f"insight.answers.{by.pk}")
        rows = list(mine)
        known = next((row for row in rows if row.mark == mark), None)
        close = told.near(new, told.earlier(rows, known), on=as_of)
        if close is not None:
            return _why(close)
        _keep(new, known, mark=mark, campus=campus, by=by)
    transaction.on_commit(partial(told.let_through, version, mark, by), robust=True)
    return ""


def _keep(new: Telling, known: AnsweredQuestion | None, *, mark: str, campus: int | None, by: Staff) -> None:
    as_of = mart.as_of()
    if known is None:
        AnsweredQuestion.objects.filter(by=by, day__lte=as_of - told.MEMORY).delete()
        AnsweredQuestion.objects.create(
            by=by,
            fact=new.fact,
            question=new.text,
            mark=mark,
            campus=campus,
            start=new.start,
            end=new.end,
            words=new.words,
            day=as_of,
        )
    elif known.day < as_of:
        known.day = as_of
        known.save(update_fields=["day"])


def _why(close: AnsweredQuestion) -> str:
    text = _(
        "它与您问过的「%(words)s，%(from)s 至 %(to)s」只相差不足 %(least)d 人：两个数字相减会指向个人，"
        "所以没有给出。请去掉或放宽一个条件，使它与问过的相差 %(least)d 人以上；"
        "确需细看，请由可查看客户档案或签发报告的同事来看。"
        "（《个人信息保护法》第五十一条）"
    )
    last = close.end - timedelta(days=1)
    return text % {
        "words": named(close.question) or close.words,
        "from": close.start.isoformat(),
        "to": last.isoformat(),
        "least": LEAST,
    }
