"""A table of figures for other programs: columns with a short name, words in full, and labels for codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """One column: numbers, or codes from 1 with a label each; nothing where a figure is hidden."""

    name: str
    words: str
    values: Sequence[float | int | None]
    labels: Mapping[int, str] = field(default_factory=dict)
    is_whole: bool = False

    def said(self, value: float | int | None) -> str | float | int | None:
        """The value as a reader knows it: the label of a code, else the number."""
        return self.labels[int(value)] if self.labels and value is not None else value


@dataclass(frozen=True)
class Table:
    """One table with its title."""

    name: str
    words: str
    columns: Sequence[Column]

    @property
    def rows(self) -> list[list[str | float | int | None]]:
        sides = [[column.said(value) for value in column.values] for column in self.columns]
        return [list(row) for row in zip(*sides, strict=True)]


def coded(words: Sequence[str]) -> tuple[list[int], dict[int, str]]:
    """Number words in their order of first sight, from 1."""
    labels = {word: place for place, word in enumerate(dict.fromkeys(words), 1)}
    return [labels[word] for word in words], {place: word for word, place in labels.items()}
