"""Counts of people that anybody may read: which questions, how much noise, how much of it a year.

Differential privacy: whether one person is in the mart changes the chance of any published table by a factor
of at most e^ε, and over a year by e^YEAR, whatever else is known. It holds where each person is in one cell.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.rules.metrics.metric import Kind
from yimei.insight.rules.questions import Question

EPSILON, YEAR = Decimal("0.25"), Decimal("1")
"""For one table, and for all tables of a calendar year; defaults of the house, unverified."""
SOURCE = "private:"
"""How such a release begins in the ledger."""
DIMS = frozenset({"sex", "age", "province", "source"})
"""What everybody has one of, with values that are known without looking."""


def check_question(question: Question) -> None:
    """Refuse what a person could be in more than once, or not be counted in at all."""
    metric = question.metric
    if metric.fact != "customer" or metric.kind is not Kind.COUNT:
        raise RuleBroken(_("公开计数只能是客户数（一人计一次）的指标，例如「新客数」。"), code="metric")
    if any(dim.code not in DIMS for dim in question.by):
        raise RuleBroken(_("公开计数只能按性别、年龄段、省份、首次来源分组。"), code="by")


def check_budget(spent: Sequence[Decimal]) -> None:
    """Refuse what would use up more than the year has."""
    if sum(spent, Decimal()) + EPSILON > YEAR:
        text = _(
            "今年的隐私预算 ε=%(year)s 已用 %(spent)s，本次需要 %(one)s，不能再公开；明年 1 月 1 日起重新计。"
        )
        words = {"year": YEAR, "spent": sum(spent, Decimal()), "one": EPSILON}
        raise RuleBroken(text % words, code="budget")
