"""One fair line of writers in front of each SQLite file."""

import os
import threading
from collections import deque


class Line:
    """A lock that is handed over in the order of asking; the thread that has it may take it again."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[tuple[int, threading.Event]] = deque()
        self._owner: int | None = None
        self._depth = 0

    def acquire(self, timeout: float) -> bool:
        me = threading.get_ident()
        with self._mutex:
            if self._owner in (None, me):
                self._owner = me
                self._depth += 1
                return True
            turn = threading.Event()
            self._waiting.append((me, turn))
        if turn.wait(timeout):
            return True
        with self._mutex:
            if turn.is_set():
                return True
            self._waiting.remove((me, turn))
        return False

    def release(self) -> None:
        with self._mutex:
            self._depth -= 1
            if self._depth:
                return
            if self._waiting:
                self._owner, turn = self._waiting.popleft()
                self._depth = 1
                turn.set()
            else:
                self._owner = None


_lines: dict[str, Line] = {}
_mutex = threading.Lock()


def line_for(path: str) -> Line:
    with _mutex:
        return _lines.setdefault(os.path.realpath(path), Line())


def _start_afresh() -> None:
    """A forked child has none of its parent's threads, so nobody in it holds a place."""
    global _lines, _mutex
    _lines, _mutex = {}, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_afresh)
