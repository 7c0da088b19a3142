"""Figures in the SQL of other databases: loaded by real ones, read there, written by nobody."""

import os
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.desk.front import Front, at_time
from tests.factories.people import PatientFactory, StaffFactory
from tests.journey.clinic import TEN
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import mart, views
from yimei.insight.gateways import exchange
from yimei.insight.gateways.remote.databases import Way, fetch, preferred
from yimei.insight.gateways.remote.views import names as standing
from yimei.insight.gateways.remote.views import publish
from yimei.insight.models import Dashboard, PublishedPage
from yimei.insight.rules.exchange import Column, Table, coded
from yimei.insight.rules.exchange_sql import Dialect, safe, view
from yimei.outbox.models import Notification
from yimei.privacy.models import Export

WORDS = ["抖音", "x'); DROP TABLE visits; --", "back\\slash", "𠮷田 🙂"]
TABLE = Table(
    "visits",
    "到诊人次 'a'",
    [
        Column("procedure", "项目", *coded(WORDS)),
        Column("value", "到诊人次", [0.25, None, 0.5, 1e-7]),
        Column("people", "人数", [20, None, 40, 12], is_whole=True),
    ],
)
HIDDEN = Table(
    "hidden",
    "前两行没有数字",
    [
        Column("source", "来源", *coded(["a", "b", "c"])),
        Column("value", "值", [None, None, 0.5]),
        Column("people", "人数", [None, None, 12], is_whole=True),
    ],
)
"""As a page shows it whose first cells are too small."""
EMPTY = Table("none", "没有", [Column("source", "来源", [], {}), Column("value", "值", [])])
SAID = [
    ("抖音", 0.25, 20),
    ("x'); DROP TABLE visits; --", None, None),
    ("back＼slash", 0.5, 40),
    ("𠮷田 🙂", 1e-7, 12),
]
REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
"""No right to it, or no view that anything could be written into."""
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_a_dump_is_loaded_by_sqlite() -> None:
    server = sqlite3.connect(":memory:")
    server.executescript(exchange.sql(TABLE).decode())
    server.executescript(exchange.sql(EMPTY).decode())
    assert server.execute("SELECT by_procedure, value, people FROM visits").fetchall() == SAID
    assert server.execute("SELECT COUNT(*) FROM none").fetchone() == (0,)


def test_no_name_needs_quotes() -> None:
    assert [safe(word) for word in ("visits", "2nd", "a b;--", "项目")] == [
        "visits",
        "t_2nd",
        "a_b___",
        "t___",
    ]
    assert view(EMPTY, "none", Dialect.MYSQL)[0].endswith("AS t WHERE 1 = 0")


