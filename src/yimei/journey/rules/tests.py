"""When a test result is abnormal and how long it holds."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken


def read_number(text: str) -> Decimal:
    """Return the number typed as a result; full-width digits and spaces are understood."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．－", "0123456789.-"))
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise RuleBroken(_("「%(text)s」不是数值，请填数字，不带单位。") % {"text": text[:20]}) from None
    if not number.is_finite():
        raise RuleBroken(_("「%(text)s」不是数值，请填数字，不带单位。") % {"text": text[:20]})
    return number


def is_number_abnormal(value: Decimal, *, low: Decimal | None, high: Decimal | None) -> bool:
    """Both limits belong to the normal range (以上 includes the number itself)."""
    return (low is not None and value < low) or (high is not None and value > high)


def is_finding_abnormal(finding: str, *, normal_text: str) -> bool:
    return finding.strip() != normal_text.strip()


def valid_to(taken: date, validity_days: int) -> date:
    """The last day on which the result still counts."""
    return taken + timedelta(days=validity_days)


def check_taken(taken: date, *, today: date) -> None:
    if taken > today:
        raise RuleBroken(_("采样日期不能在今天之后。"))
    if taken < today - timedelta(days=365):
        raise RuleBroken(_("采样日期在一年以前，请核对。"))
