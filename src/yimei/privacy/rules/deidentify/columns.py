"""What each column of a table holds about people: by its header in Chinese or English, and by its cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from yimei.privacy.rules import pii
from yimei.privacy.rules.deidentify.values import parse_date
from yimei.privacy.rules.pii import Kind

SAMPLE = 400


class ColumnClass(StrEnum):
    DIRECT = "direct"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    FREE_TEXT = "free_text"
    OTHER = "other"


@dataclass(frozen=True)
class Column:
    """One column: its class, what exactly it holds, and how that was seen."""

    name: str
    place: int
    kind_class: ColumnClass
    kind: str
    seen_by: str


_D, _Q, _S, _T, _O = ColumnClass
HEADERS = Path(__file__).resolve().parents[2] / "data" / "columns.txt"


@lru_cache(maxsize=1)
def _headers() -> list[tuple[ColumnClass, str, re.Pattern[str]]]:
    lines = [
        line.split(" ", 2) for line in HEADERS.read_text("utf-8").splitlines() if line[:1] not in {"", "#"}
    ]
    return [(ColumnClass(word), kind, re.compile(pattern, re.I)) for word, kind, pattern in lines]


BY_CONTENT: dict[Kind, str] = {
    Kind.PHONE: "phone", Kind.LANDLINE: "phone", Kind.ID_NO: "id_no", Kind.PASSPORT: "passport",
    Kind.HM_PERMIT: "permit", Kind.BANK_CARD: "bank_card", Kind.EMAIL: "email", Kind.PLATE: "plate",
    Kind.RECORD_NO: "record_no", Kind.NAME: "name", Kind.WECHAT: "wechat", Kind.ADDRESS: "address",
}  # fmt: skip
URL = re.compile(r"(?:https?://|www\.)\S+", re.I)
IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}", re.I)
NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?%?", re.I)
CODE = re.compile(r"[A-Za-z0-9_\-]{4,40}")


def classify(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return the class of every column; a telling cell outweighs a silent or a harmless header."""
    found = []
    for place, name in enumerate(header):
        cells = _sample(rows, place)
        kind_class, kind, seen_by = _by_header(name)
        by_cells = _by_cells(cells, seen_by != "")
        if by_cells and (
            not seen_by or kind_class in {_O, _T, _S} or (kind_class is _Q and by_cells[0] is _D)
        ):
            kind_class, kind = by_cells
            seen_by = "cells"
        elif not seen_by:
            kind_class, kind, seen_by = _unnamed(rows, place, cells)
        elif kind == "record_no" and name.strip().lower() == "id":
            seen_by = "header"
        found.append(Column(name, place, kind_class, kind, seen_by))
    return found


def _sample(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    step = max(1, len(rows) // SAMPLE)
    return [cell for row in rows[::step][:SAMPLE] if (cell := row[place].strip())]


def _by_header(name: str) -> tuple[ColumnClass, str, str]:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.\-]+", "_", name.strip())
    for kind_class, kind, pattern in _headers():
        if pattern.search(plain):
            return kind_class, kind, "header"
    return _O, "other", ""


def _by_cells(cells: Sequence[str], has_header: bool) -> tuple[ColumnClass, str] | None:
    """Return what most cells are, when they say it by themselves."""
    if not cells:
        return None
    enough = 0.6 * len(cells)
    if sum(URL.fullmatch(cell) is not None for cell in cells) > enough:
        return _D, "url"
    if sum(IP.fullmatch(cell) is not None for cell in cells) > enough:
        return _D, "ip"
    counts: dict[str, int] = {}
    for cell in cells[:120]:
        if NUMBER.fullmatch(cell) and len(cell) < 7:
            continue
        for entity in pii.find(cell, at_least=0.8) if len(cell) <= 80 else ():
            if entity.end - entity.start >= 0.9 * len(cell) and entity.kind in BY_CONTENT:
                counts[BY_CONTENT[entity.kind]] = counts.get(BY_CONTENT[entity.kind], 0) + 1
    if counts:
        kind, count = max(counts.items(), key=lambda item: item[1])
        wanted = 0.8 if kind == "name" else 0.6
        if count >= wanted * min(len(cells), 120) and not (kind == "name" and has_header):
            return (_Q if kind == "address" else _D), kind
    if not has_header and sum(parse_date(cell) is not None for cell in cells) > 0.8 * len(cells):
        return _Q, "date"
    return None


def _unnamed(rows: Sequence[Sequence[str]], place: int, cells: Sequence[str]) -> tuple[ColumnClass, str, str]:
    """A column whose header says nothing: long text, a code of its own per row, or something harmless."""
    if not cells:
        return _O, "other", "nothing"
    if sum(map(len, cells)) > 18 * len(cells):
        return _T, "text", "cells"
    if len(rows) >= 20 and all(CODE.fullmatch(cell) for cell in cells):
        lengths = {len(cell) for cell in cells}
        digits = all(cell.isdigit() for cell in cells)
        every = {row[place] for row in rows}
        if len(every) > 0.98 * len(rows) and (
            len(lengths) == 1 and max(lengths) >= 5 if digits else max(lengths) >= 6
        ):
            return _D, "record_no", "cells"
    return _O, "other", "nothing"
