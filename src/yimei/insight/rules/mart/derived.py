# ruff: noqa: E501
"""What is computed from the facts when the mart is published: wide tables that readers query, in one dialect.

Every fact gets its customer's attributes, and its procedure's and staff member's as they were on its day, so
that a question needs no join. What depends on today (overdue, visit numbers, unused room hours) stands here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from yimei.insight.rules.mart.brought import BROUGHT, served_columns
from yimei.insight.rules.mart.facts import FACTS
from yimei.insight.rules.mart.house import COST, SPEND
from yimei.insight.rules.mart.house import served_columns as house_columns
from yimei.insight.rules.mart.tables import KEPT_BACK, Column, Table
from yimei.insight.rules.small_cells import LEAST
from yimei.insight.rules.words import Words

OPEN_MINUTES = 540
"""Minutes a day for which an operating room counts as open, 09:00 to 18:00; a default of the house, unverified."""
WRITTEN = frozenset({("stock_use", "product")})
"""Columns whose words people write: what fewer than ten customers share could name one of them."""
AGE_BANDS = ((0, "<18"), (18, "18–24"), (25, "25–34"), (35, "35–44"), (45, "45–54"), (55, "≥55"))

SPANS = (
    ("in_week", "DATE", "周", "week", "the Monday of day"),
    ("in_month", "DATE", "月", "month", "the first of day's month"),
    ("in_quarter", "DATE", "季", "quarter", "the first of day's quarter"),
    ("in_year", "DATE", "年", "year", "the first of day's year"),
)
TIME_COLUMNS = tuple(Column(name, kind, Words(zh, en), lineage) for name, kind, zh, en, lineage in SPANS)
WIDE: tuple[Column, ...] = tuple(
    Column(name, kind, Words(zh, en), lineage)
    for name, kind, zh, en, lineage in (
        ("sex", "VARCHAR", "性别", "sex", "customer.sex"),
        ("source", "VARCHAR", "首次来源", "first source", "customer.source"),
        ("province", "VARCHAR", "省份", "province", "customer.province"),
        ("age_band", "VARCHAR", "年龄段", "age", "customer.birth_band and the year of day, about"),
        ("weekday", "INTEGER", "星期", "weekday", "day, Monday is 1"),
        *SPANS,
        ("nth", "INTEGER", "客户序号", "place of the customer", "customer, numbered anew in every version"),
        ("category", "VARCHAR", "项目类别", "category", "procedure.category as of day"),
        ("grade", "INTEGER", "手术级别", "grade", "procedure.grade as of day"),
        ("role", "VARCHAR", "岗位", "role", "staff.role as of day"),
    )
)

MORE: Mapping[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "booking": (
        ("visit_no", "BIGINT", "第几次到诊", "visit number", "ROW_NUMBER() OVER (PARTITION BY f.customer, f.is_arrived ORDER BY f.day, f.hour, f.row)"),
        ("since_days", "BIGINT", "距上次到诊天数", "days since the last visit", "CASE WHEN f.is_arrived THEN f.day - LAG(f.day) OVER (PARTITION BY f.customer, f.is_arrived ORDER BY f.day, f.hour, f.row) END"),
        ("next_days", "BIGINT", "到下次到诊天数", "days to the next visit", "CASE WHEN f.is_arrived THEN LEAD(f.day) OVER (PARTITION BY f.customer, f.is_arrived ORDER BY f.day, f.hour, f.row) - f.day END"),
        ("is_due", "BOOLEAN", "时间已到", "due", "f.day <= $as_of AND NOT f.is_cancelled"),
    ),
    "sale": (
        ("sale_no", "BIGINT", "第几次成交", "purchase number", "CASE WHEN f.is_counted THEN ROW_NUMBER() OVER (PARTITION BY f.customer, f.is_counted ORDER BY f.day, f.row) END"),
        ("since_days", "BIGINT", "距上次成交天数", "days since the last purchase", "CASE WHEN f.is_counted THEN f.day - LAG(f.day) OVER (PARTITION BY f.customer, f.is_counted ORDER BY f.day, f.row) END"),
        ("owing", "DECIMAL(14,2)", "欠款", "owing", "CASE WHEN f.status = 'cancelled' THEN 0 ELSE GREATEST(f.amount - f.paid, 0) END"),
    ),
    "surgery": (
        ("is_first_case", "BOOLEAN", "当日首台", "first of the day", "f.entered_minute IS NOT NULL AND ROW_NUMBER() OVER (PARTITION BY f.room, f.day ORDER BY f.entered_minute NULLS LAST, f.row) = 1"),
        ("turnover_minutes", "INTEGER", "接台分钟", "turnover", "CASE WHEN f.entered_minute IS NOT NULL THEN f.entered_minute - LAG(f.left_minute) OVER (PARTITION BY f.room, f.day ORDER BY f.entered_minute NULLS LAST, f.row) END"),
        ("again_days", "BIGINT", "到下次手术天数", "days to the next operation", "CASE WHEN f.is_done THEN LEAD(f.day) OVER (PARTITION BY f.customer, f.is_done ORDER BY f.day, f.row) - f.day END"),
    ),
    "lead": (
        ("is_visited", "BOOLEAN", "到过诊", "came", "EXISTS (SELECT 1 FROM base.booking AS b WHERE b.customer = f.customer AND b.is_arrived AND b.day >= f.day)"),
        ("is_buyer", "BOOLEAN", "有成交", "bought", "EXISTS (SELECT 1 FROM base.sale AS s WHERE s.customer = f.customer AND s.is_counted AND s.day >= f.day)"),
    ),
    "aftercare": (
        ("is_due", "BOOLEAN", "已到期", "due", "f.status <> 'cancelled' AND f.late_day < $as_of"),
        ("is_overdue", "BOOLEAN", "逾期未做", "overdue", "f.status = 'open' AND f.late_day < $as_of"),
    ),
}  # fmt: skip
"""Columns derived within a fact: name, kind, Chinese, English, expression."""

ROOM_DAY = Table(
    "room_day",
    Words("手术间日", "room days"),
    Words("每个手术间每个开放日一行", "one row per operating room and open day"),
    "surgery, room, hospital.CalendarDay",
    (
        Column("campus", "INTEGER", Words("院区", "campus"), "room.campus"),
        Column("room", "INTEGER", Words("手术间", "room"), "room"),
        Column(
            "day", "DATE", Words("日期", "day"), "every day but public holidays, from the first operation on"
        ),
        *TIME_COLUMNS,
        Column(
            "open_minutes",
            "INTEGER",
            Words("开放分钟", "minutes open"),
            f"{OPEN_MINUTES} a day, a default of the house",
        ),
        Column("used_minutes", "DOUBLE", Words("占用分钟", "minutes used"), "sum of surgery.room_minutes"),
        Column("cases", "BIGINT", Words("台次", "operations"), "count of surgery.is_done"),
    ),
)

BATCH = Table(
    "batch",
    Words("导入批次", "imports"),
    Words("每次导入一行", "one row per import"),
    "insight.ImportBatch",
    (
        Column("batch", "INTEGER", Words("批次", "import"), "id"),
        Column("name", "VARCHAR", Words("名称", "name"), "template, ran_at and id; never the file's name"),
        Column("template", "VARCHAR", Words("类型", "kind of table"), "template"),
        Column("taken_on", "DATE", Words("导入日", "taken in on"), "ran_at"),
        Column("rows_taken", "BIGINT", Words("入库行数", "rows taken in"), "ImportBlock.rows"),
    ),
)

CUSTOMER_WIDE: tuple[tuple[str, str, str, str, str], ...] = (
    *SPANS,
    ("nth", "INTEGER", "客户序号", "place of the customer", "customer, numbered anew in every version"),
    ("age_band", "VARCHAR", "年龄段", "age", "age_band"),
    ("visits", "BIGINT", "到诊次数", "visits", "booking"),
    ("first_visit", "DATE", "首次到诊日", "first visit", "booking"),
    ("last_visit", "DATE", "末次到诊日", "last visit", "booking"),
    ("purchases", "BIGINT", "成交次数", "purchases", "sale"),
    ("spent", "DECIMAL(14,2)", "累计实收", "spent", "payment"),
    (
        "quiet_days",
        "BIGINT",
        "距末次到诊天数",
        "days since the last visit",
        "last_visit and the day of the mart",
    ),
)


def wide(table: Table) -> tuple[Column, ...]:
    """The columns of a fact as readers see it."""
    joined = [
        column
        for column in WIDE
        if not table.has(column.name)
        and not (column.name in {"category", "grade"} and not table.has("procedure"))
        and not (column.name == "role" and not table.has("staff"))
    ]
    more = [
        Column(name, kind, Words(zh, en), expression)
        for name, kind, zh, en, expression in MORE.get(table.name, ())
    ]
    kept = [column for column in table.columns if column.name != KEPT_BACK]
    return (*kept, *joined, *more)


def spans_sql(day: str) -> list[str]:
    """The week, month, quarter and year of a day, each by its first day."""
    return [
        f"CAST(DATE_TRUNC('{name.removeprefix('in_')}', {day}) AS DATE) AS {name}" for name, *_rest in SPANS
    ]


def fact_sql(table: Table, as_of: str, words: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the query that makes the served table out of the stored one (`base`).

    ``words`` names, of columns with few values, the type under which the engine keeps them as numbers.
    """

    def typed(source: str, name: str) -> str:
        return f"CAST({source} AS {words[name]}) AS {name}" if name in words else f"{source} AS {name}"

    picks = [
        typed(known_words(table, column.name), column.name)
        for column in table.columns
        if column.name != KEPT_BACK
    ]
    picks += [typed(f"c.{name}", name) for name in ("sex", "source", "province") if not table.has(name)]
    picks.append(typed(age_sql("f.day"), "age_band"))
    picks += ["CAST(ISODOW(f.day) AS INTEGER) AS weekday", *spans_sql("f.day"), "c.nth"]
    joins = ["LEFT JOIN base.customer AS c ON f.customer = c.customer"]
    if table.has("procedure"):
        picks += [typed("p.category", "category"), "p.grade"]
        joins.append(_as_of("procedure", "p"))
    if table.has("staff"):
        picks.append(typed("s.role", "role"))
        joins.append(_as_of("staff", "s"))
    picks += [
        f"{expression.replace('$as_of', as_of)} AS {name}"
        for name, _kind, _zh, _en, expression in MORE.get(table.name, ())
    ]
    return f"SELECT {', '.join(picks)} FROM base.{table.name} AS f {' '.join(joins)} ORDER BY f.day, f.row"


