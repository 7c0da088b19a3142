"""Judges one row: what it says, as plain values, or why it cannot be taken in."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from yimei.core import phone
from yimei.core.errors import RuleBroken
from yimei.insight.enums import Severity
from yimei.insight.rules.imports import values
from yimei.insight.rules.imports.checks import Check, Lists
from yimei.insight.rules.imports.templates import DAYS, KEYS, Column, Kind, Template

MOST_TEXT = 60
MOST_ID = 40
_PLAIN_MONEY = re.compile(r"(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?", re.ASCII)
_PLAIN_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
Value = str | int | bool | None


class Judged(NamedTuple):
    """A row that fits: what is kept, and by what the person would be known, if it speaks of one."""

    facts: tuple[Value, ...]
    person: tuple[str, str] | None


class Judge:
    """Reads the rows of one file by its mapping; the same words are read once only."""

    def __init__(
        self,
        template: Template,
        mapping: Mapping[str, int],
        *,
        width: int,
        today: date,
        checks: Sequence[Check] = (),
        lists: Lists | None = None,
        orders: Mapping[str, str] | None = None,
    ) -> None:
        self.template = template
        self.width = width
        self.today = today
        self.mapping = mapping
        self.orders = orders or {}
        self.kept = [one for one in template.columns if not one.identifies]
        self.names = [one.name for one in self.kept]
        self.lists = lists or {}
        self.checks = [one for one in checks if set(one.columns) <= set(mapping)]
        self.refusing = [one for one in self.checks if one.severity == Severity.REJECT]
        self._facts = [(one, mapping.get(one.name), self._reader(one)) for one in self.kept]
        self._keys = [
            (column, place, self._reader(column))
            for column, place in self.places(keys=True)
            if place is not None
        ]

    def places(self, *, keys: bool) -> list[tuple[Column, int | None]]:
        """Return the columns that are kept, or those by which somebody is known, and where each stands."""
        if not keys:
            return [(one, self.mapping.get(one.name)) for one in self.kept]
        persons = {one.kind: one for one in self.template.columns if one.identifies}
        return [
            (persons[kind], self.mapping[persons[kind].name])
            for kind in KEYS
            if kind in persons and persons[kind].name in self.mapping
        ]

    def reader_of(self, column: Column) -> Callable[[object], Value]:
        if column.kind in DAYS:
            return _READERS_OF_DAYS[column.kind](self.today, self.orders.get(column.name, ""))
        return _READERS[column.kind](column)

    def judge(self, cells: Sequence[object]) -> Judged:
        """Return what the row says; refuse it with every fault it has, in the words of its columns."""
        if len(cells) != self.width:
            cells = self._fitted(cells)
        faults: list[str] = []
        facts: list[Value] = []
        for column, place, read in self._facts:
            value = None
            if place is not None:
                try:
                    value = read(cells[place])
                except RuleBroken as refusal:
                    faults.append(f"{column.words}：{refusal.message}")
                else:
                    if value is None and column.is_needed:
                        faults.append(_("%(column)s 没有填。") % {"column": column.words})
            facts.append(value)
        person = None
        for column, place, read in self._keys:
            try:
                found = read(cells[place])
            except RuleBroken as refusal:
                faults.append(f"{column.words}：{refusal.message}")
            else:
                if found and person is None:
                    person = (column.kind.value, str(found))
        if not faults:
            faults = self._across(facts, person)
        if faults:
            raise RuleBroken(" ".join(faults)[:400], code="row")
        return Judged(tuple(facts), person)

    def _fitted(self, cells: Sequence[object]) -> Sequence[object]:
        if len(cells) > self.width and not any(map(values.text, cells[self.width :])):
            return cells[: self.width]
        words = {"found": len(cells), "wanted": self.width}
        raise RuleBroken(_("这一行有 %(found)d 列，而表头是 %(wanted)d 列。") % words, code="row")

    def _across(self, facts: Sequence[Value], person: tuple[str, str] | None) -> list[str]:
        """What no single column can tell."""
        faults, by_name = [], dict(zip(self.names, facts, strict=True))
        if self.template.either and person is None:
            names = "、".join(
                str(one.words) for one in self.template.columns if one.name in self.template.either
            )
            faults.append(_("%(names)s 至少要填一个。") % {"names": names})
        for name in (self.template.by_kind or {}).get(str(by_name.get("kind")), ()):
            if by_name.get(name) is None and (column := self.template.column(name)):
                faults.append(_("这一类要填 %(column)s。") % {"column": column.words})
        first, last = by_name.get("day"), by_name.get("last_day")
        if isinstance(first, str) and isinstance(last, str) and last < first:
            faults.append(_("最近到店日早于首次到店日。"))
        for check in self.refusing:
            if check.breaks([by_name[name] for name in check.columns], self.lists):
                faults.append(_("不合规则：%(rule)s。") % {"rule": check.sentence(self.template)})
        return faults

    def _reader(self, column: Column) -> Callable[[object], Value]:
        read = self.reader_of(column)

        @lru_cache(maxsize=20_000, typed=True)
        def remembered(cell: object) -> tuple[Value, str]:
            try:
                return read(cell), ""
            except RuleBroken as refusal:
                return None, refusal.message

        def told(cell: object) -> Value:
            value, fault = remembered(cell)
            if fault:
                raise RuleBroken(fault, code="cell")
            return value

        return told


def _text(_column: Column) -> Callable[[object], Value]:
    def read(cell: object) -> Value:
        found = values.text(cell)
        if len(found) > MOST_TEXT:
            raise RuleBroken(_("超过 %(most)d 个字。") % {"most": MOST_TEXT}, code="long")
        if "\0" in found:
            raise RuleBroken(_("含有空字符。"), code="nul")
        return found if values.plain(cell) else None

    return read


def _day(today: date, order: str) -> Callable[[object], Value]:
    def read(cell: object) -> Value:
        found = values.day(cell, order)
        if found is not None and found > today:
            raise RuleBroken(_("「%(cell)s」在今天之后。") % {"cell": values.text(cell)[:40]}, code="future")
        return found.isoformat() if found else None

    return read


def _year(today: date, order: str) -> Callable[[object], Value]:
    read_day = _day(today, order)

    def read(cell: object) -> Value:
        found = values.plain(cell).removesuffix("年")
        if len(found) == 4 and found.isdecimal():
            found += "-01-01"
            cell = found
        day = read_day(cell)
        return int(str(day)[:4]) if day else None

    return read


def _number(column: Column) -> Callable[[object], Value]:
    read_number: Callable[[object], Decimal | int | None]
    read_number = {Kind.MONEY: values.money, Kind.WHOLE: values.whole}.get(column.kind, values.number)
    low, high = -1 if column.low is None else float(column.low), float(column.high or 10**13)

    def read(cell: object) -> Value:
        if (
            column.kind == Kind.MONEY
            and type(cell) is str
            and _PLAIN_MONEY.fullmatch(cell)
            and low <= float(cell) <= high
        ):
            whole, _point, fen = cell.partition(".")
            return f"{whole}.{fen:0<2}"
        found = read_number(cell)
        if found is None:
            return None
        if (column.low is not None and found < column.low) or (
            column.high is not None and found > column.high
        ):
            words = {"cell": values.text(cell)[:40], "low": column.low, "high": column.high}
            if column.high is None:
                raise RuleBroken(_("「%(cell)s」小于 %(low)s。") % words, code="range")
            raise RuleBroken(_("「%(cell)s」不在 %(low)s 到 %(high)s 之间。") % words, code="range")
        return found if isinstance(found, int) else format(found, "f")

    return read


def _yes_no(_column: Column) -> Callable[[object], Value]:
    return values.yes_no


def _code(column: Column) -> Callable[[object], Value]:
    known = column.known
    return lambda cell: values.code(cell, known)


def _phone(_column: Column) -> Callable[[object], Value]:
    def read(cell: object) -> Value:
        if type(cell) is str and _PLAIN_MOBILE.fullmatch(cell):
            return f"+86{cell}"
        return phone.normalise(values.text(cell)) if values.plain(cell) else None

    return read


def _id(_column: Column) -> Callable[[object], Value]:
    def read(cell: object) -> Value:
        if type(cell) is str and 4 < len(cell) <= MOST_ID and cell.isascii() and cell.isalnum():
            return cell.upper()
        found = values.plain(cell).upper().replace(" ", "")
        if isinstance(cell, float) and cell >= 1e15:
            raise RuleBroken(
                _("号码太长，Excel 已把它四舍五入；请把这一列设为文本，重新填写。"), code="rounded"
            )
        if len(found) > MOST_ID:
            raise RuleBroken(_("超过 %(most)d 个字。") % {"most": MOST_ID}, code="long")
        return found or None

    return read


_READERS_OF_DAYS: Mapping[Kind, Callable[[date, str], Callable[[object], Value]]] = {
    Kind.DAY: _day,
    Kind.YEAR: _year,
}
_READERS: Mapping[Kind, Callable[[Column], Callable[[object], Value]]] = {
    Kind.TEXT: _text,
    Kind.MONEY: _number,
    Kind.NUMBER: _number,
    Kind.WHOLE: _number,
    Kind.YES_NO: _yes_no,
    Kind.CODE: _code,
    Kind.PHONE: _phone,
    Kind.ID_NO: _id,
    Kind.FILE_NO: _id,
    Kind.NAME: _text,
}


def masked(column: Column, cell: object) -> str:
    """What a screen shows of a cell that says who somebody is: analysis never sees a name."""
    found = values.text(cell)
    if not column.identifies or not found:
        return found
    if column.kind == Kind.NAME:
        return found[0] + "*" * min(len(found) - 1, 3)
    return "*" * min(len(found) - 4, 8) + found[-4:] if len(found) > 4 else "*" * len(found)
