"""One DATABASE_URL to Django's settings for the two engines the program knows."""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA mmap_size=134217728;"
    "PRAGMA cache_size=-20000;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA secure_delete=ON;"
    "PRAGMA recursive_triggers=ON;"
)
"""secure_delete: a destroyed key leaves no bytes; recursive_triggers: REPLACE meets the delete guard too."""


def database_from_url(url: str, *, sqlite_path: Path) -> dict[str, Any]:
    """Return one entry of DATABASES; an empty address means the embedded file."""
    if not url:
        return _sqlite(str(sqlite_path))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        return _sqlite(path[1:] if path.startswith("//") else path.removeprefix("/") or str(sqlite_path))
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(parts)
    raise ImproperlyConfigured(
        f"DATABASE_URL must start with postgres:// or sqlite://, not {parts.scheme}://"
    )


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "yimei.core.database.sqlite",
        "NAME": name,
        # Opening the file costs more than most requests ask of it; closing it last writes the whole log back.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
            # What was asked before is not read again by SQLite; a few pages ask more than its usual 128.
            "cached_statements": 512,
        },
        # A file, so that tests with threads meet the same locks as the hospital does.
        "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"yimei-test-{os.getpid()}.sqlite3")},
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL must name a database: postgres://user:password@host/name")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "yimei.core.database.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
