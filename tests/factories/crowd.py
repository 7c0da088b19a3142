"""Many people at one moment: threads with connections of their own that all begin together.

The threads and their connections stay: on SQLite opening one reads the whole schema, for twenty milliseconds.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

from yimei.core.errors import Conflict

T = TypeVar("T")
MOST = 64
PATIENCE = 120
"""Seconds until somebody who did not come is no longer waited for."""

_threads = ThreadPoolExecutor(MOST)
_open: set[Any] = set()


def at_once(acts: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Do every act in a thread of its own; return what each gave back or what it raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | BaseException:
        mine: Any = connections[DEFAULT_DB_ALIAS]
        if mine not in _open:
            mine.inc_thread_sharing()  # closed by `disperse`
            _open.add(mine)
        start.wait(PATIENCE)
        try:
            return act()
        except BaseException as error:  # noqa: BLE001 - whatever happens is what the caller looks at
            return error

    return [running.result() for running in [_threads.submit(run, act) for act in acts]]


def ends_of(acts: Sequence[Callable[[], object]]) -> list[str]:
    """Do every act at once; return how each ended: won, conflict, or what else happened."""
    return [_end(done) for done in at_once(acts)]


def _end(done: object) -> str:
    if isinstance(done, Conflict):
        return "conflict"
    return repr(done) if isinstance(done, BaseException) else "won"


def disperse() -> None:
    """Let go of the database, before it is thrown away."""
    while _open:
        _open.pop().close()
