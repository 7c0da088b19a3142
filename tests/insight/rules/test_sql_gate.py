# ruff: noqa: E501
"""Questions about people in SQL: cells of many, never rows; what an attacker would try is tried."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zlib import crc32

import duckdb
import pytest

from yimei.core.errors import RuleBroken
from yimei.insight.rules.sql.cells import Plan
from yimei.insight.rules.sql.reading import read
from yimei.insight.rules.sql.telling import Told, tell

TODAY = date(2026, 6, 1)
SCHEMA = {
    "customer": {"customer": "BIGINT", "nth": "INTEGER", "sex": "VARCHAR", "spent": "DOUBLE", "day": "DATE"},
    "visit": {
        "customer": "BIGINT",
        "day": "DATE",
        "kind": "VARCHAR",
        "minutes": "INTEGER",
        "procedure": "INTEGER",
    },
    "procedure": {"procedure": "INTEGER", "name": "VARCHAR", "is_current": "BOOLEAN"},
    "about": {"as_of": "DATE"},
}
PERSONAL = frozenset({"customer", "visit"})
TARGET = 7


@pytest.fixture(scope="module")
def house() -> Any:
    """Sixty customers, 47 women, three of no stated sex; one woman of 90,000; each came two or three times."""
    con = duckdb.connect()
    con.execute("CREATE TABLE customer (customer BIGINT, nth INTEGER, sex VARCHAR, spent DOUBLE, day DATE)")
    con.execute(
        "CREATE TABLE visit (customer BIGINT, day DATE, kind VARCHAR, minutes INTEGER, procedure INTEGER)"
    )
    con.execute("CREATE TABLE procedure AS SELECT 1 AS procedure, '双眼皮' AS name, TRUE AS is_current")
    con.execute("CREATE TABLE about AS SELECT DATE '2026-06-01' AS as_of")
    for n in range(60):
        sex = "female" if n < 47 else "male" if n < 57 else "unknown"
        spent = 90_000 if n == TARGET else 1000 + 100 * n
        con.execute("INSERT INTO customer VALUES (?, ?, ?, ?, ?)", [n, n, sex, spent, date(2026, 1, 1)])
        for k in range(2 + n % 2):
            row = [n, date(2026, 2, 1 + k), "first" if not k else "again", 30 + n % 5, 1]
            con.execute("INSERT INTO visit VALUES (?, ?, ?, ?, ?)", row)
    return con


def plan(text: str) -> Plan:
    return read(text, schema=SCHEMA, personal=PERSONAL, today=TODAY)


def ask(con: Any, text: str, chance: Callable[[str], float] = lambda _words: 0.0) -> Told:
    made = plan(text)
    typical = con.execute(made.typical).fetchone() if made.typical else ()
    return tell(con.execute(made.cells).fetchall(), made.keys, made.measures, typical, chance)


def by_words(words: str) -> float:
    """A chance that differs with its words, as that of the house does."""
    return (crc32(words.encode()) % 2001 - 1000) / 1000


def test_cells_of_many_people_are_told(house: Any) -> None:
    told = ask(
        house,
        "SELECT sex, COUNT(*) AS n, COUNT(DISTINCT customer) AS who FROM visit JOIN customer USING (customer) GROUP BY sex",
    )
    assert dict(zip(told.columns["d1"], told.columns["m2"], strict=True)) == {"female": 47, "male": 10}
    assert told.columns["m1"] == [117, 25] or told.columns["m1"] == [25, 117]


ATTACKS = [
    "SELECT * FROM customer",
    "SELECT customer, COUNT(*) FROM visit GROUP BY customer",
    "SELECT spent, COUNT(*) FROM customer WHERE customer = 7 GROUP BY spent",
    "SELECT COUNT(*) FROM customer WHERE nth BETWEEN 7 AND 7",
    "SELECT MAX(spent) FROM customer",
    "SELECT LIST(spent) FROM customer",
    "SELECT STRING_AGG(sex, ',') FROM customer",
    "SELECT ANY_VALUE(spent) FROM customer",
    "SELECT MEDIAN(spent) FROM customer",
    "SELECT ARG_MAX(sex, spent) FROM customer",
    "SELECT SUM(CASE WHEN sex = 'unknown' THEN spent ELSE 0 END) FROM customer",
    "SELECT SUM(spent * (sex = 'unknown')::INT) FROM customer",
    "SELECT SUM(spent * spent * spent) FROM customer",
    "SELECT AVG(w) FROM (SELECT customer, CASE WHEN sex = 'unknown' THEN spent END AS w FROM customer) AS t",
    "SELECT SUM(a + b) FROM (SELECT customer, COUNT(*) AS a, SUM(minutes) FILTER (WHERE kind = 'x') AS b FROM visit GROUP BY customer) AS t",
    "SELECT COUNT(*) FROM (SELECT sex FROM customer) AS t",
    "SELECT AVG(n) FROM (SELECT kind, COUNT(*) AS n FROM visit GROUP BY kind) AS t",
    "SELECT COUNT(*), SUM(c.spent) FROM visit AS v JOIN customer AS c ON v.day >= c.day",
    "SELECT COUNT(*) FROM customer AS a, customer AS b",
    "SELECT COUNT(*) FROM customer WHERE spent = (SELECT MAX(spent) FROM customer)",
    "SELECT COUNT(*) FROM customer WHERE customer IN (SELECT customer FROM visit)",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM customer WHERE spent > 5)",
    "SELECT COUNT(*) FROM procedure WHERE EXISTS (SELECT 1 FROM customer WHERE spent > 5)",
    "SELECT SUM(spent) OVER (ORDER BY day) FROM customer",
    "SELECT COUNT(*) FROM customer UNION ALL SELECT COUNT(*) FROM visit",
    "SELECT COUNT(*) FROM (SELECT * FROM customer ORDER BY spent DESC LIMIT 1) AS t",
    "SELECT sex, COUNT(*) FROM customer GROUP BY ROLLUP (sex)",
    "SELECT DISTINCT spent FROM customer",
    "SELECT COUNT(*) FROM customer WHERE error(sex)",
    "SELECT COUNT(*) FROM customer WHERE regexp_matches(getenv('HOME'), 'x')",
    "SELECT COUNT(*) FROM customer USING SAMPLE 1",
    "SELECT COUNT(*) FROM query_table('customer')",
    "SELECT COUNT(*) FROM query('SELECT * FROM customer')",
    "SELECT COUNT(*) FROM read_parquet('x.parquet')",
    "SELECT COUNT(*) FROM 'x.parquet'",
    "SELECT COUNT(*) FROM information_schema.tables",
    "SELECT COUNT(*) AS who__ FROM (SELECT customer, 1 AS who__ FROM visit) AS t",
    "FROM (SUMMARIZE customer)",
    "SUMMARIZE customer",
    "WITH RECURSIVE t AS (SELECT customer FROM visit) SELECT COUNT(*) FROM t",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_could_single_somebody_out_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        plan(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 9000 + "1" + ")" * 9000,
        "SELECT " + "a." * 5000 + "b",
        "SELECT COUNT(*) FROM customer WHERE " + "(" * 4000 + "TRUE" + ")" * 4000,
    ],
    ids=["brackets", "dots", "conditions"],
)
def test_what_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        read(text, schema=SCHEMA, personal=PERSONAL, today=TODAY)
    assert refusal.value.code == "syntax"


def test_groups_of_few_are_left_out_without_a_word(house: Any) -> None:
    told = ask(house, "SELECT sex, COUNT(*) FROM customer GROUP BY sex")
    assert "unknown" not in told.columns["d1"]
    assert told.hidden == 0


@pytest.mark.parametrize("spent", [80_000, 100_000])
def test_whether_one_person_is_such_is_not_told(house: Any, spent: int) -> None:
    """One woman spent more than 80,000, nobody more than 100,000: both answers are the same."""
    told = ask(
        house,
        f"SELECT COUNT(*) FILTER (WHERE spent > {spent}), SUM(spent) FILTER (WHERE spent > {spent}) FROM customer",
    )
    assert (told.columns, told.hidden) == ({"m1": [None], "m2": [None]}, 2)
    assert not any(ask(house, f"SELECT COUNT(*) FROM customer WHERE spent > {spent}").columns["m1"])


def test_a_number_of_one_within_many_is_not_told(house: Any) -> None:
    inner = "SELECT customer, SUM(minutes) FILTER (WHERE day = DATE '2026-02-03' AND minutes = 32) AS x FROM visit GROUP BY customer"
    told = ask(house, f"SELECT COUNT(*), SUM(x), AVG(x) FROM ({inner}) AS t")
    assert told.columns == {"m1": [60], "m2": [None], "m3": [None]}


def test_the_same_question_in_other_words_gets_the_same_number(house: Any) -> None:
    ways = [
        "SELECT COUNT(*) FROM customer WHERE sex = 'female'",
        "SELECT COUNT(1) AS other FROM customer AS c WHERE NOT c.sex <> 'female' AND 1 = 1",
        "SELECT COUNT(*) FILTER (WHERE sex = 'female') FROM customer",
        "SELECT COUNT(*) FROM customer JOIN procedure ON procedure.is_current WHERE sex = 'female'",
        "SELECT COUNT(*) FROM (SELECT customer, sex FROM customer) AS t WHERE sex = 'female'",
    ]
    marks = []
    for text in ways:
        heard: list[str] = []
        ask(house, text, lambda words, heard=heard: heard.append(words) or 0.0)  # type: ignore[misc]
        marks.append(heard[-1])
    assert len(set(marks)) == 1


def test_people_are_counted_with_the_same_chance_whatever_the_table(house: Any) -> None:
    heard: list[str] = []
    for table in ("customer", "visit"):
        ask(house, f"SELECT COUNT(DISTINCT customer) FROM {table}", lambda words: heard.append(words) or 0.0)  # type: ignore[func-returns-value]
    assert heard[0] == heard[1]


def test_the_difference_of_two_answers_does_not_tell_of_the_one_left_out(house: Any) -> None:
    """Whoever subtracts gets the chance of two cells: here it is far larger than any one sum but hers."""
    whole = "SELECT SUM(spent) FROM customer WHERE sex = 'female'"
    without = f"{whole} AND NOT spent = 1000"
    exact = ask(house, whole).columns["m1"][0] - ask(house, without).columns["m1"][0]
    assert exact == pytest.approx(1000)
    told = [ask(house, text, by_words).columns["m1"][0] for text in (whole, without)]
    assert abs((told[0] - told[1]) - exact) > 1000


def test_a_cast_that_fails_tells_nothing(house: Any) -> None:
    told = ask(
        house,
        "SELECT COUNT(*) FROM customer WHERE CAST(CASE WHEN spent = 90000 THEN 'x' ELSE '1' END AS INT) = 1",
    )
    assert told.columns["m1"] == [59]


def test_what_is_about_nobody_is_answered_as_it_stands() -> None:
    made = plan("SELECT name, COUNT(*) OVER () FROM procedure ORDER BY name LIMIT 3")
    assert not made.cells
    assert "procedure" in made.after


def test_a_mean_and_a_share_are_made_of_what_may_be_told(house: Any) -> None:
    made = plan(
        "WITH each AS (SELECT customer, COUNT(*) AS n FROM visit GROUP BY customer)"
        " SELECT c.sex, ROUND(AVG(e.n), 1) AS mean, 100.0 * COUNT(*) FILTER (WHERE e.n > 2) / COUNT(*) AS share"
        " FROM each AS e JOIN customer AS c ON e.customer = c.customer"
        " WHERE c.day < (SELECT as_of FROM about) GROUP BY 1 HAVING COUNT(*) > 20 ORDER BY share DESC LIMIT 5"
    )
    told = ask(house, "SELECT sex, AVG(spent) FROM customer GROUP BY ALL ORDER BY 2")
    assert told.columns["m1"][told.columns["d1"].index("male")] == pytest.approx(6150, rel=1e-4)
    assert made.after.startswith(
        'SELECT d1 AS "sex", ROUND(m1, 1) AS "mean", 100.0 * m2 / m3 AS "share" FROM told'
    )
    assert made.after.endswith('WHERE m3 > 20 ORDER BY "share" DESC NULLS LAST LIMIT 5')
