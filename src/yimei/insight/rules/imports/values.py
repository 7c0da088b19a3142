"""Reads one cell of somebody else's table: dates, amounts, numbers, yes and no, as people here write them.

Each reader takes a text, or what a workbook holds in place of one, and returns a plain value, or None for an
empty cell. What cannot be read for certain is refused in words: nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import DayOrder

EMPTY = frozenset({"", "-", "--", "—", "——", "/", "无数据", "n/a", "na", "null", "none", "nan", "#n/a"})
FIRST_YEAR, LAST_YEAR = 1900, 2100
SERIAL_ZERO = date(1899, 12, 30)
SERIALS = range(367, 73_415)
"""Excel's numbers of the days from 1901 to 2100; lower ones are counts far more often than days."""
LARGEST = Decimal(10) ** 15
EITHER = "either"
"""What a day such as 3/5/2024 says of its order: nothing."""

_HAN_DIGITS = {**dict(zip("〇一二三四五六七八九", range(10), strict=True)), "零": 0, "○": 0, "Ｏ": 0, "两": 2}
_UNITS = {"万": 4, "萬": 4, "亿": 8, "億": 8, "千": 3, "k": 3, "w": 4}
_MARK = r"(?:[¥￥$\s]|rmb|cny|人民币)*+"
_AMOUNT = re.compile(
    rf"{_MARK}(?P<sign>[+-]?){_MARK}"
    r"(?P<figure>(?:\d{1,3}(?:,\d{3})++|\d{1,3}(?: \d{3}){2,}+|\d++)(?:\.\d*+)?(?:e[+-]?\d{1,3})?|\.\d++)"
    rf"\s*+(?P<units>(?:[{''.join(_UNITS)}]\s*+)*+)(?P<share>%?){_MARK}(?:元整?)?{_MARK}"
)
"""Spaces and marks of money stand around a figure, not inside: 100 200 may be two. Only groups of three that
are two at the least, as in 1 234 567, are one.
"""
_PLAIN_NUMBER = re.compile(r"-?\d{1,14}(?:\.\d{1,6})?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - twelve words of one line
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[\s\-/]*{_MONTH}[\s\-/,]*(\d{{4}})")
_MONTH_DAY = re.compile(rf"{_MONTH}[\s\-/]*(\d{{1,2}})(?:st|nd|rd|th)?[\s\-/,]+(\d{{4}})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(?:\s+|t)\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?)?分?\s*(?:z|[+-]\d{2}:?\d{2})?$"
)
_HAN_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_YES = frozenset({"是", "有", "对", "真", "已", "√", "✓", "✔", "y", "yes", "t", "true", "1", "1.0"})
_NO = frozenset(
    {"否", "无", "没有", "不", "错", "假", "未", "×", "✗", "✘", "n", "no", "f", "false", "0", "0.0"}
)

Cell = object
"""A text, a number, a date, a truth value or None: what a file holds in one place."""


def text(cell: Cell) -> str:
    """Return the cell as a reader would type it; a whole number without its point."""
    if type(cell) is str:
        return cell.strip().strip("\ufeff\u3000\xa0\u200b")
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return str(cell.date()) if not (cell.hour or cell.minute or cell.second) else cell.isoformat(" ")[:19]
    return str(cell).strip().strip("\ufeff\u3000\xa0\u200b")


def plain(cell: Cell) -> str:
    """The text in half-width small letters, empty for every way of writing nothing."""
    found = text(cell)
    if not found.isascii():
        found = unicodedata.normalize("NFKC", found).strip()
    found = found.casefold()
    return "" if found in EMPTY else found


def number(cell: Cell) -> Decimal | None:
    """Read 1,234.50, １２３４, ¥1.2万, (300), 12%; refuse what mixes figures with other words.

    A workbook holds 3 as 3.0: it says the same as the 3 of a text.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        is_whole = isinstance(cell, float) and cell.is_integer()
        return _bounded(_decimal(repr(int(cell) if is_whole else cell), cell), cell)
    if type(cell) is str and _PLAIN_NUMBER.fullmatch(cell):
        return Decimal(cell)
    found = plain(cell)
    if not found:
        return None
    body = found.replace("−", "-")
    is_in_brackets = body.startswith("(") and body.endswith(")")
    match = _AMOUNT.fullmatch(body[1:-1] if is_in_brackets else body)
    if match is None or (is_in_brackets and match["sign"]):
        raise RuleBroken(_("「%(cell)s」不是数字。") % {"cell": text(cell)[:40]}, code="number")
    sign = -1 if is_in_brackets or match["sign"] == "-" else 1
    power = sum(_UNITS[unit] for unit in match["units"] if unit in _UNITS) - 2 * len(match["share"])
    figure = match["figure"].replace(",", "").replace(" ", "")
    return _bounded(sign * _decimal(figure, cell).scaleb(power), cell)


def _decimal(body: str, cell: Cell) -> Decimal:
    try:
        return Decimal(body)
    except InvalidOperation:
        raise RuleBroken(_("「%(cell)s」不是数字。") % {"cell": text(cell)[:40]}, code="number") from None


def _bounded(found: Decimal, cell: Cell) -> Decimal:
    if not found.is_finite() or abs(found) >= LARGEST:
        raise RuleBroken(_("「%(cell)s」不是合理的数字。") % {"cell": text(cell)[:40]}, code="number")
    return found


def money(cell: Cell) -> Decimal | None:
    """Read an amount in yuan, to the fen; more places than that are a fault, not to be rounded away."""
    found = number(cell)
    if found is None:
        return None
    fen = found.quantize(Decimal("0.01"))
    if abs(fen - found) > Decimal("0.000001"):
        raise RuleBroken(_("「%(cell)s」的金额多于两位小数。") % {"cell": text(cell)[:40]}, code="money")
    return fen


def whole(cell: Cell) -> int | None:
    """Read a count."""
    found = number(cell)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise RuleBroken(_("「%(cell)s」应是整数。") % {"cell": text(cell)[:40]}, code="whole")
    return int(found)


def day(cell: Cell, order: str = "") -> date | None:
    """Read 2024/3/5, 2024年3月5日, 二〇二四年三月五日, 20240305, 45356, 5-Mar-2024, March 5, 2024;
    refuse 3/5/2024 as long as nobody said in which ``order`` it is written: it is two days.
    """
    if isinstance(cell, datetime):
        return _sane(cell.date(), cell)
    if isinstance(cell, date):
        return _sane(cell, cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_number(float(cell), cell)
    found = plain(cell)
    if not found:
        return None
    found = _TIME.sub("", found)
    if match := _YEAR_FIRST.fullmatch(found) or _COMPACT.fullmatch(found):
        return _of_parts(_figures(match), cell)
    if match := _HAN_DATE.fullmatch(found):
        year, month, of_month = match.groups()
        return _of_parts((int("".join(str(_HAN_DIGITS[c]) for c in year)), _han(month), _han(of_month)), cell)
    if match := _YEAR_LAST.fullmatch(found):
        return _of_year_last(match, cell, order)
    if match := _DAY_MONTH.fullmatch(found):
        return _of_parts((int(match[3]), _MONTHS.index(match[2][:3]) + 1, int(match[1])), cell)
    if match := _MONTH_DAY.fullmatch(found):
        return _of_parts((int(match[3]), _MONTHS.index(match[1][:3]) + 1, int(match[2])), cell)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", found):
        return _of_number(float(found), cell)
    raise RuleBroken(_("「%(cell)s」不是日期。") % {"cell": text(cell)[:40]}, code="day")


def order_of(cell: Cell) -> str:
    """Which order a day shows by itself: 25/3/2024 has its day first, 3/5/2024 may have ``EITHER``."""
    if not isinstance(cell, str) or not (match := _YEAR_LAST.fullmatch(_TIME.sub("", plain(cell)))):
        return ""
    first, second, _year = map(int, match.groups())
    if first == second or not (0 < min(first, second) <= 12):
        return ""
    if max(first, second) <= 12:
        return EITHER
    return DayOrder.DAY_FIRST if first > second else DayOrder.MONTH_FIRST


def _of_year_last(match: re.Match[str], cell: Cell, order: str) -> date:
    first, second, year = map(int, match.groups())
    if first == second or first > 12 or second > 12:
        return _of_parts((year, min(first, second), max(first, second)), cell)
    if not order:
        said = _("「%(cell)s」分不清月和日，请写成 2024-03-05。") % {"cell": text(cell)[:40]}
        raise RuleBroken(said, code="day")
    month, of_month = (second, first) if order == DayOrder.DAY_FIRST else (first, second)
    return _of_parts((year, month, of_month), cell)


def _of_number(found: float, cell: Cell) -> date:
    if found.is_integer() and (match := _COMPACT.fullmatch(str(int(found)))):
        return _of_parts(_figures(match), cell)
    if not found == found or int(found) not in SERIALS:
        raise RuleBroken(_("「%(cell)s」不是日期。") % {"cell": text(cell)[:40]}, code="day")
    return SERIAL_ZERO + timedelta(days=int(found))


def _figures(match: re.Match[str]) -> tuple[int, int, int]:
    year, month, of_month = map(int, match.groups())
    return year, month, of_month


def _of_parts(parts: tuple[int, int, int], cell: Cell) -> date:
    try:
        return _sane(date(*parts), cell)
    except ValueError:
        raise RuleBroken(_("「%(cell)s」：没有这一天。") % {"cell": text(cell)[:40]}, code="day") from None


def _sane(found: date, cell: Cell) -> date:
    if not FIRST_YEAR < found.year <= LAST_YEAR:
        raise RuleBroken(_("「%(cell)s」的年份不合理。") % {"cell": text(cell)[:40]}, code="day")
    return found


def _han(figure: str) -> int:
    """Read 三, 十, 十二, 二十一; anything else gives a number that is no month and no day."""
    tens, mark, ones = figure.rpartition("十")
    if not mark:
        return _HAN_DIGITS[figure] if len(figure) == 1 else 99
    if len(tens) > 1 or len(ones) > 1:
        return 99
    return (_HAN_DIGITS[tens] if tens else 1) * 10 + (_HAN_DIGITS[ones] if ones else 0)


def yes_no(cell: Cell) -> bool | None:
    if isinstance(cell, bool):
        return cell
    found = plain(cell)
    if not found:
        return None
    if found in _YES or found in _NO:
        return found in _YES
    raise RuleBroken(_("「%(cell)s」不是「是」或「否」。") % {"cell": text(cell)[:40]}, code="yes-no")


def code(cell: Cell, known: Mapping[str, str]) -> str | None:
    """Return the code of a word; ``known`` leads from every plain spelling to its code."""
    found = plain(cell)
    if not found:
        return None
    if found not in known:
        said = _("「%(cell)s」不在代码表里，可用的写法见模板的代码表。")
        raise RuleBroken(said % {"cell": text(cell)[:40]}, code="code")
    return known[found]
