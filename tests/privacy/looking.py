"""Places that no search through bytes reads: the cache, columns of the mart, members of archives."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
from django.conf import settings
from django.core.cache import caches
from django.db import connection


def elsewhere() -> Iterator[tuple[str, str]]:
    """Yield each such place with all that it says."""
    for name in settings.CACHES:
        for key, value in getattr(caches[name], "_cache", {}).items():
            yield f"cache {name}", f"{key} {value.decode('utf-8', 'replace')}"
    for path in Path(settings.VAR_DIR).rglob("*"):
        if path.is_file():
            yield from ((path.name, text) for text in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".parquet":
        with duckdb.connect() as con:
            yield str(con.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            for (table,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall():
                yield str(con.execute(f'SELECT * FROM "{table}"').fetchall())
    elif path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.flag_bits & 1:
                    yield archive.read(member).decode("utf-8", "replace")


def forget_ledger_rows() -> None:
    """The backup is older than the erasure; only a database that never had the row can lack it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE privacy_erasure DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM privacy_erasure")
            cursor.execute("ALTER TABLE privacy_erasure ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'erasure_append_only_d'")
        trigger = cursor.fetchone()[0]
        cursor.execute("DROP TRIGGER erasure_append_only_d")
        cursor.execute("DELETE FROM privacy_erasure")
        cursor.execute(trigger)