def test_a_real_postgres_shows_the_views_and_takes_no_word() -> None:
    """On a machine with PostgreSQL (scripts/postgres.py) against the server itself; else its refusal."""
    url = os.environ.get("DATABASE_OWNER_URL", NOWHERE)
    if url == NOWHERE:
        with pytest.raises(RuleBroken, match="之前的视图还在"):
            publish(url, "director_", {"director_visits": TABLE})
        with pytest.raises(RuleBroken, match="现在看不到"):
            standing(url)
        return
    publish(url, "director_", {"director_visits": TABLE, "director_none": EMPTY, "director_few": HIDDEN})
    with psycopg.connect(url) as server:
        few = server.execute("SELECT value, people FROM yimei_mart.director_few ORDER BY by_source")
        assert few.fetchall() == [(None, None), (None, None), (0.5, 12)]
    publish(url, "director_", {"director_visits": TABLE})
    publish(url, "own_1_", {"own_1_visits": TABLE})
    assert standing(url) == ["director_visits", "own_1_visits"]
    with psycopg.connect(url) as owner:
        number = "SELECT oid FROM pg_class WHERE relname = 'director_visits'"
        before = owner.execute(number).fetchone()
        publish(url, "director_", {"director_visits": replace(TABLE, columns=TABLE.columns[1:])})
        assert owner.execute(number).fetchone() != before, "other columns need another view"
        before = owner.execute(number).fetchone()
        publish(url, "director_", {"director_visits": replace(TABLE, columns=TABLE.columns[1:])})
        assert owner.execute(number).fetchone() == before, "newer figures leave rights to a view standing"
    publish(url, "director_", {"director_visits": TABLE})
    publish(url, "own_1_", {})
    assert standing(url) == ["director_visits"], "a page is withdrawn without its neighbours"
    with psycopg.connect(url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS public.yimei_secret (n integer)")
    with psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"]) as server:
        server.execute("SET ROLE yimei_mart_reader")
        found = server.execute(
            "SELECT by_procedure, value, people FROM yimei_mart.director_visits"
        ).fetchall()
        assert found == SAID
        names = server.execute("SELECT viewname FROM pg_views WHERE schemaname = 'yimei_mart'").fetchall()
        assert names == [("director_visits",)], "what the page no longer has is gone"
        for statement in (
            "DELETE FROM yimei_mart.director_visits",
            "DROP VIEW yimei_mart.director_visits",
            "SELECT * FROM public.yimei_secret",
        ):
            with pytest.raises(REFUSED), server.transaction():
                server.execute(statement)


def test_a_real_mysql_shows_the_views_over_tls_and_loads_the_dump() -> None:
    """Against the server of scripts/mariadb.py, where there is one; else its refusal."""
    url = os.environ.get("TEST_MYSQL_OWNER_URL", "mysql://nobody:x@127.0.0.1:1/nothing")
    parts = urlsplit(url)
    if parts.port == 1:
        with pytest.raises(RuleBroken, match="之前的视图还在"):
            publish(url, "director_", {"director_visits": TABLE})
        return
    publish(url, "director_", {"director_visits": TABLE, "director_none": EMPTY, "director_few": HIDDEN})
    publish(url, "director_", {"director_visits": TABLE})
    assert standing(url) == ["director_visits"]
    for user in ("reader", parts.username):
        way = {"user": user, "password": parts.password, "database": parts.path[1:]}
        with pymysql.connect(host="127.0.0.1", port=parts.port or 0, ssl=preferred(), **way) as server:
            cursor = server.cursor()
            cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
            assert cursor.fetchone()[1], "the line is encrypted"
            cursor.execute("SELECT by_procedure, value, people FROM director_visits")
            assert list(cursor.fetchall()) == SAID
            with pytest.raises(pymysql.MySQLError):
                cursor.execute("DELETE FROM director_visits")
            if user != "reader":
                for statement in exchange.sql(TABLE).decode().split(";\n"):
                    if statement.strip():
                        cursor.execute(statement)
                cursor.execute("SELECT by_procedure, value, people FROM visits")
                assert list(cursor.fetchall()) == SAID
                cursor.execute("SHOW FULL TABLES WHERE Table_type = 'VIEW'")
                assert [row[0] for row in cursor.fetchall()] == ["director_visits"]
    read = Way("mysql", "127.0.0.1", parts.port or 0, parts.path[1:], "reader", parts.password or "")
    assert fetch(read, "SELECT people FROM director_visits", allowed={"127.0.0.1"}).rows == 4


@pytest.mark.slow(reason="builds a mart and asks ten figures")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_only_who_may_export_puts_figures_there_and_the_ledger_knows(
    now: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent: dict[str, Table] = {}
    mart.build(now=now)
    director, nurse = StaffFactory(role="director"), StaffFactory(role="nurse")
    settings.VIEWS_URL = ""
    with pytest.raises(RuleBroken, match="YIMEI_VIEWS_URL"):
        views.publish("director", by=director, now=now)
    assert not Export.objects.exists(), "what did not leave is not in the ledger"
    monkeypatch.setattr(
        "yimei.insight.gateways.remote.views.publish", lambda url, prefix, all_: sent.update(all_)
    )
    with pytest.raises(NotFound):
        views.publish("director", by=nurse, now=now)
    with pytest.raises(RuleBroken, match="看板"):
        views.publish("nothing", by=director, now=now)
    call_command("mart", "views", page="quality", by=director.username)
    assert len(sent) == Export.objects.count() == 10
    assert "quality_complication_rate" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有这位员工"):
        call_command("mart", "views", page="quality", by="nobody")


@pytest.mark.slow(reason="builds a mart and asks figures through the screen")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_a_page_of_ones_own_is_published_shown_and_withdrawn_on_the_screen(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: dict[str, Table] = {}

    def put(url: str, prefix: str, tables: dict[str, Table]) -> None:
        for name in [name for name in there if name.startswith(prefix)]:
            del there[name]
        there.update(tables)

    monkeypatch.setattr("yimei.insight.gateways.remote.views.publish", put)
    monkeypatch.setattr("yimei.insight.gateways.remote.views.names", lambda url: sorted(there))
    front = Front()
    mart.build(now=TEN)
    desk, address = front.client(front.director, TEN), reverse("desk:insight-feeds")
    mine = Dashboard.objects.create(name="我的周会", owner=front.director, created_at=TEN)
    page = f"own:{mine.public_id}"
    with at_time(TEN):
        settings.VIEWS_URL = ""
        assert "YIMEI_VIEWS_URL" in desk.get(address).content.decode()
        settings.VIEWS_URL = "postgresql://writer:geheim@db.local/bi"
        shown = desk.get(address).content.decode()
        assert ("db.local/bi" in shown, "geheim" in shown) == (True, False)
        empty = desk.post(reverse("desk:insight-views"), {"page": page})
        assert (empty.status_code, "没有可以发布的数字" in empty.content.decode()) == (422, True)
        mine.tiles.create(position=0, title="到诊", question="m=visits&c=number&span=90")
        mine.tiles.create(position=1, title="到诊", question="m=visits&by1=month&c=line&span=365")
        assert desk.post(reverse("desk:insight-views"), {"page": page}).status_code == 302
        begins = f"own_{mine.public_id.hex[:12]}_"
        assert sorted(there) == [f"{begins}visits", f"{begins}visits_2"]
        assert f"{begins}visits_2" in desk.get(address).content.decode()
        other = front.client(front.staff("marketing", "市场"), TEN)
        assert other.post(reverse("desk:insight-views"), {"page": page}).status_code == 422
        taken = reverse("desk:insight-views-withdraw", args=[page])
        assert other.post(taken).status_code == 422
        assert len(there) == 2
        assert front.client(front.cashier, TEN).post(taken).status_code == 404
        assert desk.post(taken).status_code == 302
    assert not there
    said = Entry.objects.filter(action__startswith="insight.views.").values_list("action", flat=True)
    assert list(said) == ["insight.views.published", "insight.views.withdrawn"]


@pytest.mark.slow(reason="builds three marts and asks figures of each")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_what_stands_follows_the_mart_and_says_when_it_does_not(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: dict[str, Table] = {}
    writes: list[str] = []

    def put(url: str, prefix: str, tables: dict[str, Table]) -> None:
        if "down" in url:
            raise RuleBroken("数据库没有收下这些视图（OperationalError）。之前的视图还在。")
        writes.append(prefix)
        for name in [name for name in there if name.startswith(prefix)]:
            del there[name]
        there.update(tables)

    monkeypatch.setattr("yimei.insight.gateways.remote.views.publish", put)
    monkeypatch.setattr("yimei.insight.gateways.remote.views.names", lambda url: sorted(there))
    settings.VIEWS_URL = "postgresql://writer:geheim@db.local/bi"
    front, later = Front(), TEN + timedelta(minutes=10)
    address = reverse("desk:insight-feeds")
    mart.build(now=TEN)
    mine = Dashboard.objects.create(name="我的周会", owner=front.director, created_at=TEN)
    mine.tiles.create(position=0, title="新客", question="m=new_customers&c=number&span=90")
    page, name = f"own:{mine.public_id}", f"own_{mine.public_id.hex[:12]}_new_customers"
    views.publish(page, by=front.director, now=TEN)
    told, noted = there[name].rows, Export.objects.count()

    with at_time(later):
        mart.build(now=later)
        assert jobs.run_waiting() == 1
    assert (writes, Export.objects.count()) == ([writes[0]], noted), "nothing new is not written again"
    row = PublishedPage.objects.get()
    assert (row.refreshed_at, row.figures_at) == (later, later)

    for _one in range(12):
        PatientFactory(campus=front.director.campus, created_at=TEN - timedelta(days=3))
    now = later + timedelta(minutes=10)
    with at_time(now):
        mart.build(now=now)
        jobs.run_waiting()
    assert there[name].rows != told
    assert Export.objects.count() == noted + 1, "what left anew is a line of the ledger"

    settings.VIEWS_URL = "postgresql://writer:geheim@down.local/bi"
    PatientFactory(campus=front.director.campus, created_at=TEN - timedelta(days=3))
    now = later + timedelta(minutes=20)
    with at_time(now):
        mart.build(now=now)
        jobs.run_waiting()
        shown = front.client(front.director, now).get(address).content.decode()
        assert ("起没有更新" in shown, "OperationalError" in shown, "geheim" in shown) == (True, True, False)
        views.refresh(now=now + timedelta(minutes=10))
    row.refresh_from_db()
    assert row.refreshed_at == later + timedelta(minutes=10), "the time is that of the last success"
    assert Notification.objects.filter(staff=front.director, text__contains="没有更新").count() == 1
    assert Export.objects.count() == noted + 1, "what did not leave is not in the ledger"

    settings.VIEWS_URL = "postgresql://writer:geheim@db.local/bi"
    mine.delete()
    assert views.refresh(now=later + timedelta(hours=1)) == 0
    assert not there, "nobody answers for a page that is gone"
    with at_time(later + timedelta(hours=1)):
        desk = front.client(front.director, later + timedelta(hours=1))
        assert "视图已撤下" in desk.get(address).content.decode()
        assert desk.post(reverse("desk:insight-views-withdraw", args=[page])).status_code == 302
    assert not PublishedPage.objects.exists()
