"""Tables are fetched from links, databases and our own records: only allowed machines, only to read."""

import http.server
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.factories.people import StaffFactory
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import imports
from yimei.insight.actions import sources as actions
from yimei.insight.enums import ImportStatus, SourceType
from yimei.insight.gateways.remote import databases, hosts, web
from yimei.insight.models import AllowedHost, DataSource, ImportBatch
from yimei.insight.queries import cleaning
from yimei.insight.queries import imports as imported
from yimei.insight.queries import sources as queries
from yimei.insight.rules import sources as rules
from yimei.insight.rules.sources import check_query, clean_host
from yimei.people.models import Staff

CSV = "日期,类别,金额\n2024-03-05,收入,100\n2024-03-06,收入,200\n"


@pytest.fixture
def analyst() -> Staff:
    made: Staff = StaffFactory(role="analyst")
    return made


class Pages(http.server.BaseHTTPRequestHandler):
    """A table, a way round to it, a way to where nobody may go, and a way without end."""

    def do_GET(self) -> None:
        ways = {"/round": "/table.csv", "/out": "http://169.254.169.254/latest", "/loop": "/loop"}
        if self.path in ways:
            self.send_response(302)
            self.send_header("Location", ways[self.path])
            self.end_headers()
            return
        self.send_response(200 if self.path == "/table.csv" else 404)
        self.end_headers()
        self.wfile.write(CSV.encode())

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("host", "allowed", "why"),
    [
        ("evil.example", {"db.hospital.cn"}, "不在管理员允许"),
        ("localhost", {"localhost"}, "不能访问的地址"),
        ("127.0.0.1", {".0.0.1"}, "不能访问的地址"),
        ("169.254.169.254", {"169.254.169.254"}, "不能访问的地址"),
        ("::ffff:169.254.169.254", {"::ffff:169.254.169.254"}, "不能访问的地址"),
        ("0.0.0.0", {"0.0.0.0"}, "不能访问的地址"),
        ("10.0.0.8", {".0.0.8"}, "不能访问的地址"),
        ("nobody.invalid", {"nobody.invalid"}, "找不到主机"),
    ],
)
def test_no_way_leads_where_it_may_not(host: str, allowed: set[str], why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        hosts.address_of(host, 80, allowed)


def test_a_host_that_is_named_whole_may_lie_inside() -> None:
    assert hosts.address_of("10.0.0.8", 3306, {"10.0.0.8"}) == "10.0.0.8"
    assert hosts.address_of("127.0.0.1", 3306, {"127.0.0.1"}) == "127.0.0.1"
    assert clean_host(" DB.Hospital.cn. ") == "db.hospital.cn"
    for bad in ("http://x", "a b", ".cn", "", "a" * 130):
        with pytest.raises(RuleBroken):
            clean_host(bad)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "SELECT * INTO x FROM t",
        "SELECT * FROM t INTO OUTFILE '/tmp/x'",
        "COPY t TO '/tmp/x'",
        "SET x = 1",
        "SELECT (",
    ],
)
def test_only_one_reading_statement_is_taken(query: str) -> None:
    for kind in (SourceType.MYSQL, SourceType.POSTGRES):
        with pytest.raises(RuleBroken):
            check_query(query, kind)
        check_query("SELECT a, b FROM t WHERE c LIKE '50%'", kind)


def test_a_link_is_followed_only_where_each_step_may_go(site: str) -> None:
    allowed = {"127.0.0.1"}
    assert web.fetch(f"{site}/round", allowed=allowed) == CSV.encode()
    for path, why in (("/out", "https"), ("/loop", "转来转去"), ("/gone", "404")):
        with pytest.raises(RuleBroken, match=why):
            web.fetch(site + path, allowed=allowed)
    with pytest.raises(RuleBroken, match="不在管理员允许"):
        web.fetch(f"{site}/table.csv", allowed=frozenset())
    with pytest.raises(RuleBroken, match="用户名"):
        web.fetch(site.replace("http://", "http://a:b@"), allowed=allowed)


def connect(by: Staff, now: datetime, **said: Any) -> DataSource:
    said = {"name": "表", "kind": SourceType.SHEET, "template": "finance", "way": {}} | said
    return actions.connect(**said, by=by, now=now)


