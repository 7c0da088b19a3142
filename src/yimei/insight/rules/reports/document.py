"""A report with its figures in it, as it is shown, signed and written into files: plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Value = str | float | int | None


@dataclass(frozen=True)
class Number:
    """One figure with what is sure of it, in words and as values."""

    title: str
    text: str
    interval: str = ""
    change: str = ""
    tone: str = ""
    note: str = ""
    unit: str = ""
    decimals: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    people: int | None = None
    is_hidden: bool = False


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


@dataclass(frozen=True)
class Figure:
    """One chart with the table behind it."""

    metric: str
    formula: str
    chart: str
    unit: str
    decimals: int
    names: Sequence[str]
    series: Sequence[Series]
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    hidden: Sequence[bool]
    total: Number
    is_ordered: bool = False
    is_personal: bool = True
    is_tabled: bool = False
    alt: str = ""
    keys: int = 0
    """How many of the first columns name a row; the last holds the people."""

    @property
    def hidden_count(self) -> int:
        return sum(self.hidden)


@dataclass(frozen=True)
class Finding:
    """What one figure says in sentences."""

    title: str
    sentences: Sequence[str]
    tone: str = ""


@dataclass(frozen=True)
class Recommendation:
    """What to do, with its evidence beside it."""

    text: str
    evidence: Sequence[str]


@dataclass(frozen=True)
class Part:
    """One block of a page."""

    kind: str
    title: str = ""
    span: str = ""
    numbers: Sequence[Number] = ()
    figure: Figure | None = None
    findings: Sequence[Finding] = ()
    advice: Sequence[Recommendation] = ()
    paragraphs: Sequence[str] = ()
    says: Sequence[str] = ()
    refusal: str = ""
    """Why this reader sees nothing here."""


@dataclass(frozen=True)
class Sheet:
    """One page."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Document:
    """The whole report."""

    title: str
    hospital: str
    scope: str
    period: str
    fresh: str
    made: str
    by: str
    status: str
    sheets: Sequence[Sheet]
    notes: Sequence[str] = field(default=())

    @property
    def figures(self) -> list[Figure]:
        return [part.figure for sheet in self.sheets for part in sheet.parts if part.figure]

    @property
    def numbers(self) -> list[Number]:
        return [number for sheet in self.sheets for part in sheet.parts for number in part.numbers]


def to_text(document: Document) -> str:
    """Write it in one way only, so that its fingerprint means something."""
    return json.dumps(asdict(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Document:
    kept: dict[str, Any] = json.loads(text)
    sheets = [Sheet(sheet["title"], [_part(part) for part in sheet["parts"]]) for sheet in kept.pop("sheets")]
    return Document(**kept, sheets=sheets)


def _part(kept: Mapping[str, Any]) -> Part:
    found = dict(kept)
    found["numbers"] = [Number(**one) for one in found["numbers"]]
    found["findings"] = [Finding(**one) for one in found["findings"]]
    found["advice"] = [Recommendation(**one) for one in found["advice"]]
    if found["figure"] is not None:
        figure = dict(found["figure"])
        figure["series"] = [Series(**one) for one in figure["series"]]
        figure["total"] = Number(**figure["total"])
        found["figure"] = Figure(**figure)
    return Part(**found)
