"""Pages of tiles: the ready ones and those that readers put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.models import Dashboard
from yimei.insight.models import Tile as KeptTile
from yimei.insight.queries import mart
from yimei.insight.queries.drawing import compares, drawing
from yimei.insight.queries.figures import Answer, answer, finest, look_ahead
from yimei.insight.queries.rights import may_open, may_see
from yimei.insight.rules.dashboards import READY, Ready
from yimei.insight.rules.questions import Question, coarser, parse
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Shown:
    """One tile with its answer; without one when the reader may not see the figure."""

    question: Question
    answer: Answer | None
    title: str
    kept: KeptTile | None = None
    refused: str = ""
    """Why the gate of figures let nothing through."""


@dataclass(frozen=True)
class Drawn:
    """A tile as it is drawn: a chart, or its total where the groups would say less."""

    tile: Shown
    spec: dict[str, Any] | None
    is_chart: bool


def ready_for(by: Staff) -> list[Ready]:
    return [one for one in READY.values() if may_open(one, by)]


def ready(code: str, by: Staff) -> Ready:
    found = next((one for one in ready_for(by) if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def first(by: Staff) -> Ready:
    """The page on which a reader's figures open."""
    found = next(iter(ready_for(by)), None)
    if found is None:
        raise NotFound
    return found


def tiles(page: Ready, *, by: Staff, today: date) -> list[Shown]:
    """Answer each question of a ready page."""
    return _tiles(page, page.tiles, by, today)


def brought(page: Ready, *, by: Staff, today: date) -> list[Shown]:
    """Answer what is asked of tables that were brought: what may be seen, and of which there are rows."""
    if not mart.holds_imports():
        return []
    found = _tiles(page, page.brought, by, today)
    return [tile for tile in found if tile.refused or (tile.answer and not _is_silent(tile.answer))]


def _is_silent(found: Answer) -> bool:
    """Whether nothing was brought of it, or only rows without it. What is hidden was somebody's."""
    return not found.total.is_hidden and not found.total.value


def _tiles(page: Ready, texts: Sequence[str], by: Staff, today: date) -> list[Shown]:
    found = []
    questions = [parse(dict(parse_qsl(text)), today=today) for text in texts]
    seen = [one for one in questions if not by.may(Permission.INSIGHT_VIEW) or may_see(one.metric, by)]
    look_ahead(seen, by=by, page=page)
    for question in questions:
        is_seen = question in seen
        said, refused = _finest(question, by, page) if is_seen else (None, "")
        asked = said.question if said else question
        found.append(Shown(asked, said, str(question.metric.words), refused=refused))
    return found


def drawn(tiles: Sequence[Shown], *, by: Staff) -> list[Drawn]:
    found = []
    for tile in tiles:
        spec = drawing(tile.answer, by=by) if tile.answer else None
        is_chart = compares(spec, tile.answer.hidden_count if tile.answer else 0)
        found.append(Drawn(tile, spec, is_chart))
    return found


def said_once(tiles: Sequence[Drawn]) -> list[Drawn]:
    """Put numbers before charts. Of a small hospital several charts fold into one total: said once,
    and not at all when hidden or withheld. A chart that was asked of more people may be another's equal.
    """
    known: set[object] = set()
    numbers = []
    for one in sorted((one for one in tiles if not one.is_chart), key=lambda one: bool(one.spec)):
        question, found = one.tile.question, one.tile.answer
        about = (question.metric.code, question.start, question.end, *question.only)
        is_untold = bool(one.tile.refused or (one.spec and found and found.total.is_hidden))
        is_said = bool(one.spec) and about in known
        if not (is_said or (is_untold and question.metric.code in known)):
            numbers.append(one)
        known |= {about, question.metric.code}
    charts: dict[str, Drawn] = {}
    for one in tiles:
        if one.is_chart:
            charts.setdefault(one.tile.question.query(), one)
    return [*numbers, *charts.values()]


def mine(by: Staff) -> Sequence[Dashboard]:
    return list(Dashboard.objects.visible_to(by).select_related("owner"))


def open_dashboard(public_id: UUID, *, by: Staff) -> Dashboard:
    return only(Dashboard.objects.visible_to(by).select_related("owner"), public_id)


def kept_tiles(dashboard: Dashboard, *, by: Staff, today: date) -> list[Shown]:
    """Answer the tiles of a kept page within this reader's own rights, whoever pinned them."""
    tiles = list(dashboard.tiles.all())
    questions = [parse(dict(parse_qsl(tile.question)), today=today) for tile in tiles]
    look_ahead([one for one in questions if may_see(one.metric, by)], by=by)
    return [_shown(question, tile.title, tile, by) for question, tile in zip(questions, tiles, strict=True)]


def roles_that_read() -> Sequence[Role]:
    """Roles with whose members a page can be shared."""
    return list(Role.objects.filter(grants__permission=Permission.INSIGHT_VIEW).order_by("pk"))


def _shown(question: Question, title: str, kept: KeptTile | None, by: Staff) -> Shown:
    found, refused = _answered(question, by) if may_see(question.metric, by) else (None, "")
    return Shown(question, found, title or str(question.metric.words), kept, refused)


def _finest(question: Question, by: Staff, page: Ready) -> tuple[Answer | None, str]:
    """A tile of a ready page, which asks of more people at a time where its own question shows too few."""
    return _let_through(lambda: finest((question, *coarser(question)), by=by, page=page))


def _answered(question: Question, by: Staff) -> tuple[Answer | None, str]:
    return _let_through(lambda: answer(question, by=by, roughly=True))


def _let_through(asked: Callable[[], Answer]) -> tuple[Answer | None, str]:
    """One tile that may not be told leaves the others standing."""
    try:
        found = asked()
    except RuleBroken as refusal:
        return None, str(refusal)
    return (None, found.refused) if found.refused else (found, "")
