"""A database of its own for a benchmark; the hospital's is never opened."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from yimei.core.database.config import database_from_url
from yimei.vault.keys import forget_system_secrets

ALIAS = "default"


@contextmanager
def scratch_database(*parts: str) -> Iterator[None]:
    """Point every query at a temporary SQLite file with the tables of these parts, then remove it."""
    with tempfile.TemporaryDirectory(prefix="yimei-bench-") as folder:
        entry = database_from_url("", sqlite_path=Path(folder) / "bench.sqlite3")
        usual = connections.settings[ALIAS]
        _use(connections.configure_settings({ALIAS: entry})[ALIAS])
        try:
            for part in parts:
                call_command("migrate", part, verbosity=0)
            yield
        finally:
            _use(usual)


def _use(entry: object) -> None:
    connections[ALIAS].close()
    del connections[ALIAS]
    connections.settings[ALIAS] = entry
    forget_system_secrets()
