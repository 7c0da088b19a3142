"""Whoever runs the database server: what the program itself may not do."""

import os

import psycopg
from django.db import connection


def superuser() -> "psycopg.Connection[tuple[object, ...]]":
    """Return a connection to the test database of the throw-away PostgreSQL, above every right."""
    name = str(connection.settings_dict["NAME"])
    return psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"], dbname=name, autocommit=True)
