"""Moves of an editor before she saves: a block goes up, down or away; a page or a block comes."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import BlockKind
from yimei.insight.rules.reports.content import Block, Item, Page, Pages

FRESH = {
    BlockKind.NUMBERS: Block(BlockKind.NUMBERS, metrics=("visits",)),
    BlockKind.FINDINGS: Block(BlockKind.FINDINGS, metrics=("visits",)),
    BlockKind.FIGURE: Block(BlockKind.FIGURE, question="m=visits&by1=month&c=line", reach="12m"),
    BlockKind.ADVICE: Block(BlockKind.ADVICE, items=(Item("", ("visits",)),)),
    BlockKind.TEXT: Block(BlockKind.TEXT),
}


def apply(pages: Pages, move: str) -> Pages:
    """Return the pages after one move, as a button names it: its word, then where, with colons between."""
    word, *where = move.split(":")
    kind = BlockKind(where.pop()) if word == "add" and where and where[-1] in BlockKind.values else None
    try:
        places = [int(part) for part in where]
        return MOVES[word](pages, kind, *places)
    except (KeyError, ValueError, IndexError, TypeError):
        raise RuleBroken(_("没有这一步操作，请刷新后再试。"), code="move") from None


def _on_page(pages: Pages, place: int, change: Callable[[Page], Page]) -> Pages:
    return tuple(change(page) if at == place else page for at, page in enumerate(pages))


def _shift(pages: Pages, page: int, block: int, by: int) -> Pages:
    def moved(one: Page) -> Page:
        blocks = list(one.blocks)
        to = block + by
        if 0 <= to < len(blocks):
            blocks[block], blocks[to] = blocks[to], blocks[block]
        return replace(one, blocks=tuple(blocks))

    return _on_page(pages, page, moved)


def _drop(pages: Pages, _kind: BlockKind | None, page: int, block: int) -> Pages:
    return _on_page(
        pages, page, lambda one: replace(one, blocks=(*one.blocks[:block], *one.blocks[block + 1 :]))
    )


def _add(pages: Pages, kind: BlockKind | None, page: int) -> Pages:
    if kind is None:
        raise ValueError("no kind")
    return _on_page(pages, page, lambda one: replace(one, blocks=(*one.blocks, FRESH[kind])))


def _items(
    pages: Pages, page: int, block: int, change: Callable[[tuple[Item, ...]], tuple[Item, ...]]
) -> Pages:
    def changed(one: Page) -> Page:
        blocks = list(one.blocks)
        blocks[block] = replace(blocks[block], items=change(blocks[block].items))
        return replace(one, blocks=tuple(blocks))

    return _on_page(pages, page, changed)


MOVES: dict[str, Callable[..., Pages]] = {
    "up": lambda pages, _kind, page, block: _shift(pages, page, block, -1),
    "down": lambda pages, _kind, page, block: _shift(pages, page, block, 1),
    "drop": _drop,
    "add": _add,
    "page": lambda pages, _kind: (*pages, Page("", ())),
    "drop-page": lambda pages, _kind, page: (*pages[:page], *pages[page + 1 :]),
    "item": lambda pages, _kind, page, block: _items(
        pages, page, block, lambda items: (*items, Item("", ("visits",)))
    ),
    "drop-item": lambda pages, _kind, page, block, item: _items(
        pages, page, block, lambda items: (*items[:item], *items[item + 1 :])
    ),
}
