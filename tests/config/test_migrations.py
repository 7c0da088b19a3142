"""What migrations build is what the models say; an empty database may take its tables from the latter."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from tests.factories.database import superuser
from yimei.core.database.config import SQLITE_PRAGMAS

ROOT = Path(__file__).resolve().parents[2]
MIGRATED = "yimei_migrated"
POSTGRESQL = """
    SELECT 'column', table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION SELECT 'constraint', conrelid::regclass::text, conname, '', pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT 'index', tablename, indexname, '', indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'trigger', tgrelid::regclass::text, tgname, '', pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
"""

Seen = set[tuple[Any, ...]]


@pytest.mark.django_db
@pytest.mark.long(reason="runs every migration in a process of its own")
def test_migrations_build_what_the_models_say(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        from_models = seen(cursor)
    if connection.vendor == "sqlite":
        migrate({"YIMEI_VAR_DIR": str(tmp_path)})
        with sqlite3.connect(tmp_path / "yimei.sqlite3") as file:
            file.executescript(SQLITE_PRAGMAS)
            from_migrations = seen(file.cursor())
    else:
        with another_database() as addresses:
            migrate({"YIMEI_VAR_DIR": str(tmp_path), **addresses})
            with psycopg.connect(addresses["DATABASE_OWNER_URL"]) as server:
                from_migrations = seen(server.cursor())
    assert len(from_models) > 1000
    assert sorted(map(str, from_models ^ from_migrations)) == []


def seen(cursor: Any) -> Seen:
    """Return every column, index, constraint and trigger of our tables, in whatever order."""
    tables = {model._meta.db_table for model in apps.get_models() if model.__module__.startswith("yimei.")}
    if connection.vendor == "postgresql":
        cursor.execute(POSTGRESQL)
        rows = cursor.fetchall()
    else:
        cursor.execute("SELECT type, tbl_name, name, sql FROM sqlite_master WHERE type <> 'table'")
        rows = [*cursor.fetchall(), *(row for table in sorted(tables) for row in _columns(cursor, table))]
        cursor.execute("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'table'")
        rows += [("checks", table, *_checks(sql)) for table, sql in cursor.fetchall()]
    return {tuple(map(_words, row)) for row in rows if str(row[1]).strip('"') in tables}


def _words(value: object) -> object:
    """A trigger names its columns in the order in which the table got them."""
    return (
        " ".join(sorted(value.replace("(", " ").replace(")", " ").split()))
        if isinstance(value, str)
        else value
    )


def _columns(cursor: Any, table: str) -> Iterator[tuple[Any, ...]]:
    cursor.execute(f'PRAGMA table_info("{table}")')
    for _number, name, kind, is_required, default, is_key in cursor.fetchall():
        yield "column", table, name, kind, is_required, default, is_key


def _checks(sql: str) -> list[str]:
    """The named refusals inside a CREATE TABLE: a table that was remade says them in another order."""
    return sorted(part.split('"')[1] for part in sql.split("CONSTRAINT ")[1:])


def migrate(addresses: dict[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    environment = {**kept, "PYTHONPATH": str(ROOT / "src"), **addresses}
    command = [sys.executable, "-m", "yimei.config", "migrate", "--by-steps", "--verbosity=0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def another_database() -> Iterator[dict[str, str]]:
    """Yield the addresses of an empty database beside the one of the tests."""
    owner = os.environ["DATABASE_OWNER_URL"]
    with superuser() as server:
        server.execute(f"CREATE DATABASE {MIGRATED} OWNER {owner.split('//')[1].split('@')[0]}")
        try:
            names = ("DATABASE_URL", "DATABASE_OWNER_URL")
            yield {name: os.environ[name].rsplit("/", 1)[0] + f"/{MIGRATED}" for name in names}
        finally:
            server.execute(f"DROP DATABASE {MIGRATED} WITH (FORCE)")
