"""Under PostgreSQL one role owns the tables, another serves pages; DATABASE_OWNER_URL opens the first."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from yimei.core.database.config import database_from_url

SIGN_IN = ("USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def as_owner() -> Iterator[dict[str, str] | None]:
    """Be the owner of the database for a while; yields how the application signs in, if there are two."""
    url = os.environ.get("DATABASE_OWNER_URL", "")
    if not url or connection.vendor != "postgresql":
        yield None
        return
    owner, application = (_sign_in(address) for address in (url, settings.DATABASE_URL))
    before = {key: connection.settings_dict[key] for key in SIGN_IN}
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield application
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _sign_in(url: str) -> dict[str, str]:
    entry = database_from_url(url, sqlite_path=settings.VAR_DIR)
    return {key: entry[key] for key in SIGN_IN}
