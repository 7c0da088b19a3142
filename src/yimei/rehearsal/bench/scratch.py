"""A database of its own for a benchmark; the hospital's is never opened."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend

from yimei.core.database.config import database_from_url
from yimei.vault.keys import forget_system_secrets


@contextmanager
def scratch_database() -> Iterator[None]:
    """Point every query of this thread at a temporary SQLite file with every table."""
    usual = connections[DEFAULT_DB_ALIAS]
    with tempfile.TemporaryDirectory(prefix="yimei-bench-") as folder:
        entry = database_from_url("", sqlite_path=Path(folder) / "bench.sqlite3")
        [settings] = connections.configure_settings({DEFAULT_DB_ALIAS: entry}).values()
        scratch = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
        connections[DEFAULT_DB_ALIAS] = scratch
        forget_system_secrets()
        try:
            call_command("migrate", run_syncdb=True, verbosity=0)
            yield
        finally:
            scratch.close()
            connections[DEFAULT_DB_ALIAS] = usual
            forget_system_secrets()
