"""The ready pages ask only what the catalogue knows: an unknown address would fall back in silence."""

from datetime import date
from urllib.parse import parse_qsl

import pytest

from yimei.insight.queries.dashboards import Drawn, Shown, said_once
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.questions import parse
from yimei.insight.rules.reports.templates import TEMPLATES


@pytest.mark.parametrize("text", sorted({text for page in READY.values() for text in page.asked}))
def test_every_tile_is_asked_as_it_is_written(text: str) -> None:
    asked = parse(dict(parse_qsl(text)), today=date(2026, 11, 30))
    assert dict(parse_qsl(asked.query())) == dict(parse_qsl(text))


def test_own_figures_and_brought_ones_stand_apart() -> None:
    def facts(texts: tuple[str, ...]) -> set[str]:
        today = date(2026, 11, 30)
        return {parse(dict(parse_qsl(text)), today=today).metric.fact.split("_")[0] for text in texts}

    for page in READY.values():
        assert "brought" not in facts(page.tiles)
        assert facts(page.brought) == {"brought"}


def test_what_is_withheld_is_said_once_and_not_beside_its_own_figure() -> None:
    """A reader who is guarded is told why at length: not for each chart of a figure that stands there."""

    def withheld(text: str) -> Drawn:
        question = parse(dict(parse_qsl(text)), today=date(2026, 11, 30))
        return Drawn(Shown(question, None, "", refused="它与您问过的……"), None, is_chart=False)

    tiles = [withheld(f"m=visits&by1={split}&c=bar&span=365") for split in ("month", "source")]
    other = withheld("m=win_rate&c=number&span=90")
    assert said_once([*tiles, other]) == [tiles[0], other]


def test_two_charts_that_ask_the_same_are_one() -> None:
    def chart(text: str) -> Drawn:
        question = parse(dict(parse_qsl(text)), today=date(2026, 11, 30))
        return Drawn(Shown(question, None, ""), None, is_chart=True)

    first, other, again = (
        chart(f"m=visits&by1={split}&c=bar&span=365") for split in ("source", "month", "source")
    )
    assert said_once([first, other, again]) == [first, other]


def test_a_report_tells_of_what_was_brought_before_it_advises() -> None:
    for template in TEMPLATES.values():
        own = [page.title for page in template.begin()]
        more = [str(title) for title, _blocks in template.brought]
        assert [page.title for page in template.begin(with_brought=True)] == [*own[:-1], *more, own[-1]]
