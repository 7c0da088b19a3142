"""Puts views of figures into a database of the hospital's, where other programs read them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.remote.databases import CONNECT_SECONDS, PORTS, preferred
from yimei.insight.rules.exchange import Table
from yimei.insight.rules.exchange_sql import READER, SCHEMA, Dialect, view

SCHEMES = {"postgresql": Dialect.POSTGRES, "postgres": Dialect.POSTGRES, "mysql": Dialect.MYSQL}


def publish(url: str, prefix: str, tables: Mapping[str, Table]) -> None:
    """Make the views of one page, in the place of all that the page had before."""
    parts, dialect = _read(url)
    try:
        if dialect is Dialect.POSTGRES:
            _in_postgres(url, prefix, tables)
        else:
            _in_mysql(parts, prefix, tables)
    except _faults() as error:
        text = _("数据库没有收下这些视图（%(kind)s）。之前的视图还在。")
        raise RuleBroken(text % {"kind": type(error).__name__}, code="database") from None


def names(url: str) -> list[str]:
    """Return the names of all views that stand there."""
    parts, dialect = _read(url)
    try:
        if dialect is Dialect.POSTGRES:
            import psycopg

            sql = "SELECT viewname FROM pg_views WHERE schemaname = %s ORDER BY viewname"
            with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, application_name="yimei") as server:
                return [name for (name,) in server.execute(sql, [SCHEMA]).fetchall()]
        server = _mysql(parts)
        try:
            with server.cursor() as cursor:
                cursor.execute(
                    "SELECT table_name FROM information_schema.views"
                    " WHERE table_schema = DATABASE() ORDER BY table_name"
                )
                return [name for (name,) in cursor.fetchall()]
        finally:
            server.close()
    except _faults() as error:
        text = _("现在看不到数据库里有哪些视图（%(kind)s）。")
        raise RuleBroken(text % {"kind": type(error).__name__}, code="database") from None


def _read(url: str) -> tuple[Any, Dialect]:
    parts = urlsplit(url)
    dialect = SCHEMES.get(parts.scheme)
    if dialect is None or not parts.hostname or not parts.path.strip("/"):
        text = _("请在 YIMEI_VIEWS_URL 里写明数据库：postgresql:// 或 mysql:// 开头，带用户、主机和库名。")
        raise RuleBroken(text, code="url")
    return parts, dialect


def _in_postgres(url: str, prefix: str, tables: Mapping[str, Table]) -> None:
    import psycopg

    with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, application_name="yimei") as server:
        server.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        old = server.execute(
            "SELECT viewname FROM pg_views WHERE schemaname = %s AND starts_with(viewname, %s)",
            [SCHEMA, prefix],
        ).fetchall()
        for (name,) in old:
            if name not in tables:
                server.execute(f'DROP VIEW {SCHEMA}."{name}"')
        for name, table in tables.items():
            _put(server, name, table)
        with suppress(psycopg.errors.InsufficientPrivilege), server.transaction():
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READER]).fetchone():
                server.execute(f"CREATE ROLE {READER} NOLOGIN")
        if server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READER]).fetchone():
            server.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {READER}")
            server.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {READER}")


def _put(server: Any, name: str, table: Table) -> None:
    """Write over a view, so that rights given to it stay; make it anew where its columns are others."""
    import psycopg

    making, *telling = view(table, name, Dialect.POSTGRES)
    try:
        with server.transaction():
            server.execute(making)
    except psycopg.errors.InvalidTableDefinition:
        server.execute(f'DROP VIEW {SCHEMA}."{name}"')
        server.execute(making)
    for statement in telling:
        server.execute(statement)


def _mysql(parts: Any) -> Any:
    import pymysql

    return pymysql.connect(
        host=parts.hostname,
        port=parts.port or PORTS["mysql"],
        database=parts.path.strip("/"),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        connect_timeout=CONNECT_SECONDS,
        charset="utf8mb4",
        local_infile=False,
        ssl=preferred(),
    )


def _in_mysql(parts: Any, prefix: str, tables: Mapping[str, Table]) -> None:
    server = _mysql(parts)
    try:
        with server.cursor() as cursor:
            for name, table in tables.items():
                for statement in view(table, name, Dialect.MYSQL):
                    cursor.execute(statement)
            cursor.execute(
                "SELECT table_name FROM information_schema.views"
                " WHERE table_schema = DATABASE() AND LEFT(table_name, %s) = %s",
                [len(prefix), prefix],
            )
            for (name,) in cursor.fetchall():
                if name not in tables:
                    cursor.execute(f"DROP VIEW `{name}`")
    finally:
        server.close()


def _faults() -> tuple[type[Exception], ...]:
    import psycopg
    import pymysql

    return (psycopg.Error, pymysql.MySQLError, OSError)
