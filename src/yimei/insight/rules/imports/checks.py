"""Rules of cleaning as data: what a column must hold, alone or beside another; suggested from a profile.

A pattern is a list of shapes and no regular expression: whoever writes one cannot make the reader hang.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import CheckKind, Severity
from yimei.insight.rules.imports.profile import shape
from yimei.insight.rules.imports.templates import Column, Kind, Template

MOST = 60
MOST_WORDS = 200
FIGURES = frozenset({Kind.MONEY, Kind.NUMBER, Kind.WHOLE, Kind.YEAR})
REFERENCES: Mapping[str, tuple[str, ...]] = {"procedure": ("procedure", "topic"), "campus": ("campus",)}
"""Which list of the house a column may be held against."""
PAIRS: Mapping[str, Sequence[tuple[str, str]]] = {
    "operations": (("used_minutes", "open_minutes"), ("no_shows", "bookings"), ("visits", "bookings")),
    "market": (("clicks", "views"), ("leads", "clicks"), ("deals", "leads")),
}
"""Of which two columns the first is never more than the second."""
Value = str | int | bool | None
Lists = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Check:
    """One rule: its columns, its limits, and whether a row that breaks it stays out or is only doubted."""

    kind: CheckKind
    columns: tuple[str, ...]
    severity: Severity = Severity.FLAG
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()
    against: str = ""

    def breaks(self, said: Sequence[Value], lists: Lists) -> bool:
        """Whether these values, in the order of its columns, break it; the empty break only ``required``."""
        first = said[0]
        if self.kind == CheckKind.REQUIRED:
            return first is None
        if first is None:
            return False
        match self.kind:
            case CheckKind.RANGE:
                figure = float(first)
                return (self.low is not None and figure < self.low) or (
                    self.high is not None and figure > self.high
                )
            case CheckKind.SET:
                return str(first) not in self.words
            case CheckKind.PATTERN:
                return shape(str(first)) not in self.words
            case CheckKind.REFERENCE:
                return str(first) not in lists.get(self.against, ())
        second = said[1]
        return second is not None and _order(first) > _order(second)

    def sentence(self, template: Template) -> str:
        names = [str(one.words) for name in self.columns if (one := template.column(name))]
        words = {"column": names[0], "other": names[-1]}
        match self.kind:
            case CheckKind.REQUIRED:
                return _("%(column)s 必须填写") % words
            case CheckKind.RANGE:
                limits = {"low": _figure(self.low, "−∞"), "high": _figure(self.high, "∞")}
                return _("%(column)s 在 %(low)s 到 %(high)s 之间") % (words | limits)
            case CheckKind.SET:
                shown = "、".join(self._labels(template)[:8]) + ("…" if len(self.words) > 8 else "")
                return _("%(column)s 只能是：%(words)s") % (words | {"words": shown})
            case CheckKind.PATTERN:
                return _("%(column)s 的写法是：%(words)s") % (words | {"words": " / ".join(self.words[:4])})
            case CheckKind.REFERENCE:
                lists = {"procedure": _("项目目录"), "campus": _("院区名单")}
                return _("%(column)s 要在%(list)s里") % (words | {"list": lists.get(self.against, "")})
        return _("%(column)s 不大于%(other)s") % words

    def _labels(self, template: Template) -> list[str]:
        column = template.column(self.columns[0])
        known = {code: str(label) for code, label, _also in column.codes} if column else {}
        return [known.get(word, word) for word in self.words]

    def as_data(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "", ())}


def _order(value: Value) -> tuple[int, float, str]:
    """Figures by size, days and words as they are written."""
    try:
        return (0, float(value or 0), "")
    except ValueError:
        return (1, 0.0, str(value))


def _figure(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"


def read(data: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Return checks as they were kept."""
    return [
        Check(
            CheckKind(one["kind"]),
            tuple(one["columns"]),
            Severity(one.get("severity", Severity.FLAG)),
            one.get("low"),
            one.get("high"),
            tuple(one.get("words", ())),
            one.get("against", ""),
        )
        for one in data
    ]


def clean(check: Check, template: Template) -> Check:
    """Refuse a rule that says nothing or speaks of columns that are not kept."""
    columns = [template.column(name) for name in check.columns]
    names: Sequence[str] = check.columns
    wanted = 2 if check.kind == CheckKind.ORDER else 1
    if len(columns) != wanted or any(column is None or column.identifies for column in columns):
        raise RuleBroken(_("请选择这条规则的列；标识列不能设规则。"), code="columns")
    first = columns[0]
    if check.kind == CheckKind.RANGE:
        if first is None or first.kind not in FIGURES:
            raise RuleBroken(_("只有数字列可以设范围。"), code="low")
        if check.low is None and check.high is None:
            raise RuleBroken(_("请填写下限或上限。"), code="low")
        if check.low is not None and check.high is not None and check.low > check.high:
            raise RuleBroken(_("下限大于上限。"), code="high")
    if check.kind in {CheckKind.SET, CheckKind.PATTERN} and not 0 < len(check.words) <= MOST_WORDS:
        raise RuleBroken(_("请填写允许的值，每行一个，最多 200 个。"), code="words")
    if check.kind == CheckKind.REFERENCE and (
        first is None or first.name not in REFERENCES.get(check.against, ())
    ):
        raise RuleBroken(_("这一列没有可以对照的名单。"), code="columns")
    if check.kind == CheckKind.ORDER and names[0] == names[1]:
        raise RuleBroken(_("请选择两个不同的列。"), code="other")
    return check


def suggest(profile: Sequence[Mapping[str, Any]], template: Template, lists: Lists) -> list[Check]:
    """Return what the profile of a table makes likely; nothing is in force before somebody takes it over."""
    found: list[Check] = []
    here = {one["column"]: one for one in profile if one["column"]}
    for name, one in here.items():
        column = template.column(name)
        if column is None or column.identifies or one["rows"] < 20:
            continue
        if not column.is_needed and one["missing"] == 0:
            found.append(Check(CheckKind.REQUIRED, (name,)))
        found += _of_values(column, one)
        for against, names in REFERENCES.items():
            if name in names and lists.get(against):
                found.append(Check(CheckKind.REFERENCE, (name,), against=against))
    for first, second in PAIRS.get(template.code, ()):
        if first in here and second in here:
            found.append(Check(CheckKind.ORDER, (first, second)))
    return found


def _of_values(column: Column, one: Mapping[str, Any]) -> list[Check]:
    at: Sequence[float] = one.get("quantiles") or ()
    if column.kind in FIGURES and len(at) == 7 and at[4] > at[2]:
        span = at[4] - at[2]
        low, high = at[1] - 3 * span, at[5] + 3 * span
        if at[1] >= 0 or column.low is not None:
            low = max(low, float(column.low or 0))
        if column.high is not None and high >= column.high:
            return []
        return [Check(CheckKind.RANGE, (column.name,), low=round(low, 2), high=round(high, 2))]
    said = one["rows"] - one["missing"]
    if column.kind == Kind.TEXT and one["is_exact"] and 1 < one["distinct"] <= 8 and said >= 50:
        return [Check(CheckKind.SET, (column.name,), words=tuple(word for word, _count in one["frequent"]))]
    shapes = one["shapes"]
    if column.kind == Kind.TEXT and one["distinct"] > 50 and shapes and shapes[0][1] >= 0.98 * said:
        return [Check(CheckKind.PATTERN, (column.name,), words=(shapes[0][0],))]
    return []
