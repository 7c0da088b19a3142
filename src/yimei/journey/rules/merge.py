"""Two people wrote one plan: what each changed, field by field, so that neither loses a word."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[str, str]


class Change(enum.StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Row:
    """One group of fields that no longer reads as it did when the writer began."""

    group: str
    change: Change
    base: Values
    theirs: Values
    mine: Values


def three_way(
    groups: Mapping[str, Sequence[str]], *, base: Values, theirs: Values, mine: Values
) -> list[Row]:
    """Compare what was there, what somebody saved meanwhile and what was typed, group by group."""
    found = []
    for group, names in groups.items():
        was, now, typed = (_of(values, names) for values in (base, theirs, mine))
        if typed == now or (was == now == typed):
            continue
        change = Change.THEIRS if typed == was else Change.MINE if now == was else Change.BOTH
        found.append(Row(group, change, was, now, typed))
    return found


def take(
    groups: Mapping[str, Sequence[str]], chosen: Collection[str], *, theirs: Values, mine: Values
) -> dict[str, str]:
    """Return what I typed, with their words in the groups that are chosen."""
    names = [name for group in chosen for name in groups[group]]
    return dict(mine) | {name: theirs.get(name, "") for name in names}


def _of(values: Values, names: Sequence[str]) -> dict[str, str]:
    return {name: _plain(values.get(name, "")) for name in names}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
