"""The gate of figures that leave as a file: read once more as a stranger would read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.privacy.rules.deidentify.release import points_at_somebody

LEAST = 10
"""Fewer people than this behind a figure: it must not leave."""


@dataclass(frozen=True)
class Figure:
    """One figure as it would be written: its words, and how many people stand behind it."""

    words: tuple[str, ...]
    people: int | None
    is_hidden: bool


def check_figures(
    figures: Sequence[Figure], total: Figure, *, is_personal: bool, least: int = LEAST
) -> dict[str, int]:
    """Refuse figures that point at somebody, and return what the ledger says of the others.

    Whoever drew them up has hidden what is small. This believes nobody: no figure of too few people, no
    single hidden figure that the total gives away, no identifier among the words.
    """
    rows = [*figures, total]
    check_words(word for row in rows for word in row.words)
    hidden = sum(row.is_hidden for row in figures)
    if is_personal:
        if any(not row.is_hidden and 0 < (row.people or 0) < least for row in rows):
            text = _("有数字不足 %(least)d 人，不能放行；请放宽条件或减少拆分。")
            raise RuleBroken(text % {"least": least}, code="small")
        if hidden == 1 and not total.is_hidden:
            raise RuleBroken(_("只有一个数字隐藏，用合计能减出它来，不能放行；请减少拆分。"), code="small")
    return {"figures": len(figures), "hidden": hidden + total.is_hidden, "least": least}


def check_words(words: Iterable[str]) -> None:
    """Refuse words that lead to one person."""
    for word in set(words):
        if points_at_somebody(word):
            raise RuleBroken(_("表头或分组里有可识别个人的内容，不能放行。"), code="identifier")
