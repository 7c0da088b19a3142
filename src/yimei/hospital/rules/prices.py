"""When a list price may change: never backwards, never twice on a day that has begun."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken


def check_new_price(amount: Decimal, *, from_day: date, today: date, starts: frozenset[date]) -> None:
    """Refuse a price that would change what was already shown; `starts` are first days of known prices."""
    if amount < 0:
        raise RuleBroken(_("价格不能为负数。"))
    if from_day < today:
        raise RuleBroken(_("价格只能从今天或以后生效，不能改动已经公示的价格。"))
    if from_day == today and from_day in starts:
        raise RuleBroken(_("今天的价格已经生效，请从明天起调价。"))
