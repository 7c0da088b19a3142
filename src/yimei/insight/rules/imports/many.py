"""Judges many rows at once, column by column: the same words are read once.

What looks wrong goes on to the judge of one row, who finds the words for it.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from yimei.core.errors import RuleBroken
from yimei.insight.enums import Severity
from yimei.insight.rules.imports.checks import Check
from yimei.insight.rules.imports.rows import MOST_ID, Judge, Judged, Value
from yimei.insight.rules.imports.templates import Column, Kind

FAULT = "\0"
"""What a cell reads as that cannot be read; no text that was read holds an empty character."""
REMEMBERED = 200_000
_AMOUNT = re.compile(r"(?:0|[1-9]\d{0,6})\.\d\d", re.ASCII)
Cell = object
Row = Sequence[Cell]
Line = tuple[int, Row]


def _mobiles(cells: Sequence[str]) -> list[Value] | None:
    together = "".join(cells)
    if not (together.isascii() and together.isdigit() and set(map(len, cells)) == {11}):
        return None
    return [f"+86{cell}" for cell in cells] if {cell[:2] for cell in cells} <= _MOBILE else None


def _ids(cells: Sequence[str]) -> list[Value] | None:
    together = "".join(cells)
    if (
        together.isascii()
        and together.isalnum()
        and min(map(len, cells)) > 4
        and max(map(len, cells)) <= MOST_ID
    ):
        return [cell.upper() for cell in cells]
    return None


def _amounts(cells: Sequence[str]) -> list[Value] | None:
    return list(cells) if all(map(_AMOUNT.fullmatch, cells)) else None


_MOBILE = frozenset(f"1{figure}" for figure in range(3, 10))
_PLAIN: Mapping[Kind, Callable[[Sequence[str]], list[Value] | None]] = {
    Kind.PHONE: _mobiles,
    Kind.ID_NO: _ids,
    Kind.FILE_NO: _ids,
    Kind.MONEY: _amounts,
}
"""How columns of mostly different words are read at once when all of them are written the usual way."""


class _Read(dict[object, Value]):
    """What each word of one column reads as; forgotten when there are too many different ones."""

    def __init__(self, column: Column, read: Callable[[object], Value]) -> None:
        super().__init__()
        self.read = read
        self.at_once = _PLAIN.get(column.kind)
        if column.high is not None and column.high < 10**7:
            self.at_once = None
        self.has_faults = False

    def __missing__(self, key: object) -> Value:
        cell = key[1] if isinstance(key, tuple) else key
        try:
            value = self.read(cell)
        except RuleBroken:
            value, self.has_faults = FAULT, True
        if len(self) >= REMEMBERED:
            self.clear()
        self[key] = value
        return value

    def column(self, cells: Sequence[Cell]) -> list[Value]:
        """Read a column; 1, 1.0 and true are different words: what is no text goes with its kind."""
        if set(map(type, cells)) <= {str}:
            if self.at_once and (found := self.at_once(cells)) is not None:  # type: ignore[arg-type]
                return found
            return [self[cell] for cell in cells]
        return [self[type(cell), cell] for cell in cells]


class Columns:
    """Judges the rows of one file some thousands at a time."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._checked: dict[tuple[Check, tuple[Value, ...]], bool] = {}
        self._facts = [
            (column, place, _Read(column, judge.reader_of(column)))
            for column, place in judge.places(keys=False)
        ]
        self._keys = [
            (column, place, _Read(column, judge.reader_of(column)))
            for column, place in judge.places(keys=True)
            if place is not None
        ]

    def split(
        self, lines: Sequence[Line]
    ) -> tuple[list[int], list[Judged], list[tuple[int, Row, str]], list[tuple[Cell, ...]]]:
        """Return the lines that fit with what they say, those that do not with why, and the columns as
        they are. Rows of another width than the heading are in no column.
        """
        width = self.judge.width
        whole = [line for line in lines if len(line[1]) == width]
        odd = [line for line in lines if len(line[1]) != width] if len(whole) < len(lines) else []
        columns = list(zip(*(cells for _number, cells in whole), strict=True))
        if not columns:
            columns = [()] * width
        facts, persons, doubtful = self._read(columns, len(whole))
        every = list(map(Judged, zip(*facts, strict=True), persons))
        lines_of = [number for number, _cells in whole]
        numbers: list[int] = []
        judged: list[Judged] = []
        bad: list[tuple[int, Row, str]] = []
        start = 0
        for at in (*sorted(doubtful), len(whole)):
            numbers += lines_of[start:at]
            judged += every[start:at]
            if at < len(whole):
                self._one(whole[at], numbers, judged, bad)
            start = at + 1
        for line in odd:
            self._one(line, numbers, judged, bad)
        return numbers, judged, bad, columns

    def _one(
        self, line: Line, numbers: list[int], judged: list[Judged], bad: list[tuple[int, Row, str]]
    ) -> None:
        try:
            found = self.judge.judge(line[1])
        except RuleBroken as refusal:
            bad.append((*line, refusal.message))
        else:
            numbers.append(line[0])
            judged.append(found)

    def _read(
        self, columns: Sequence[Sequence[Cell]], count: int
    ) -> tuple[list[list[Value]], list[tuple[str, str] | None], set[int]]:
        facts: list[list[Value]] = []
        doubtful: set[int] = set()
        found: list[Value]
        for column, place, read in self._facts:
            found = read.column(columns[place]) if place is not None else [None] * count
            facts.append(found)
            if read.has_faults:
                doubtful.update(at for at, value in enumerate(found) if value == FAULT)
            if column.is_needed and None in found:
                doubtful.update(at for at, value in enumerate(found) if value is None)
        persons: list[tuple[str, str] | None] = [None] * count
        for column, place, read in self._keys:
            found = read.column(columns[place or 0])
            if read.has_faults:
                doubtful.update(at for at, value in enumerate(found) if value == FAULT)
            kind = column.kind.value
            persons = [
                old or ((kind, str(new)) if new else None) for old, new in zip(persons, found, strict=True)
            ]
        if self.judge.template.either and None in persons:
            doubtful.update(at for at, person in enumerate(persons) if person is None)
        doubtful.update(self._across(facts))
        return facts, persons, doubtful

    def _across(self, facts: Sequence[Sequence[Value]]) -> set[int]:
        by_name = dict(zip(self.judge.names, facts, strict=True))
        found: set[int] = set()
        needs = self.judge.template.by_kind or {}
        for kind, names in needs.items():
            needed = [by_name[name] for name in names if name in by_name]
            for at, said in enumerate(by_name.get("kind", ())):
                if said == kind and any(column[at] is None for column in needed):
                    found.add(at)
        if "last_day" in by_name:
            for at, (first, last) in enumerate(zip(by_name["day"], by_name["last_day"], strict=True)):
                if isinstance(first, str) and isinstance(last, str) and last < first:
                    found.add(at)
        for check in self.judge.refusing:
            rows = zip(*(by_name[name] for name in check.columns), strict=True)
            found.update(at for at, words in enumerate(rows) if FAULT in words or self._broken(check, words))
        return found

    def _broken(self, check: Check, words: tuple[Value, ...]) -> bool:
        key = (check, words)
        if key not in self._checked:
            if len(self._checked) >= REMEMBERED:
                self._checked.clear()
            self._checked[key] = check.breaks(words, self.judge.lists)
        return self._checked[key]

    def doubted(self, lines: Sequence[int], judged: Sequence[Judged]) -> list[tuple[int, Check, str]]:
        """Return the rows that fit and break a rule which only doubts: line, rule, what stands there."""
        at = {name: place for place, name in enumerate(self.judge.names)}
        found = []
        for check in self.judge.checks:
            if check.severity == Severity.REJECT:
                continue
            places = [at[name] for name in check.columns]
            for line, one in zip(lines, judged, strict=True):
                words = tuple(one.facts[place] for place in places)
                if self._broken(check, words):
                    found.append((line, check, "" if words[0] is None else str(words[0])))
        return found
