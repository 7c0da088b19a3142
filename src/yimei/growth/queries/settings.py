"""The numbers of growth as the register has them."""

from datetime import date

from yimei.growth.rules.settings import NUMBERS
from yimei.privacy.queries import numbers


def listed(*, on: date) -> list[numbers.Setting]:
    """Every number of growth that may be set, as it holds on a day; one query."""
    return numbers.listed(NUMBERS, on=on)
