"""Which heading of a file is which column: by its name, its other names, by what was chosen before."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import DayOrder
from yimei.insight.rules.imports.templates import DAYS, Template, spelling


def key_of(heading: str) -> str:
    """A heading without what people add to it: spaces, marks, units in brackets."""
    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", spelling(heading))
    return re.sub(r"[\s_\-*:：.、/]", "", bare)


def _holds(heading: str, word: str) -> bool:
    """Whether a heading speaks of a word: Chinese anywhere, Latin as a word: no age in average."""
    if word.isascii():
        return word in re.findall(r"[a-z]+", spelling(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)))
    return word in key_of(heading)


def suggest(
    header: Sequence[str], template: Template, remembered: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return the place of each column that can be told; a heading serves one column, the surest wins."""
    keys = [key_of(heading) for heading in header]
    found: dict[str, int] = {}
    taken: set[int] = set()

    def take(name: str, place: int) -> None:
        if name not in found and place not in taken:
            found[name] = place
            taken.add(place)

    for place, key in enumerate(keys):
        if remembered and key in remembered and template.column(remembered[key]):
            take(remembered[key], place)
    for sure in (True, False):
        for column in template.columns:
            names = [column.words.zh, column.words.en, column.name]
            words = {key_of(word) for word in (names if sure else column.also)}
            for place, key in enumerate(keys):
                if key and key in words:
                    take(column.name, place)
    within = [
        (len(word), -order, column.name, place)
        for order, column in enumerate(template.columns)
        for word in {key_of(word) for word in (column.words.zh, *column.also)}
        for place, heading in enumerate(header)
        if len(word) > 1 and _holds(heading, word)
    ]
    for _length, _order, name, place in sorted(within, reverse=True):
        take(name, place)
    return found


def check(mapping: Mapping[str, int], template: Template, *, width: int) -> None:
    """Refuse a mapping with which no row could be taken in."""
    if any(template.column(name) is None or not 0 <= place < width for name, place in mapping.items()):
        raise RuleBroken(_("列对应不正确，请重新选择。"), code="mapping")
    if len(set(mapping.values())) < len(mapping):
        raise RuleBroken(_("同一列不能用两次，请检查列对应。"), code="mapping")
    missing = [str(one.words) for one in template.columns if one.is_needed and one.name not in mapping]
    if missing:
        said = _("还没有指定必填的列：%(names)s。") % {"names": "、".join(missing)}
        raise RuleBroken(said, code="mapping")
    if template.either and not set(template.either) & set(mapping):
        names = "、".join(str(one.words) for one in template.columns if one.name in template.either)
        raise RuleBroken(_("至少要指定其中一列：%(names)s。") % {"names": names}, code="mapping")


def checked_orders(
    orders: Mapping[str, str], mapping: Mapping[str, int], template: Template
) -> dict[str, str]:
    """Return the order of each mapped column of days for which one was said."""
    days = {one.name for one in template.columns if one.kind in DAYS and one.name in mapping}
    found = {name: order for name, order in orders.items() if order}
    if not set(found) <= days or not set(found.values()) <= set(DayOrder.values):
        raise RuleBroken(_("日期写法不正确，请重新选择。"), code="order")
    return found