@pytest.mark.django_db
def test_a_published_table_becomes_an_import(analyst: Staff, now: datetime, site: str) -> None:
    source = connect(analyst, now, way={"url": f"{site}/table.csv"})
    actions.ask(source.public_id, by=analyst, now=now)
    with pytest.raises(RuleBroken, match="正在取数"):
        actions.ask(source.public_id, by=analyst, now=now)
    jobs.run_waiting()
    source.refresh_from_db(fields=["fault"])
    assert "不在管理员允许" in source.fault, "the analyst cannot let herself out"
    with pytest.raises(NotFound):
        actions.allow("127.0.0.1", by=analyst, now=now)
    actions.allow("127.0.0.1", by=StaffFactory(role="admin"), now=now)
    actions.ask(source.public_id, by=analyst, now=now)
    jobs.run_waiting()
    batch = ImportBatch.objects.get()
    assert (batch.source, batch.status, batch.rows_total) == (source, ImportStatus.RECEIVED, 2)
    with pytest.raises(NotFound):
        actions.ask(source.public_id, by=StaffFactory(role="director"), now=now)
    actions.close(source.public_id, by=analyst, now=now)
    assert DataSource.objects.select_related("vault_key").get().vault_key.is_destroyed
    with pytest.raises(NotFound):
        actions.ask(source.public_id, by=analyst, now=now)


