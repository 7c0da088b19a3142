"""What many tests begin with: built once a process by the program, then laid down row by row (ADR 0110).

Laid down only where the same building would give the same: on SQLite, inside the transaction of a test, where
nobody else wrote since the test began, with the settings of everybody and nothing patched. Else it is built.
"""

import pickle
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import time_machine
from django.conf import UserSettingsHolder, settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import get_language

Made = TypeVar("Made")
Rows = dict[int, tuple[Any, ...]]
DJANGOS_OWN = {"django_content_type", "auth_permission", "django_migrations"}


def kept(build: Callable[[], Made], *key: Hashable, at_once: bool = True) -> Made:
    """Return what `build` returns, with its rows and files in place; `key` says all that it depends on.

    What is built quickly and perhaps once only is not kept before it is built a second time (`at_once`).
    """
    if not _way.is_clear() or not _is_plain(key):
        return build()
    at = datetime.now(UTC) if time_machine.escape_hatch.is_travelling() else None
    place = (_way.at, at, get_language(), *key)
    if stretch := _stretches.get(place):
        with suppress(IntegrityError), transaction.atomic():
            stretch.lay()
            _way.go(_numbers[place])
            made: Made = pickle.loads(stretch.made)
            return made
    is_new = place not in _numbers
    before = _way.rows
    if before is None and (at_once or not is_new):
        before = _rows()
    made = build()
    if _way.is_same():
        number, after = _numbers.setdefault(place, len(_numbers) + 1), None
        if before is not None and (at_once or not is_new):
            after = _rows()
            stretch = Stretch(made=pickle.dumps(made))
            stretch.read(before, after)
            _stretches[place] = stretch
        _way.go(number, after)
    return made


def _is_plain(key: Hashable) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


class Kept(type):
    """A class whose objects are kept as they stand when just made: `class Clinic(metaclass=Kept)`."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        build = super().__call__
        return kept(lambda: build(*args, **kwargs), cls, args, frozenset(kwargs.items()))


class Way:
    """How far a test has come by kept stretches alone; whatever else writes ends it."""

    def __init__(self) -> None:
        self.at = 0
        self._test: Any = None
        self._settings: Any = None
        self._raw: Any = None
        self._changes = 0
        self.rows: dict[str, Rows] | None = None
        """What lies there now, as far as it was looked at."""

    def begin_all(self) -> None:
        """Know the settings that every test of this run has."""
        self._settings = settings._wrapped

    def begin(self, test: Any) -> None:
        """Stand at the beginning of a test, before its first fixture."""
        self.at, self._test, self.rows = 0, test, None
        self._raw = connection.connection
        self._changes = self._raw.total_changes if self._is_sqlite() and self._raw else 0

    def go(self, number: int, rows: dict[str, Rows] | None = None) -> None:
        self.at, self._raw, self.rows = number, connection.connection, rows
        self._changes = self._raw.total_changes

    def is_same(self) -> bool:
        """Whether the program runs as in every test, in a transaction that will be taken back."""
        return (
            self._is_sqlite() and connection.in_atomic_block and not self._is_set() and not self._is_patched()
        )

    def is_clear(self) -> bool:
        """Whether nothing but kept stretches was written in this test."""
        if not self.is_same():
            return False
        raw = connection.connection
        if raw is not self._raw:
            return self.at == 0 and raw.total_changes == 0
        return bool(raw.total_changes == self._changes)

    def _is_set(self) -> bool:
        """Whether this test has settings of its own, beside the folder in which no row lies."""
        holder: Any = settings._wrapped
        while holder is not self._settings and isinstance(holder, UserSettingsHolder):
            if set(vars(holder)) - {"default_settings", "_deleted", "VAR_DIR"} or holder._deleted:
                return True
            holder = holder.default_settings
        return holder is not self._settings

    def _is_patched(self) -> bool:
        patch = getattr(self._test, "funcargs", {}).get("monkeypatch")
        return bool(patch and (patch._setattr or patch._setitem))

    @staticmethod
    def _is_sqlite() -> bool:
        return connection.vendor == "sqlite"


@dataclass
class Stretch:
    """What one building added to the database and to the folder of files, as it lies there."""

    made: bytes
    statements: list[tuple[str, list[tuple[Any, ...]]]] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)

    def read(self, before: dict[str, Rows], after: dict[str, Rows]) -> None:
        """Take down the difference."""
        from yimei.vault.models import StoredFile

        for table, rows in after.items():
            old = before.get(table, {})
            if old == rows:
                continue
            columns = _columns(table)
            marks = ", ".join("?" for _column in ("rowid", *columns))
            self._note(f'DELETE FROM "{table}" WHERE rowid = ?', ((one,) for one in old if one not in rows))
            self._note(
                f'UPDATE "{table}" SET {", ".join(f"{column} = ?" for column in columns)} WHERE rowid = ?',
                ((*row, one) for one, row in rows.items() if one in old and old[one] != row),
            )
            self._note(
                f'INSERT INTO "{table}" ({", ".join(("rowid", *columns))}) VALUES ({marks})',
                ((one, *row) for one, row in rows.items() if one not in old),
            )
        known = before.get(StoredFile._meta.db_table, {})
        new = set(after[StoredFile._meta.db_table]) - set(known)
        self.files = {file.path: file.path.read_bytes() for file in StoredFile.objects.filter(pk__in=new)}

    def _note(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        if values := list(rows):
            self.statements.append((statement, values))

    def lay(self) -> None:
        with connection.wrap_database_errors:
            for statement, rows in self.statements:
                connection.connection.executemany(statement, rows)
        for path, content in self.files.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def _rows() -> dict[str, Rows]:
    """Every row of every table as SQLite holds it: a sign before a column keeps Python from reading it.

    What Django knows of its own models is never written by a test, and is a thousand rows.
    """
    execute = connection.connection.execute
    named = execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    found = {}
    for (table,) in named.fetchall():
        if table not in DJANGOS_OWN:
            values = ", ".join(f"+{column}" for column in ("rowid", *_columns(table)))
            found[table] = {row[0]: row[1:] for row in execute(f'SELECT {values} FROM "{table}"').fetchall()}
    return found


@cache
def _columns(table: str) -> list[str]:
    described = connection.connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return [f'"{name}"' for _place, name, *_rest in described]


_numbers: dict[Hashable, int] = {}
_stretches: dict[Hashable, Stretch] = {}
_way = Way()
begin, begin_all = _way.begin, _way.begin_all
