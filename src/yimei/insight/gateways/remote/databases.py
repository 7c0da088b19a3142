"""Reads a table or a query of MySQL or PostgreSQL: a read-only transaction, limits of time and rows."""

import csv
import io
import ipaddress
import ssl
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways.files.sheet import LARGEST_FILE
from yimei.insight.gateways.remote.hosts import address_of

SECONDS = 120
CONNECT_SECONDS = 8
MOST_ROWS = 1_000_000
PIECE = 5000
PORTS = {"postgres": 5432, "mysql": 3306}


@dataclass(frozen=True)
class Way:
    """How to get in; never shown again once it is sealed."""

    kind: str
    host: str
    port: int
    database: str
    user: str
    password: str


@dataclass(frozen=True)
class Fetched:
    """A table as CSV, and how far its column of growth has come."""

    data: bytes
    rows: int
    until: str


def fetch(
    way: Way,
    sql: str,
    *,
    column: str = "",
    since: str = "",
    allowed: Collection[str],
    seconds: int = SECONDS,
    most: int = MOST_ROWS,
) -> Fetched:
    """Return the rows of a query, from ``since`` on when it grows by a column; nothing can be written."""
    address = address_of(way.host, way.port, allowed)
    whole, said = _limited(way, sql, column=column, since=since, most=most)
    end = time.perf_counter() + seconds
    out = io.StringIO(newline="")
    write = csv.writer(out)
    count, until = 0, since
    try:
        with _cursor(way, address, seconds) as cursor:
            cursor.execute(whole, said)
            names = [str(one[0]) for one in cursor.description]
            write.writerow(names)
            place = names.index(column) if column in names else -1
            for rows in _pieces(cursor):
                write.writerows([_text(value) for value in row] for row in rows)
                count += len(rows)
                until = _text(rows[-1][place]) if place >= 0 else until
                if time.perf_counter() > end:
                    raise RuleBroken(_("取数超过时限，已停止。"), code="slow")
                if out.tell() > LARGEST_FILE:
                    raise RuleBroken(_("取到的表太大，请在查询里缩小范围。"), code="size")
    except _faults() as error:
        raise RuleBroken(_refusal(error, way), code="database") from None
    if column and place < 0:
        raise RuleBroken(_("查询结果里没有增量列「%(column)s」。") % {"column": column[:40]}, code="column")
    if not count:
        raise RuleBroken(_("没有新的行。"), code="nothing")
    return Fetched(out.getvalue().encode(), count, until)


def _limited(way: Way, sql: str, *, column: str, since: str, most: int) -> tuple[str, list[Any]]:
    """Put the query into one of ours; rows equal to the last seen come again and are known by their marks."""
    quote = '"' if way.kind == "postgres" else "`"
    name = f"{quote}{column.replace(quote, quote * 2)}{quote}".replace("%", "%%")
    inner = sql.strip().rstrip(";").replace("%", "%%")
    text, said = f"SELECT * FROM ({inner}\n) AS yimei_rows", []
    if column and since:
        text += f" WHERE {name} >= %s"
        said.append(since)
    elif column:
        text += f" WHERE {name} IS NOT NULL"
    if column:
        text += f" ORDER BY {name}"
    return f"{text} LIMIT %s", [*said, most]


@contextmanager
def _cursor(way: Way, address: str, seconds: int) -> Iterator[Any]:
    if way.kind == "postgres":
        import psycopg

        with psycopg.connect(
            host=way.host,
            hostaddr=address,
            port=way.port,
            dbname=way.database,
            user=way.user,
            password=way.password,
            connect_timeout=CONNECT_SECONDS,
            sslmode="prefer" if _is_inside(address) else "require",
            options=f"-c default_transaction_read_only=on -c statement_timeout={seconds * 1000}",
            application_name="yimei",
        ) as connection:
            connection.read_only = True
            with psycopg.ClientCursor(connection) as cursor:
                yield cursor
            connection.rollback()
        return
    import pymysql
    from pymysql.cursors import SSCursor

    mysql = pymysql.connect(
        host=address,
        port=way.port,
        database=way.database,
        user=way.user,
        password=way.password,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=seconds,
        charset="utf8mb4",
        local_infile=False,
        cursorclass=SSCursor,
        ssl=preferred(),
    )
    try:
        with mysql.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
            if not _is_inside(address) and not any(cipher for _name, cipher in cursor.fetchall()):
                raise RuleBroken(_("这台数据库不在内网，又不支持加密连接（TLS），不能取数。"), code="plain")
            cursor.fetchall()
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("START TRANSACTION READ ONLY")
            yield cursor
    finally:
        mysql.close()


def preferred() -> ssl.SSLContext:
    """Encrypt whenever the server can; who it is, is what the list of hosts says, not a certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_inside(address: str) -> bool:
    return not ipaddress.ip_address(address.split("%")[0]).is_global


def _pieces(cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    while rows := cursor.fetchmany(PIECE):
        yield rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)  # type: ignore[attr-defined]


def _faults() -> tuple[type[Exception], ...]:
    import psycopg
    import pymysql

    return (psycopg.Error, pymysql.MySQLError, OSError)


def _refusal(error: BaseException, way: Way) -> str:
    """Say what kind of fault it was; its text may hold names and values and is not repeated."""
    code = getattr(error, "sqlstate", None) or next(iter(_numbers(error.args)), "")
    if code in {"28P01", "28000", 1045, 1044}:
        return _("用户名或密码不对，或者没有权限。")
    if code in {"57014", 3024, 1969, 2013}:
        return _("查询超过时限，已停止。请缩小范围。")
    if code in {"25006", 1792}:
        return _("这条查询想写数据，已拒绝。")
    if code in {"42P01", "42703", "42S02", "42S22", 1146, 1054}:
        return _("数据库里没有这个表或列，请检查查询。")
    if not code or code in {2002, 2003, 2005}:
        return _("连不上「%(host)s」，请检查主机、端口和网络。") % {"host": way.host[:80]}
    return _("数据库拒绝了查询（%(code)s）。") % {"code": code}


def _numbers(args: Iterable[object]) -> Iterator[int]:
    return (one for one in args if isinstance(one, int))
