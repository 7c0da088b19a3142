"""Long lists as sheets of Excel: their rows are written at once, without an object for each cell."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

AT_ONCE = 1000
LONGEST = 32_767
"""So many characters a cell may hold; Excel calls a file with more broken."""
ODD = re.compile(r"""[&<>\x00-\x1f\x7f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s$""")
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")


class ListSheet(Worksheet):  # type: ignore[misc]
    """A sheet of a few cells of its own, with a long list of texts below them."""

    dim_rowmax: int
    lines: Iterable[Sequence[str]] = ()
    first = 0

    def write_lines(self, first: int, lines: Sequence[Sequence[str]]) -> None:
        """Let the list begin in a row (from 0); a text that begins with = stays a text."""
        self.first, self.lines = first, lines
        if lines:
            self._check_dimensions(first + len(lines) - 1, max(map(len, lines)) - 1)

    def _write_rows(self) -> None:
        last, self.dim_rowmax = self.dim_rowmax, self.first - 1
        super()._write_rows()
        self.dim_rowmax = last
        names = [xl_col_to_name(place) for place in range(self.dim_colmax + 1)]
        lines, number = iter(self.lines), self.first
        while some := list(islice(lines, AT_ONCE)):
            self.fh.write("".join(_row(at, line, names) for at, line in enumerate(some, number + 1)))
            number += len(some)


def _row(number: int, line: Sequence[str], names: Sequence[str]) -> str:
    cells = "".join(
        [
            f'<c r="{name}{number}" t="inlineStr"><is>{_text(text)}</is></c>'
            for name, text in zip(names, line, strict=False)
            if text
        ]
    )
    return f'<row r="{number}">{cells}</row>'


def _text(text: str) -> str:
    if not ODD.search(text):
        return f"<t>{text[:LONGEST]}</t>"
    safe = text[:LONGEST].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = FORBIDDEN.sub(lambda odd: f"_x{ord(odd[0]):04X}_", safe)
    return f'<t xml:space="preserve">{safe}</t>'
