"""The SQL page: the mart and nothing else; every way out that we know is tried."""

import resource
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.factories.marts import with_mart
from tests.factories.people import PatientFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import mart
from yimei.insight.actions import sql as actions
from yimei.insight.gateways import apart, reader
from yimei.insight.queries import sql
from yimei.insight.rules.sql import limits
from yimei.people.models import Grant, Staff
from yimei.privacy.models import Export

NOON = datetime.fromisoformat("2026-06-16T12:00:00+08:00")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_mart")]


@pytest.fixture
def analyst(now: datetime) -> Staff:
    def built() -> Staff:
        PatientFactory.create_batch(2)
        mart.build(now=now)
        return StaffFactory(role="analyst")

    found = with_mart(built, __name__, now)
    assert found.role.scopes
    return found


def test_a_question_is_answered(analyst: Staff) -> None:
    found = sql.run("SELECT COUNT(*) AS n -- all\nFROM campus WHERE is_current;", by=analyst, now=NOON)
    assert (found.rows.columns, found.about_people, found.rows.is_cut) == (("n",), False, False)


@pytest.mark.slow(reason="makes a mart")
def test_of_too_few_people_nothing_is_said_and_the_asking_is_kept(analyst: Staff) -> None:
    with pytest.raises(RuleBroken, match="不少于 10 人"):
        actions.ask("SELECT COUNT(*) AS n FROM customer", by=analyst, now=NOON)
    assert Entry.objects.get(action="insight.sql.refused").detail["code"] == "small"
    assert not Export.objects.exists()


@pytest.mark.slow(reason="makes a mart")
def test_an_answer_about_people_is_a_line_of_the_ledger(analyst: Staff) -> None:
    PatientFactory.create_batch(12)
    mart.build(now=NOON, full=True)
    found = actions.ask("SELECT COUNT(*) AS n FROM customer", by=analyst, now=NOON)
    assert found.rows.rows[0][0] in range(12, 17)
    assert Export.objects.get().source == "sql"
    again = actions.ask("SELECT COUNT(1) AS m FROM customer WHERE 1 = 1", by=analyst, now=NOON)
    assert again.rows.rows == found.rows.rows


def test_nobody_asks_without_end(analyst: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_A_DAY", 2)
    actions.ask("SELECT 1", by=analyst, now=NOON)
    with pytest.raises(RuleBroken):
        actions.ask("SELECT COUNT(*) FROM customer", by=analyst, now=NOON)
    with pytest.raises(RuleBroken, match="最多运行 2 次"):
        actions.ask("SELECT 1", by=analyst, now=NOON)
    assert actions.ask("SELECT 1", by=analyst, now=NOON + timedelta(hours=25))


ESCAPES = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_parquet('{base}/customer.parquet')",
    "SELECT * FROM '{base}/customer.parquet'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_json('http://127.0.0.1:8000/')",
    "SELECT * FROM sqlite_scan('{var}/yimei.sqlite3', 'people_person')",
    "SELECT * FROM duckdb_databases()",
    "SELECT path FROM duckdb_databases ()",
    "SELECT current_setting('memory_limit')",
    "SELECT getenv('HOME')",
    "COPY customer TO '{var}/out.csv'",
    "COPY (SELECT 1) TO '{var}/out.csv'",
    "ATTACH '{var}/yimei.sqlite3'",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "PRAGMA database_list",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "DELETE FROM customer",
    "DROP TABLE customer",
    "EXPORT DATABASE '{var}/out'",
    "CALL pragma_version()",
    "SELECT 1; DROP TABLE customer",
    "SELECT 1) AS a; DROP TABLE customer; SELECT * FROM (SELECT 1",
    "SELECT row FROM customer",
    "SELECT name FROM staff",
    "",
    "SELEKT 1",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_there_is_no_way_out(text: str, analyst: Staff, own_mart: Path) -> None:
    current = mart.store().current
    assert current
    text = text.replace("{base}", str(current / "base")).replace("{var}", str(own_mart.parent))
    with pytest.raises(RuleBroken):
        sql.run(text, by=analyst, now=NOON)
    assert not list(own_mart.parent.glob("out*"))


def test_a_query_that_never_ends_is_stopped(analyst: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "SECONDS", 0.3)
    with pytest.raises(RuleBroken, match="已停止"):
        sql.run(
            "SELECT COUNT(*) FROM range(100000000000) AS a(x), range(1000) AS b(y) WHERE x * y = 7",
            by=analyst,
            now=NOON,
        )
    assert sql.run("SELECT 1 AS one", by=analyst, now=NOON).rows.rows == [(1,)]


GREEDY = {
    "too-big": [
        "SELECT list(x::VARCHAR || repeat('x', 100)) FROM range(100000000) AS a(x)",
        "SELECT repeat('a', 2000000000)",
    ],
    "too-wide": ["SELECT repeat('a', 20000000)", "SELECT repeat('a', 1000) FROM range(900)"],
}


@pytest.mark.slow(reason="fills the memory it is allowed")
@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in GREEDY.items() for text in texts])
def test_a_query_that_wants_all_memory_is_stopped_and_the_server_has_none_of_it(
    code: str, text: str, analyst: Staff
) -> None:
    sql.run("SELECT 1", by=analyst, now=NOON)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RuleBroken) as refusal:
        sql.run(text, by=analyst, now=NOON)
    assert refusal.value.code == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024, "KiB"
    assert sql.run("SELECT 1 AS one", by=analyst, now=NOON).rows.rows == [(1,)]


def test_one_step_that_lasts_is_stopped_as_well(analyst: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database looks at the clock only between two steps; its process is ended."""
    monkeypatch.setattr(sql, "SECONDS", 0.4)
    with pytest.raises(RuleBroken, match="已停止") as refusal:
        sql.run("SELECT levenshtein(repeat('a', 60000), repeat('b', 60000))", by=analyst, now=NOON)
    assert refusal.value.code == "too-slow"
    assert apart._idle == [], "it runs no further"


def test_a_process_that_went_away_is_no_loss(analyst: Staff) -> None:
    assert sql.run("SELECT 1 AS one", by=analyst, now=NOON).rows.rows == [(1,)]
    for process in apart._idle:
        process.process.kill()
        process.process.wait()
    assert sql.run("SELECT 2 AS two", by=analyst, now=NOON).rows.rows == [(2,)]


def test_its_process_knows_no_settings(analyst: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMEI_SECRET_KEY", "geheim")
    apart.forget()
    sql.run("SELECT 1", by=analyst, now=NOON)
    [process] = apart._idle
    assert b"YIMEI" not in Path(f"/proc/{process.process.pid}/environ").read_bytes()


def test_more_rows_than_a_page_holds_are_cut(analyst: Staff) -> None:
    found = sql.run("SELECT * FROM range(5000)", by=analyst, now=NOON)
    assert (len(found.rows.rows), found.rows.is_cut) == (sql.MOST_ROWS, True)


def test_only_an_analyst_of_the_whole_group_may_ask(analyst: Staff) -> None:
    with pytest.raises(NotFound):
        sql.run("SELECT 1", by=StaffFactory(role="director"), now=NOON)
    narrow = StaffFactory(role="analyst")
    Grant.objects.filter(role=narrow.role, permission="insight.sql").update(scope="campus")
    with pytest.raises(NotFound):
        sql.run("SELECT 1", by=Staff.objects.get(pk=narrow.pk), now=NOON)


def test_the_settings_are_locked(analyst: Staff) -> None:
    path = mart.store().current
    assert path
    with pytest.raises(reader.faults(), match="locked"):
        reader.run(path, "SET threads = 8")
