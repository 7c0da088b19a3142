"""What a file turns out to be: its heading and its rows, one after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

MOST_COLUMNS = 500
MOST_ROWS = 2_000_000
MOST_CELLS = 60_000_000
LONGEST_HEADING = 100
LARGEST_FILE = 400 * 1024 * 1024
LARGEST_OPENED = 1024 * 1024 * 1024
"""What a compressed file may grow to when it is opened."""
LARGEST_RATIO = 200
"""How many times its size; honest tables reach about fifty."""


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    SAV = "sav"
    RDS = "rds"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Sheet:
    """One table: rows come with the line on which they begin, and only once, as do the names of ``others``:
    sheets of the same workbook that hold something as well.
    """

    kind: Kind
    header: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[object]]]
    encoding: str = ""
    total: int | None = None
    name: str = ""
    others: Iterable[str] = ()


def refused(what: str, code: str = "file") -> RuleBroken:
    return RuleBroken(what, code=code)


def checked_header(cells: Sequence[object]) -> tuple[str, ...]:
    """Return the names of the columns, each once; refuse what is no heading."""
    names = [str("" if cell is None else cell).replace("\n", " ").strip(" \ufeff\u3000") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise refused(_("文件是空的：第一行应是列名。"), "empty")
    if len(names) > MOST_COLUMNS:
        words = {"found": len(names), "most": MOST_COLUMNS}
        raise refused(_("有 %(found)d 列，最多 %(most)d 列。请只保留要导入的列。") % words, "columns")
    if long := next((n for n, name in enumerate(names, 1) if len(name) > LONGEST_HEADING), 0):
        raise refused(_("第 %(place)d 列的列名太长，第一行应是列名。") % {"place": long}, "heading")
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name:
            continue
        if name in seen:
            words2 = {"name": name[:40], "first": seen[name], "second": place}
            said = _("列名「%(name)s」出现了两次（第 %(first)d 列和第 %(second)d 列），请改成不同的名字。")
            raise refused(said % words2, "duplicate")
        seen[name] = place
    return tuple(names)


def check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        said = _("有 %(rows)d 行，一次最多 %(most)d 行，请拆成几个文件。")
        raise refused(said % {"rows": rows, "most": MOST_ROWS}, "rows")
    if columns > MOST_COLUMNS:
        words = {"found": columns, "most": MOST_COLUMNS}
        raise refused(_("有 %(found)d 列，最多 %(most)d 列。请只保留要导入的列。") % words, "columns")
    if rows * columns > MOST_CELLS:
        raise refused(_("表格太大（超过六千万格），请拆成几个文件。"), "cells")
