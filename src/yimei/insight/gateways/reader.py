"""Reads the served mart: read-only, no files, no network, with limits of time, memory and rows.

One database is open per version and process; each question has a cursor of its own. Answers are kept under
the version and the text of the question; the reader's rights are part of that text.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.store import Store

SECONDS = 10.0
MEMORY = "768MB"
MOST_ROWS = 200_000
KEPT = 2000

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": "2",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "max_temp_directory_size": "0KB",
    "lock_configuration": "true",
}


Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Rows:
    """What a question gave; `is_cut` when there was more than was asked for."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    is_cut: bool = False


_lock = threading.Lock()
_open: dict[Path, Any] = {}
_answers: OrderedDict[tuple[str, str, int], Rows] = OrderedDict()


def ask(path: Path, sql: str, *, seconds: float = SECONDS, limit: int = MOST_ROWS) -> Rows:
    """Run one query that our own code wrote; asked again of the same version, it is answered from memory."""
    key = (path.name, sql, limit)
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]
    found = run(path, sql, seconds=seconds, limit=limit)
    with _lock:
        _answers[key] = found
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return found


def run(path: Path, sql: str, *, seconds: float = SECONDS, limit: int = MOST_ROWS) -> Rows:
    """Run one query now; refused with a sentence when it takes too long or too much."""
    with _running(path, sql, seconds) as cursor:
        rows = cursor.fetchmany(limit + 1)
        columns = tuple(column[0] for column in cursor.description or ())
    return Rows(columns, rows[:limit], is_cut=len(rows) > limit)


def table(path: Path, sql: str, *, seconds: float = SECONDS) -> Any:
    """Run one query now and return its columns as an Arrow table, for much that is reckoned with at once."""
    with _running(path, sql, seconds) as cursor:
        return cursor.to_arrow_table()


@contextmanager
def _running(path: Path, sql: str, seconds: float) -> Iterator[Any]:
    """Execute a query within its limits of time and memory."""
    import duckdb

    cursor = _database(path).cursor()
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.start()
    try:
        cursor.execute(sql)
        yield cursor
    except duckdb.InterruptException:
        text = _("查询超过 %(seconds)d 秒，已停止。请缩小时间范围或减少分组。")
        raise RuleBroken(text % {"seconds": seconds}, code="too-slow") from None
    except duckdb.OutOfMemoryException:
        raise RuleBroken(_("查询需要的内存超过上限，已停止。请缩小范围。"), code="too-big") from None
    finally:
        timer.cancel()
        cursor.close()


def statements(path: Path, sql: str) -> Sequence[Any]:
    """Take a text apart as the database would read it."""
    cursor = _database(path).cursor()
    try:
        return list(cursor.extract_statements(sql))
    finally:
        cursor.close()


def _database(path: Path) -> Any:
    """Open a version, or the one that took its place since it was looked up."""
    return _newest_of(path, _opened)


def _newest_of(path: Path, read: Callable[[Path], Answer]) -> Answer:
    """Read a version; when its files went meanwhile, the one that took its place."""
    import duckdb

    try:
        return read(path)
    except duckdb.IOException:
        newest = Store(path.parent).served
        if newest in {None, path}:
            raise
        return read(newest)


def _opened(path: Path) -> Any:
    import duckdb

    file = path / "mart.duckdb"
    with _lock:
        if file not in _open:
            for old in [known for known in _open if known != file]:
                _open.pop(old)
            for key in [key for key in _answers if key[0] != path.name]:
                _answers.pop(key)
            _open[file] = duckdb.connect(str(file), read_only=True, config=CONFIG)
        return _open[file]


def forget() -> None:
    """Close what is open; for tests and for those who measure from cold."""
    with _lock:
        for database in _open.values():
            database.close()
        _open.clear()
        _answers.clear()


def beside_base(path: Path, read: Callable[[Any, Path], Answer]) -> Answer:
    """Read the served mart with the stored facts beside it; only our own code asks here.

    A version may go between two statements: then all is read again, of the one that took its place.
    """
    import duckdb

    def beside(version: Path) -> Answer:
        con = duckdb.connect(config={"memory_limit": MEMORY})
        try:
            con.execute(f"ATTACH '{version / 'mart.duckdb'}' AS served (READ_ONLY)")
            con.execute("USE served")
            return read(con, version / "base")
        finally:
            con.close()

    return _newest_of(path, beside)


def faults() -> type[Exception]:
    """What the database raises when a statement is wrong."""
    import duckdb

    return duckdb.Error
