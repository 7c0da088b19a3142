"""Runs what somebody else wrote in a process of its own, within a bound of time, memory and answer.

The database counts only what it keeps itself against its limit of memory, and stops only between two of its
steps: a text of two billion letters is one step. A process can be given a bound and be ended at any moment.
Up to two wait for the next question, each for a minute; one that was ended has no effect on the server.
"""

import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.reader import CONFIG, Rows
from yimei.insight.gateways.store import Store

MEMORY = 2 * 1024**3
"""Bytes of data one process may hold; the database alone may use `reader.MEMORY` of them."""
MOST_LETTERS = 200_000
"""Letters of one answer: what people read, and what can be read through for names in a second."""
MOST_IDLE = 2
IDLE_SECONDS = 60
CPU_SECONDS = 60
"""Of one piece of work: what still runs when the server was killed ends by itself."""

INSIDE = Path(__file__).with_name("inside.py")
SIZE = struct.Struct(">Q")

_lock = threading.Lock()
_idle: list["_Process"] = []


class FaultError(Exception):
    """The statement is wrong, or failed on the rows; in the words of the database."""


class Question:
    """One question with all its statements; the time is for all of them together."""

    def __init__(self, process: "_Process") -> None:
        self.process = process

    def run(self, path: Path, sql: str, *, limit: int, letters: int = MOST_LETTERS) -> Rows:
        """Run one query on a version of the mart, or on the one that took its place."""
        kind, found = self._ask(path, sql, limit, letters)
        if kind == "gone" and (newest := Store(path.parent).served) not in {None, path}:
            assert newest
            kind, found = self._ask(newest, sql, limit, letters)
        return _rows(kind, found, limit)

    def settle(self, columns: Mapping[str, Sequence[Any]], sql: str, *, limit: int) -> Rows:
        """Work on with cells that may be told (``told``), away from the mart."""
        told = {name: list(values) for name, values in columns.items()}
        return _rows(*self.process.ask(told=told, sql=sql, limit=limit, letters=MOST_LETTERS), limit)

    def _ask(self, path: Path, sql: str, limit: int, letters: int) -> tuple[str, Any]:
        return self.process.ask(path=str(path / "mart.duckdb"), sql=sql, limit=limit, letters=letters)


@contextmanager
def question(*, seconds: float) -> Iterator[Question]:
    """Lend a process for one question; raises RuleBroken for too long, too much or too wide an answer."""
    process = _lent()
    timer = threading.Timer(seconds, process.end)
    timer.start()
    try:
        yield Question(process)
    except EOFError:
        if process.was_ended:
            text = _("查询超过 %(seconds)d 秒，已停止。请缩小时间范围或减少分组。")
            raise RuleBroken(text % {"seconds": seconds}, code="too-slow") from None
        raise RuleBroken(_("查询需要的内存超过上限，已停止。请缩小范围。"), code="too-big") from None
    finally:
        timer.cancel()
        _given_back(process)


def forget() -> None:
    """End the processes that wait; for tests."""
    with _lock:
        while _idle:
            process = _idle.pop()
            process.rest.cancel()
            process.end()


def _lent() -> "_Process":
    with _lock:
        while _idle:
            process = _idle.pop()
            process.rest.cancel()
            if process.is_alive:
                return process
            process.end()
    return _Process()


def _given_back(process: "_Process") -> None:
    with _lock:
        if process.is_alive and len(_idle) < MOST_IDLE:
            _idle.append(process)
            process.rest = threading.Timer(IDLE_SECONDS, _retire, [process])
            process.rest.daemon = True
            process.rest.start()
        else:
            process.end()


def _retire(process: "_Process") -> None:
    with _lock:
        if process in _idle:
            _idle.remove(process)
            process.end()


def _rows(kind: str, found: Any, limit: int) -> Rows:
    if kind == "rows":
        columns, rows = found
        return Rows(columns, rows[:limit], is_cut=len(rows) > limit)
    if kind == "wide":
        raise RuleBroken(
            _("答案里的文字太长（超过 %(most)d 字），请减少列或分组。") % {"most": MOST_LETTERS},
            code="too-wide",
        )
    if kind == "memory":
        raise RuleBroken(_("查询需要的内存超过上限，已停止。请缩小范围。"), code="too-big")
    raise FaultError(found)


class _Process:
    """A Python that knows the database and nothing of this program: no settings, no keys, no other files."""

    rest: threading.Timer
    """Ends it when it waited long enough for another question."""

    def __init__(self) -> None:
        self.was_ended = False
        command = [sys.executable, "-I", str(INSIDE), str(MEMORY), str(CPU_SECONDS)]
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=keep, cwd="/", start_new_session=True
        )

    @property
    def is_alive(self) -> bool:
        return not self.was_ended and self.process.poll() is None

    def end(self) -> None:
        self.was_ended = True
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def ask(self, **work: Any) -> tuple[str, Any]:
        """Send one piece of work and wait for its answer; EOFError when the process ended meanwhile."""
        into, out = self.process.stdin, self.process.stdout
        assert into
        assert out
        sent = pickle.dumps({**work, "config": CONFIG})
        try:
            into.write(SIZE.pack(len(sent)) + sent)
            into.flush()
        except BrokenPipeError:
            raise EOFError from None
        head = out.read(SIZE.size)
        body = out.read(SIZE.unpack(head)[0]) if len(head) == SIZE.size else b""
        if not body:
            raise EOFError
        kind, found = pickle.loads(body)
        return str(kind), found
