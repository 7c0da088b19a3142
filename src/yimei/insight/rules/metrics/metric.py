"""What a metric is: one definition from which every chart, table, report and test takes its SQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from yimei.insight.rules.mart.accounts import UNSURE
from yimei.insight.rules.mart.brought import ABOUT_PEOPLE
from yimei.insight.rules.words import Words


class Kind(StrEnum):
    """How the rows of a fact become one figure."""

    COUNT = "count"
    PEOPLE = "people"
    SUM = "sum"
    SHARE = "share"
    RATIO = "ratio"
    MEAN = "mean"
    MEDIAN = "median"
    P90 = "p90"
    PER_PERSON = "per_person"


class Way(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


UNITS: Mapping[str, str] = {
    "room_day": "room, day",
    "cost": "day",
    "spend": "day",
    "brought_cost": "day",
    "brought_day": "day",
    "brought_market": "day",
}
"""Facts that are about no person, and of what they are counted instead: their cells need no hiding."""

NAMELESS = frozenset({"turn_away"})
"""Facts about people some of whom left no name, so that they are no customers and yet people."""

PLACELESS = frozenset({"lead", "touch"})
"""Facts about people of whom some are no customers, so that they have no place among these."""


AGGREGATES = (
    (re.compile(r"COUNT\(\*\) FILTER \(WHERE (.+)\)"), r"\1"),
    (re.compile(r"COUNT\(DISTINCT CASE WHEN (.+) THEN \w+ END\)"), r"\1"),
    (re.compile(r"SUM\((.+)\)"), r"(\1) <> 0"),
    (re.compile(r"COUNT\(\*\)"), "TRUE"),
)
"""How a figure is made of rows → which rows have a part in it: a sum is made of what is not nought."""


def rows_in(aggregate: str) -> str:
    """The condition of the rows that have a part in an aggregate."""
    for pattern, rows in AGGREGATES:
        if found := pattern.fullmatch(aggregate):
            return found.expand(rows)
    raise ValueError(aggregate)


class Need(StrEnum):
    """Which figures need more than the general right."""

    FINANCE = "finance"


@dataclass(frozen=True)
class Metric:
    """One figure: what is counted of which fact, and what it means."""

    number: str
    code: str
    words: Words
    formula: Words
    fact: str
    kind: Kind
    value: str
    """COUNT, PEOPLE, SHARE: a condition; SUM, MEAN, MEDIAN, P90: an expression; RATIO: an aggregate."""
    base: str = "TRUE"
    """SHARE: the condition of the whole; RATIO: an aggregate; MEAN, MEDIAN, P90: what counts."""
    inner: str = ""
    """PER_PERSON: an aggregate called ``x`` per customer, over which `value` and `base` are conditions."""
    unit: str = ""
    way: Way = Way.NONE
    target: float | None = None
    source: str = "domain 7.7"
    time: str = "day"
    need: Need | None = None
    among: str = "TRUE"
    """Which rows of the fact it is about at all; those of another kind make no group of their own."""
    bounds: tuple[float, float] | None = None
    """Between what its scale lets it lie, where it has one; no interval reaches beyond."""

    @property
    def is_share(self) -> bool:
        return self.kind in {Kind.SHARE, Kind.PER_PERSON}

    @property
    def is_additive(self) -> bool:
        """Whether the parts of a whole add up to it."""
        return self.kind in {Kind.COUNT, Kind.SUM}

    @property
    def parts(self) -> tuple[str, ...]:
        """Which rows the figure counts: of a share and a ratio its numerator's, then its denominator's.

        The people of these rows stand behind it: not those who merely have rows of the fact.
        """
        match self.kind:
            case Kind.COUNT | Kind.PEOPLE:
                return (self.value,)
            case Kind.SUM:
                return (f"({self.value}) <> 0",)
            case Kind.SHARE:
                both = " AND ".join(f"({one})" for one in (self.value, self.base) if one != "TRUE")
                return (both, self.base)
            case Kind.RATIO:
                return (rows_in(self.value), rows_in(self.base))
            case Kind.PER_PERSON:
                return (rows_in(self.inner),)
        known = f"({self.value}) IS NOT NULL"
        return (known if self.base == "TRUE" else f"({self.base}) AND {known}",)

    @property
    def rows(self) -> str:
        """Which rows a picture of rows is of: all that have a part in the figure."""
        if self.kind is Kind.SHARE:
            return self.base
        return "TRUE" if "TRUE" in self.parts else " OR ".join(f"({one})" for one in self.parts)

    @property
    def is_personal(self) -> bool:
        """Whether its rows are about people, so that small cells are hidden."""
        return self.fact not in UNITS

    @property
    def somebody(self) -> str:
        """Which of its rows are about somebody: a spend or a cost among them is about nobody."""
        return "customer IS NOT NULL" if self.fact in UNSURE else "TRUE"

    @property
    def has_places(self) -> bool:
        """Whether each row has the place of its customer among all (``nth``)."""
        return self.is_personal and self.fact not in ABOUT_PEOPLE | PLACELESS

    @property
    def has_chance(self) -> bool:
        """Whether its customers are a sample that stands for more, so that an interval says something."""
        return self.fact not in UNSURE

    @property
    def unit_of_chance(self) -> str:
        """Whom or what a bootstrap draws as a whole."""
        return UNITS.get(self.fact, "customer")

    @property
    def behind(self) -> Words:
        """What stands behind a figure of it: so many people, or so many rows about nobody."""
        return Words("人数", "People") if self.is_personal else Words("行数", "Rows")

    @property
    def decimals(self) -> int:
        """How exactly it is written; a sum without a unit is one of counts."""
        is_count = self.kind in {Kind.COUNT, Kind.PEOPLE} or (self.kind is Kind.SUM and not self.unit)
        if is_count or self.unit in {"ml"}:
            return 0
        return 2 if self.unit in {"", "x"} else 1


def metric(
    number: str, code: str, zh: str, en: str, formula_zh: str, formula_en: str, fact: str, kind: Kind,
    value: str, base: str = "TRUE", *, inner: str = "", unit: str = "", way: Way = Way.NONE,
    target: float | None = None, source: str = "domain 7.7", need: Need | None = None,
    bounds: tuple[float, float] | None = None, among: str = "TRUE",
) -> Metric:  # fmt: skip
    unit = unit or ("%" if kind in {Kind.SHARE, Kind.PER_PERSON} else "")
    return Metric(
        number=number,
        code=code,
        words=Words(zh, en),
        formula=Words(formula_zh, formula_en),
        fact=fact,
        kind=kind,
        value=value,
        base=base,
        inner=inner,
        unit=unit,
        way=way,
        target=target,
        source=source,
        need=need,
        bounds=bounds,
        among=among,
    )
