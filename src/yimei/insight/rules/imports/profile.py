"""What each column of a table holds, found in one pass: kind, missing, distinct, span, shapes, bad dates.

Words are counted as they are until there are too many different ones; from then on those known so far go on
being counted, the different ones are estimated, figures and days are still looked at one by one.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from yimei.core.errors import RuleBroken
from yimei.insight.enums import DayOrder
from yimei.insight.rules.imports import values
from yimei.insight.rules.imports.templates import DAYS, Column, Kind, Template

COUNTED = 5_000
"""So many different words of a column are counted exactly."""
BUCKETS = 1 << 21
EVERY = 25
"""Of very many different figures every so-manieth is kept for the quantiles."""
SHOWN = 8
LONGEST = 40
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
AGES = ("年龄", "岁", "age")
OLDEST = 120
FIGURES = frozenset({Kind.MONEY, Kind.NUMBER, Kind.WHOLE})
_LIKE_A_DAY = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}[日号]?(?:$|[ t])|[〇零一二三四五六七八九]{4}年|\d{2,4}年\d{1,2}月"
)
_LONG_RUN = re.compile(r"([^9])\1{4,}", re.DOTALL)
_HAN = re.compile(r"[㐀-鿿𠀀-\U0003ffff]")


class Profiler:
    """Looks at all columns of one file, some thousand rows at a time."""

    def __init__(
        self,
        header: Sequence[str],
        template: Template,
        mapping: Mapping[str, int],
        *,
        today: date,
        orders: Mapping[str, str] | None = None,
    ) -> None:
        by_place = {place: template.column(name) for name, place in mapping.items()}
        self.columns = [
            _Column(place, heading, by_place.get(place), today, orders or {})
            for place, heading in enumerate(header)
        ]

    def add(self, columns: Sequence[Sequence[object]]) -> None:
        for one, cells in zip(self.columns, columns, strict=True):
            one.add(cells)

    def result(self) -> list[dict[str, Any]]:
        return [one.result() for one in self.columns]


class _Column:
    """One column while it is looked at."""

    def __init__(
        self, place: int, heading: str, column: Column | None, today: date, orders: Mapping[str, str]
    ) -> None:
        self.place, self.heading, self.column, self.today = place, heading, column, today
        self.order = orders.get(column.name, "") if column else ""
        self.orders: Counter[str] = Counter()
        """How many days show their order, and how many do not."""
        self.unsure = 0
        self.kind = column.kind if column else None
        self.rows = 0
        self.words: Counter[object] = Counter()
        self.buckets: Any = None
        self.overflow = 0
        self.says = ""
        """What the first thousands of words were, once there are too many."""
        self.missing = self.figures = self.days = self.bad_days = self.future = self.negative = self.old = 0
        self.other = 0
        self.low = self.high = math.nan
        self.first = self.last = ""
        self.sample: list[tuple[float, int]] = []
        """Figures, and for how many rows each speaks."""
        self.is_age = any(word in heading.casefold() for word in AGES)

    def add(self, cells: Sequence[object]) -> None:
        self.rows += len(cells)
        if self.buckets is None:
            self.words.update(cells)
            if len(self.words) > COUNTED:
                self._close()
            return
        words = self.words
        fresh = [cell for cell in cells if cell not in words]
        if len(fresh) < len(cells):
            words.update(cell for cell in cells if cell in words)
        if fresh:
            self._more(fresh)

    def _close(self) -> None:
        """From here on new words are looked at and not kept."""
        import numpy as np

        self.buckets = np.zeros(BUCKETS, dtype=bool)
        probe = _Column(self.place, self.heading, self.column, self.today, {})
        for word in list(self.words)[:500]:
            probe.look(word, 1)
        self.says = probe.kind_of()

    def _more(self, cells: Sequence[object]) -> None:
        import numpy as np

        self.overflow += len(cells)
        self.buckets[np.fromiter(map(hash, cells), dtype=np.int64, count=len(cells)) & (BUCKETS - 1)] = True
        if self.says == "number":
            self._more_figures(cells)
        elif self.says == "date":
            for cell, count in Counter(cells).items():
                self.look(cell, count)
        else:
            self.other += len(cells)

    def _more_figures(self, cells: Sequence[object]) -> None:
        import numpy as np

        try:
            found = np.array(cells, dtype=object).astype(np.float64)
        except (ValueError, TypeError):
            found = None
        if found is None or not np.isfinite(found).all():
            for at, (cell, count) in enumerate(Counter(cells).items()):
                self.look(cell, count, speaks_for=0 if at % EVERY else count * EVERY)
            return
        self.figures += len(found)
        self.negative += int((found < 0).sum())
        self.old += int((found > OLDEST).sum())
        self._span(float(found.min()), float(found.max()))
        self.sample += [(figure, EVERY) for figure in found[::EVERY].tolist()]

    def look(self, cell: object, count: int, *, speaks_for: int | None = None) -> None:
        """Say what one word is, which stands there so often."""
        said = values.plain(cell) if not isinstance(cell, float | int) or isinstance(cell, bool) else "0"
        if not said:
            self.missing += count
        elif isinstance(cell, date) or self.kind in DAYS or self._looks_like_a_day(said):
            self._day(cell, count)
        elif (figure := self._figure(cell, said)) is not None:
            self.figures += count
            self.negative += count if figure < 0 else 0
            self.old += count if figure > OLDEST else 0
            self._span(figure, figure)
            if speaks_for != 0:
                self.sample.append((figure, speaks_for or count))
        else:
            self.other += count

    def _looks_like_a_day(self, said: str) -> bool:
        return self.kind is None and bool(_LIKE_A_DAY.match(said))

    def _day(self, cell: object, count: int) -> None:
        if order := values.order_of(cell):
            self.orders[order] += count
        try:
            found = values.day(cell, self.order)
        except RuleBroken:
            if order == values.EITHER and not self.order:
                self.unsure += count
            elif self.kind == Kind.YEAR and re.fullmatch(r"(19|20)\d\d年?", values.plain(cell)):
                self.days += count
            else:
                self.bad_days += count
            return
        if found is None:
            self.missing += count
            return
        self.days += count
        if found > self.today:
            self.future += count
        said = found.isoformat()
        self.first, self.last = min(self.first or said, said), max(self.last, said)

    def _figure(self, cell: object, said: str) -> float | None:
        if self.kind is not None and self.kind not in FIGURES:
            return None
        try:
            found = float(said) if isinstance(cell, str) else float(str(cell))
        except ValueError:
            try:
                number = values.number(cell)
            except RuleBroken:
                return None
            found = float(number) if number is not None else math.nan
        return found if math.isfinite(found) else None

    def _span(self, low: float, high: float) -> None:
        self.low = low if math.isnan(self.low) else min(self.low, low)
        self.high = high if math.isnan(self.high) else max(self.high, high)

    def kind_of(self) -> str:
        counts = {
            "number": self.figures,
            "date": self.days + self.bad_days + self.unsure,
            "text": self.other,
        }
        most = max(counts, key=lambda one: counts[one])
        return most if counts[most] else "empty"

    def result(self) -> dict[str, Any]:
        """Return what is shown and kept: words only of columns that say nothing of who somebody is."""
        for word, count in self.words.items():
            self.look(word, count)
        is_shown = self.column is not None and not self.column.identifies
        found: dict[str, Any] = {
            "place": self.place,
            "heading": self.heading,
            "column": self.column.name if self.column else "",
            "kind": self.kind_of(),
            "rows": self.rows,
            "missing": self.missing,
            "distinct": self._distinct(),
            "is_exact": self.buckets is None,
            "odd": self._odd(),
            "is_age": self.is_age,
            "shapes": self._shapes(),
            "frequent": [],
        }
        if is_shown:
            common = Counter(
                {values.text(w)[:LONGEST]: n for w, n in self.words.most_common(50) if values.plain(w)}
            )
            found["frequent"] = [list(pair) for pair in common.most_common(SHOWN)]
        if found["kind"] == "number" and (self.column is None or is_shown):
            found |= {"low": self.low, "high": self.high, "quantiles": self._quantiles()}
        if found["kind"] == "date":
            is_birth = self.column is None or self.kind == Kind.YEAR
            cut = 4 if is_birth else 10
            found |= {"first": self.first[:cut], "last": self.last[:cut], "orders": dict(self.orders)}
        return found

    def _odd(self) -> dict[str, int]:
        """What is surely wrong, by its name."""
        mixed = min(self.orders[DayOrder.DAY_FIRST], self.orders[DayOrder.MONTH_FIRST])
        found = {
            "bad_date": self.bad_days,
            "future": self.future,
            "unsure": self.unsure,
            "mixed_order": mixed,
        }
        if self.kind_of() == "number":
            found["not_number"] = self.other if self.column is None or self.kind in FIGURES else 0
            found["negative"] = self.negative
            if self.is_age:
                found["too_old"] = self.old
        return {name: count for name, count in found.items() if count}

    def _distinct(self) -> int:
        empty = sum(1 for word in self.words if not values.plain(word))
        found = len(self.words) - empty
        if self.buckets is None:
            return found
        free = BUCKETS - int(self.buckets.sum())
        return found + min(self.overflow, round(-BUCKETS * math.log(max(free, 1) / BUCKETS)))

    def _quantiles(self) -> list[float]:
        ordered = sorted(self.sample)
        whole, passed, found = sum(weight for _figure, weight in ordered), 0, []
        wanted = iter(QUANTILES)
        q = next(wanted)
        for figure, weight in ordered:
            passed += weight
            while passed >= q * whole:
                found.append(figure)
                if (q := next(wanted, 2.0)) > 1:
                    return found
        return found

    def _shapes(self) -> list[list[Any]]:
        found: Counter[str] = Counter()
        for word, count in self.words.items():
            if said := values.text(word):
                found[shape(said)] += count
        return [list(pair) for pair in found.most_common(SHOWN)]


def orders_shown(profile: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return in which order the days of each column are written where some days may be read in two and all
    others agree; where they do not agree a person decides.
    """
    found = {}
    for one in profile:
        orders = one.get("orders", {})
        shown = [order for order in DayOrder.values if orders.get(order)]
        if one["column"] and orders.get(values.EITHER) and len(shown) == 1:
            found[one["column"]] = shown[0]
    return found


def shape(word: str) -> str:
    """Write 2024-03-05 as 9999-99-99 and 林小满 as 汉汉汉: what it looks like and not what it says."""
    kinds = word[:LONGEST].translate(_KINDS)
    found = _LONG_RUN.sub(lambda run: f"{run[1]}×{len(run[0])} ", kinds).strip()
    return found + ("…" if len(word) > LONGEST else "")


class _Kinds(dict[int, str]):
    """Of which kind each character is, for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = "9" if char.isdigit() else "汉" if _HAN.match(char) else "a" if char.isalpha() else char
        self[code] = kind
        return kind


_KINDS = _Kinds()