@pytest.mark.django_db
def test_what_was_fetched_is_asked_for_from_there_on(
    analyst: Staff, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = {"host": "db", "database": "d", "user": "u", "password": "geheim", "table": "pay.bills"}
    source = connect(analyst, now, kind=SourceType.MYSQL, way=way, column="id")
    stored = bytes(DataSource.objects.values_list("way", flat=True).get().content)
    assert b"geheim" not in stored
    asked: list[str] = []

    def fetch(_way: databases.Way, sql: str, *, since: str, **_rest: Any) -> databases.Fetched:
        asked.append(since)
        return databases.Fetched(CSV.encode(), 2, "6")

    monkeypatch.setattr(databases, "fetch", fetch)
    batch = (
        actions.fetch(source.public_id, now=now)
        if actions.ask(source.public_id, by=analyst, now=now)
        else None
    )
    assert batch
    imports.check(batch.public_id, mapping=batch.mapping, by=analyst, now=now)
    imports.work(batch.public_id, now=now)
    imports.run(batch.public_id, by=analyst, now=now)
    imports.work(batch.public_id, now=now)
    assert queries.until(source) == "6"
    assert list(cleaning.quality(analyst)) == [("finance", "表")], "the score stands under its source"
    actions.fetch(source.public_id, now=now)
    imports.undo(batch.public_id, by=analyst, now=now)
    assert queries.until(source) == "", "what was undone is fetched again"
    assert asked == ["", "6"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("way", "why"),
    [
        ({"host": "db", "database": "d", "user": "u"}, "表名和查询填一个"),
        ({"host": "db", "database": "d", "user": "u", "table": "a; drop"}, "表名只能"),
        ({"database": "d", "user": "u", "table": "a"}, "主机"),
    ],
)
def test_a_source_that_could_never_be_fetched_is_refused(
    analyst: Staff, now: datetime, way: dict[str, str], why: str
) -> None:
    with pytest.raises(RuleBroken, match=why):
        connect(analyst, now, kind=SourceType.POSTGRES, way=way)
    assert not AllowedHost.objects.exists()


def test_a_real_postgres_is_read_and_cannot_be_written() -> None:
    """On a machine with PostgreSQL (scripts/postgres.py) against the server itself; else its refusal."""
    parts = urlsplit(os.environ.get("DATABASE_OWNER_URL", "postgresql://nobody@127.0.0.1:1/nothing"))
    way = databases.Way("postgres", "127.0.0.1", parts.port or 0, parts.path[1:], parts.username or "", "")
    allowed = {"127.0.0.1"}
    if parts.port == 1:
        with pytest.raises(RuleBroken, match="连不上"):
            databases.fetch(way, "SELECT 1", allowed=allowed)
        return
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as server:
        server.execute("CREATE SEQUENCE IF NOT EXISTS yimei_counter")
    some = "SELECT n AS id, '2024-03-0' || n AS day, NULL AS 空, '5%' AS share FROM generate_series(1, 5) n"
    found = databases.fetch(way, some, column="id", since="3", allowed=allowed)
    assert (found.rows, found.until) == (3, "5")
    assert found.data.decode().splitlines()[:2] == ["id,day,空,share", "3,2024-03-03,,5%"]
    assert databases.fetch(way, some, allowed=allowed, most=2).rows == 2
    for sql, why in (
        ("SELECT * FROM nothing_here", "没有这个表"),
        ("SELECT pg_sleep(9)", "超过时限"),
        ("SELECT nextval('yimei_counter')", "想写数据"),
        ("SELECT 1 WHERE false", "没有新的行"),
    ):
        with pytest.raises(RuleBroken, match=why):
            databases.fetch(way, sql, allowed=allowed, seconds=1)
    with pytest.raises(RuleBroken, match=r"没有增量列|没有这个表或列"):
        databases.fetch(way, "SELECT 1 AS a", column="b", allowed=allowed)


def test_a_real_mysql_is_read_and_cannot_be_written() -> None:
    """Against a server named by TEST_MYSQL_URL, where there is one; else its refusal."""
    parts = urlsplit(os.environ.get("TEST_MYSQL_URL", "mysql://nobody:x@127.0.0.1:1/nothing"))
    way = databases.Way(
        "mysql", "127.0.0.1", parts.port or 0, parts.path[1:], parts.username or "", parts.password or ""
    )
    allowed = {"127.0.0.1"}
    if parts.port == 1:
        with pytest.raises(RuleBroken, match="连不上"):
            databases.fetch(way, "SELECT 1", allowed=allowed)
        return
    some = "SELECT 1 AS id, NULL AS `空`, '𠮷5%' AS share UNION SELECT 2, NULL, 'b'"
    found = databases.fetch(way, some, column="id", since="2", allowed=allowed)
    assert (found.rows, found.until) == (1, "2")
    assert "𠮷5%" in databases.fetch(way, some, allowed=allowed).data.decode()
    for sql, why in (("SELECT * FROM nothing_here", "没有这个表"), ("SELECT sleep(9)", "超过时限")):
        with pytest.raises(RuleBroken, match=why):
            databases.fetch(way, sql, allowed=allowed, seconds=1)


SHEET = "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz_0123456789"
PUBLISHED = "https://docs.google.com/spreadsheets/d/e/2PACX-1vQabcdefghijklmnopqrstuvw"


@pytest.mark.parametrize(
    ("pasted", "fetched"),
    [
        (f"{SHEET}/edit#gid=42", f"{SHEET}/export?format=csv&gid=42"),
        (f"{SHEET}/edit?usp=sharing", f"{SHEET}/export?format=csv&gid=0"),
        (f"{SHEET}/edit?gid=x%26y#gid=7", f"{SHEET}/export?format=csv&gid=7"),
        (f"{SHEET}/export?format=xlsx", f"{SHEET}/export?format=xlsx"),
        (f"{PUBLISHED}/pubhtml?gid=3", f"{PUBLISHED}/pub?gid=3&single=true&output=csv"),
        (f"{PUBLISHED}/pub?output=xlsx", f"{PUBLISHED}/pub?gid=0&single=true&output=xlsx"),
        ("https://docs.google.com.evil.cn/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz/edit",) * 2,
        ("https://files.hospital.cn/a.csv",) * 2,
    ],
)
def test_the_address_of_a_google_sheet_becomes_that_of_its_table(pasted: str, fetched: str) -> None:
    assert rules.clean_way(SourceType.SHEET, {"url": pasted}) == {"url": fetched}


@pytest.mark.django_db
def test_our_own_records_come_as_a_table_like_any_other(analyst: Staff, now: datetime) -> None:
    source = connect(analyst, now, kind=SourceType.OWN, template="operations")
    actions.ask(source.public_id, by=analyst, now=now)
    jobs.run_waiting()
    source.refresh_from_db(fields=["fault"])
    assert "没有数据行" in source.fault, "an empty house has nothing to give"
    assert imported.waiting_count(analyst) == 0