def known_words(table: Table, name: str) -> str:
    """A column as it is served: words that somebody wrote only where enough customers share them."""
    if (table.name, name) not in WRITTEN:
        return f"f.{name}"
    known = f"SELECT {name} FROM base.{table.name} GROUP BY {name} HAVING COUNT(DISTINCT customer) >= {LEAST}"
    return f"CASE WHEN f.{name} IN ({known}) THEN f.{name} END"


def customer_sql(as_of: str) -> str:
    return f"""
        SELECT c.customer, c.campus, c.sex, c.birth_band, c.province, c.source, c.is_registered, c.day,
               {", ".join(spans_sql("c.day"))}, c.nth, {age_sql(as_of)} AS age_band, COALESCE(b.visits, 0) AS visits, b.first_visit, b.last_visit,
               COALESCE(s.purchases, 0) AS purchases, CAST(COALESCE(p.spent, 0) AS DECIMAL(14,2)) AS spent,
               {as_of} - b.last_visit AS quiet_days
        FROM base.customer AS c
        LEFT JOIN (SELECT customer, COUNT(*) AS visits, MIN(day) AS first_visit, MAX(day) AS last_visit
                   FROM base.booking WHERE is_arrived GROUP BY customer) AS b ON c.customer = b.customer
        LEFT JOIN (SELECT customer, COUNT(*) AS purchases FROM base.sale WHERE is_counted GROUP BY customer) AS s
               ON c.customer = s.customer
        LEFT JOIN (SELECT customer, SUM(amount) AS spent FROM base.payment GROUP BY customer) AS p
               ON c.customer = p.customer
        ORDER BY c.day, c.row"""


