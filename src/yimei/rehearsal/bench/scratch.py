"""A database of its own for a benchmark: an empty one, or a copy; the hospital's is never written."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend
from django.utils.translation import gettext as _

from yimei.core.database.config import database_from_url
from yimei.core.errors import RuleBroken
from yimei.vault.keys import keys_of_another_house


@contextmanager
def scratch_database() -> Iterator[None]:
    """Point every query of this thread at a temporary SQLite file with every table."""
    with (
        tempfile.TemporaryDirectory(prefix="yimei-bench-") as folder,
        _pointed_at(Path(folder) / "bench.sqlite3"),
    ):
        call_command("migrate", run_syncdb=True, verbosity=0)
        yield


@contextmanager
def copied_database() -> Iterator[None]:
    """Point every query of this thread at a copy of the hospital's SQLite file, gone afterwards."""
    usual = connections[DEFAULT_DB_ALIAS]
    if usual.vendor != "sqlite":
        raise RuleBroken(_("这项测量只在 SQLite 彩排数据库的副本上进行。"))
    with tempfile.TemporaryDirectory(prefix="yimei-bench-") as folder:
        copy = Path(folder) / "copy.sqlite3"
        usual.ensure_connection()
        with closing(sqlite3.connect(copy)) as target:
            usual.connection.backup(target)
        with _pointed_at(copy):
            yield


@contextmanager
def _pointed_at(file: Path) -> Iterator[None]:
    usual = connections[DEFAULT_DB_ALIAS]
    entry = database_from_url("", sqlite_path=file)
    [settings] = connections.configure_settings({DEFAULT_DB_ALIAS: entry}).values()
    scratch = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = scratch
    try:
        with keys_of_another_house():
            yield
    finally:
        scratch.close()
        connections[DEFAULT_DB_ALIAS] = usual
