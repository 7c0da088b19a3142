"""On PostgreSQL the program's role is tried for real; on SQLite there is none to try."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from tests.factories.audit import EntryFactory
from yimei.core.database.roles import grant_application_role

ROLE = "yimei_probe_app"

pytestmark = pytest.mark.django_db


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Act as a role that this connection's owner made; making a role is not yet belonging to it."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


def _refused(sql: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_programs_role_writes_rows_and_nothing_more() -> None:
    if connection.vendor == "sqlite":
        with pytest.raises(ImproperlyConfigured, match="PostgreSQL"):
            grant_application_role(connection, ROLE)
        return
    tables = grant_application_role(connection, ROLE, password="p'w")
    assert grant_application_role(connection, ROLE) == tables
    with acting_as(ROLE):
        EntryFactory()
        for sql in (
            "UPDATE audit_entry SET reason = ''",
            "DELETE FROM audit_entry",
            "TRUNCATE audit_entry",
            "TRUNCATE core_job",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
            "DROP TABLE core_job",
            "CREATE TABLE mine (id int)",
            "DELETE FROM django_migrations",
        ):
            _refused(sql)
        connection.cursor().execute("DELETE FROM core_job")
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = to_regrole(current_user)")
        assert cursor.fetchone() == (0,)


def test_a_role_that_is_no_ordinary_one_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        grant_application_role(connection, 'x"; DROP TABLE y')
    with pytest.raises(ImproperlyConfigured):
        grant_application_role(connection, connection.settings_dict.get("USER") or "nobody")


def test_the_command_asks_for_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL") as refused:
        call_command("dbroles", stdout=StringIO())
    assert refused.value.returncode == 2
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner@127.0.0.1/elsewhere")
    with pytest.raises(CommandError, match="同一个数据库") as refused:
        call_command("dbroles", "--role", ROLE, stdout=StringIO())
    assert refused.value.returncode == 2