def room_day_sql(as_of: str) -> str:
    return f"""
        SELECT r.campus, r.room, d.day, {", ".join(spans_sql("d.day"))}, CAST({OPEN_MINUTES} AS INTEGER) AS open_minutes,
               COALESCE(u.used_minutes, 0) AS used_minutes, COALESCE(u.cases, 0) AS cases
        FROM (SELECT CAST(UNNEST(generate_series(
                  (SELECT MIN(day) FROM base.surgery WHERE is_done), {as_of}, INTERVAL 1 DAY)) AS DATE) AS day) AS d
        CROSS JOIN (SELECT room, campus FROM room WHERE is_current AND kind = 'or') AS r
        LEFT JOIN (SELECT room, day, SUM(room_minutes) AS used_minutes,
                          COUNT(*) FILTER (WHERE is_done) AS cases
                   FROM base.surgery GROUP BY room, day) AS u ON u.room = r.room AND u.day = d.day
        WHERE d.day NOT IN (SELECT day FROM holiday)
        ORDER BY d.day, r.room"""


def age_sql(day: str) -> str:
    """Bands of age from the five years of birth, by their middle."""
    age = f"(YEAR({day}) - c.birth_band - 2)"
    cases = " ".join(f"WHEN {age} >= {low} THEN '{label}'" for low, label in sorted(AGE_BANDS, reverse=True))
    return f"CASE WHEN c.birth_band IS NULL THEN NULL {cases} END"


def _as_of(dimension: str, alias: str) -> str:
    return (
        f"LEFT JOIN {dimension} AS {alias} ON f.{dimension} = {alias}.{dimension}"
        f" AND f.day >= {alias}.valid_from AND f.day < {alias}.valid_to"
    )


def served() -> tuple[Table, ...]:
    """Every table that readers query, as the dictionary prints it."""
    from yimei.insight.rules.mart.accounts import ACCOUNTS
    from yimei.insight.rules.mart.facts import CUSTOMER

    kept = [column for column in CUSTOMER.columns if column.name != KEPT_BACK]
    more = [Column(name, kind, Words(zh, en), lineage) for name, kind, zh, en, lineage in CUSTOMER_WIDE]
    customer = Table("customer", CUSTOMER.words, CUSTOMER.grain, CUSTOMER.source, (*kept, *more))
    facts = [Table(fact.name, fact.words, fact.grain, fact.source, wide(fact)) for fact in FACTS]
    brought = [
        Table(one.name, one.words, one.grain, one.source, served_columns(one, TIME_COLUMNS))
        for one in BROUGHT
    ]
    house = [
        Table(one.name, one.words, one.grain, one.source, house_columns(one, TIME_COLUMNS))
        for one in (COST, SPEND)
    ]
    return (customer, *facts, ROOM_DAY, *house, *brought, BATCH, *ACCOUNTS)
