"""One figure of a report with all that is said of it: its sureness, two comparisons, and what moved it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _

from yimei.insight.enums import Chart
from yimei.insight.queries import mart
from yimei.insight.queries.figures import Answer, answer
from yimei.insight.queries.labels import labels
from yimei.insight.queries.rights import campus_of, is_watched
from yimei.insight.rules.metrics import Metric
from yimei.insight.rules.metrics.dims import DIMS, Dim, dims_of
from yimei.insight.rules.metrics.sql import figures
from yimei.insight.rules.questions import Question
from yimei.insight.rules.reports.drivers import DIMENSIONS, Part, Piece, can_split, corrected, pieces
from yimei.insight.rules.reports.narrative import Against, Fact
from yimei.insight.rules.reports.periods import Period, window, words
from yimei.insight.rules.small_cells import LEAST, hidden_in_any
from yimei.people.models import Staff

REST = "…"


@dataclass(frozen=True)
class Reading:
    """One reader's look at the mart through the window of a report."""

    period: Period
    campus: int | None
    by: Staff

    @cached_property
    def only(self) -> Mapping[str, tuple[int]]:
        return {"campus": (self.campus,)} if self.campus is not None else {}

    def question(self, metric: Metric, reach: str, versus: str = "previous") -> Question:
        span = window(reach, self.period)
        return Question(metric, (), Chart.NUMBER, span.start, span.end, "own", versus, self.only)

    def total(self, metric: Metric, reach: str, versus: str = "previous") -> Answer:
        return answer(self.question(metric, reach, versus), by=self.by)


def fact(reading: Reading, metric: Metric, reach: str, *, with_movers: bool = True) -> Fact:
    """Return a figure and what may be said of it."""
    asked = reading.question(metric, reach)
    total = answer(asked, by=reading.by).total
    before = asked.before()
    old = Period(before.start, before.end)
    found = Fact(
        metric,
        total.value,
        (asked.end - asked.start).days,
        total.interval,
        is_hidden=total.is_hidden,
        before=Against(_("上期（%(when)s）") % {"when": words(old)}, total.before, total.change, old.days),
    )
    if total.is_hidden or not with_movers:
        return found
    year = reading.total(metric, reach, "year").total
    against = Against(_("去年同期"), year.before, year.change)
    if reading.question(metric, reach, "year").before().start == before.start:
        against = Against("")
    return replace(found, year=against, groups=_groups(reading, asked))


def _groups(reading: Reading, asked: Question) -> list[tuple[str, list[Piece]]]:
    """Take the change apart by every dimension that the figure knows; correct for so many looks."""
    if not can_split(asked.metric):
        return []
    known = {dim.code for dim in dims_of(asked.metric.fact)}
    found = []
    for code in DIMENSIONS:
        if code in known and not (code == "campus" and reading.campus is not None):
            parted = _parted(reading, asked, DIMS[code])
            if len(parted) > 1:
                found.append((str(DIMS[code].words), parted))
    sure = corrected([group for _dim, group in found])
    return [(dim, group) for (dim, _group), group in zip(found, sure, strict=True)]


def _parted(reading: Reading, asked: Question, dim: Dim) -> list[Piece]:
    """The parts of one dimension; those of too few people in either period become one."""
    if is_watched(reading.by) and answer(replace(asked, by=(dim,)), by=reading.by, sure=False).refused:
        return []
    new, old = _parts(reading, asked, dim), _parts(reading, asked.before(), dim)
    if asked.metric.is_personal:
        gone = {
            cell[0]
            for side in (new, old)
            for cell in hidden_in_any(
                {(key,): getattr(part, name) for key, part in side.items()} for name in ("n", "some")
            )
        }
        for side in (new, old):
            lumped = [side.pop(key) for key in list(side) if key in gone]
            rest = Part(
                *(sum(getattr(part, name) for part in lumped) for name in ("num", "den", "sq", "n", "some"))
            )
            if 0 < rest.n < LEAST or 0 < rest.some < LEAST:
                return []
            if lumped:
                side[REST] = rest
    say = labels(dim, asked.metric.fact, reading.by)
    names = {key: _("其余各组") if key == REST else say(key) for key in (*new, *old)}
    return pieces(asked.metric, old, new, names)


def _parts(reading: Reading, asked: Question, dim: Dim) -> dict[Hashable, Part]:
    rows = mart.ask(figures(asked.metric, asked.slice(campus_of(reading.by)), [dim])).rows
    return {
        key: Part(float(num or 0), float(den or 0), float(sq or 0), int(n), int(some or 0))
        for key, _v, num, den, sq, n, some in rows
    }
