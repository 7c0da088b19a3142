# ruff: noqa: E501
"""Facts that were brought as tables: which rows of an import become a row of which fact, and what is served.

A row keeps the number of its import (``batch``) as its source. Whom it speaks of is a keyed number; where that
is surely one customer of the house, readers see her pseudonym in its place, so that her rows belong together.
Words for campus and procedure are kept as they were written, and matched by name when the mart is published.
"""

from collections.abc import Mapping, Sequence

from yimei.insight.rules.mart.tables import BATCH_KEY, KEPT_BACK, Column, Table, columns
from yimei.insight.rules.words import Words

LINES = 100_000_000
"""More lines than a file can have; row = batch × this + line."""
PERSON = "person"
FILLED = "is_filled"
RECEIPTS = frozenset({"income", "refund"})

IDENTITY = Table(
    "identity",
    Words("识别代号", "keyed numbers"),
    Words("每位客户每种号码一行，不对外", "one row per customer and kind of number, never served"),
    "people.Person, people.Patient",
    columns(
        "people.Person",
        """
        row BIGINT 记录 | record | id, kept back
        customer BIGINT 客户代号 | customer
        person BIGINT 识别代号 | keyed number | phone, id_no, file_no, keyed
        day DATE 首次联系日 | first contact | created_at
        """,
    ),
)


def _brought(name: str, zh: str, en: str, grain: tuple[str, str], template: str, text: str) -> Table:
    keys = """
        row BIGINT 记录 | record | import and line, kept back
        batch INTEGER 导入批次 | import | the import that brought the row
        is_filled BOOLEAN 含补入的值 | has filled values | a gap filled by a stated method, chosen to count
        """
    found = columns(f"import {template}", keys + text)
    return Table(name, Words(zh, en), Words(*grain), f"insight.ImportBlock ({template})", found, BATCH_KEY)


BROUGHT: tuple[Table, ...] = (
    _brought(
        "brought_customer",
        "导入的客户",
        "customers brought in",
        ("每行导入的客户一行", "one row per row brought"),
        "patient",
        """
        person BIGINT 客户代号 | customer | id_no, phone or file_no, keyed; her pseudonym where she is known
        sex VARCHAR 性别 | sex
        birth_year INTEGER 出生年 | year of birth
        source VARCHAR 首次来源 | first source
        city VARCHAR 城市 | city
        day DATE 首次到店日 | first visit
        last_day DATE 最近到店日 | last visit
        visits INTEGER 到店次数 | visits
        amount DECIMAL(14,2) 累计消费 | spent
        tier VARCHAR 会员等级 | tier
        may_contact BOOLEAN 同意联系 | may be contacted
        age INTEGER 到店时年龄 | age at the first visit
        campus_name VARCHAR 院区（原文） | campus as written | campus
        """,
    ),
    _brought(
        "brought_receipt",
        "导入的收入与退款",
        "receipts brought in",
        ("每行导入的收入或退款一行", "one row per income or refund brought"),
        "finance",
        """
        person BIGINT 客户代号 | customer | phone or file_no, keyed; her pseudonym where she is known; else a number of the row
        day DATE 日期 | day
        campus_name VARCHAR 院区（原文） | campus as written | campus
        account VARCHAR 收支类别 | account
        procedure_name VARCHAR 项目（原文） | procedure as written | procedure
        amount DECIMAL(14,2) 金额 | amount
        quantity DOUBLE 数量 | quantity
        method VARCHAR 支付方式 | method
        """,
    ),
    _brought(
        "brought_cost",
        "导入的支出",
        "costs brought in",
        ("每行导入的支出一行", "one row per expense brought"),
        "finance",
        """
        day DATE 日期 | day
        campus_name VARCHAR 院区（原文） | campus as written | campus
        account VARCHAR 收支类别 | account
        procedure_name VARCHAR 项目（原文） | procedure as written | procedure
        amount DECIMAL(14,2) 金额 | amount
        quantity DOUBLE 数量 | quantity
        method VARCHAR 支付方式 | method
        """,
    ),
    _brought(
        "brought_day",
        "导入的运营日报",
        "operating days brought in",
        ("每行导入的日报一行", "one row per day and place brought"),
        "operations",
        """
        day DATE 日期 | day
        campus_name VARCHAR 院区（原文） | campus as written | campus
        department VARCHAR 科室 | department
        room_name VARCHAR 房间（原文） | room as written | room
        leads INTEGER 咨询数 | enquiries
        bookings INTEGER 预约数 | bookings
        visits INTEGER 到诊数 | visits
        no_shows INTEGER 爽约数 | no-shows
        cancels INTEGER 取消数 | cancellations
        operations INTEGER 手术台数 | operations
        open_minutes DOUBLE 开放分钟 | minutes open
        used_minutes DOUBLE 使用分钟 | minutes used
        wait_minutes DOUBLE 平均候诊分钟 | mean wait
        satisfaction DOUBLE 满意度 | satisfaction
        complaints INTEGER 投诉数 | complaints
        staff_count DOUBLE 在岗人数 | staff on duty | staff
        """,
    ),
    _brought(
        "brought_market",
        "导入的市场数据",
        "market figures brought in",
        ("每行导入的趋势、竞品或广告一行", "one row per trend, competitor or ad brought"),
        "market",
        """
        kind VARCHAR 类型 | kind
        day DATE 日期 | day
        ad_channel VARCHAR 投放渠道 | channel of the ad | channel
        campaign VARCHAR 广告计划 | campaign
        topic VARCHAR 项目或关键词 | topic
        city VARCHAR 城市 | city
        competitor VARCHAR 竞品机构 | competitor
        price DECIMAL(14,2) 竞品价格 | competitor's price
        trend_index DOUBLE 指数 | index | index
        spend DECIMAL(14,2) 花费 | spend
        views BIGINT 曝光 | views
        clicks BIGINT 点击 | clicks
        leads BIGINT 线索 | leads
        deals BIGINT 成交数 | deals
        campus_name VARCHAR 院区（原文） | campus as written | campus
        """,
    ),
)

RENAMED: Mapping[str, str] = {
    "campus_name": "campus",
    "procedure_name": "procedure",
    "room_name": "room",
    "staff_count": "staff",
    "ad_channel": "channel",
    "trend_index": "index",
}
"""Columns that bear another name here than in the template, where the same name means something else."""

ABOUT_PEOPLE = frozenset({"brought_customer", "brought_receipt"})


def facts_of(template: str) -> tuple[Table, ...]:
    return tuple(table for table in BROUGHT if table.source == f"insight.ImportBlock ({template})")


def fact_of(template: str, said: Mapping[str, object]) -> Table:
    """Return the fact to which one row belongs."""
    found = facts_of(template)
    if template == "finance":
        return found[0] if said.get("account") in RECEIPTS else found[1]
    return found[0]


def served_columns(table: Table, spans: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a fact that was brought, as readers see them."""
    own = [column for column in table.columns if column.name not in {KEPT_BACK, PERSON}]
    first = [
        Column(
            "campus",
            "INTEGER",
            Words("院区", "campus"),
            "campus by its name; the only one where there is one",
        )
    ]
    if table.has(PERSON):
        lineage = next(column.lineage for column in table.columns if column.name == PERSON)
        first.insert(0, Column("customer", "BIGINT", Words("客户代号", "customer"), lineage))
    more = [Column("weekday", "INTEGER", Words("星期", "weekday"), "day, Monday is 1"), *spans]
    if table.name == "brought_customer":
        more.append(
            Column(
                "age_band",
                "VARCHAR",
                Words("年龄段", "age"),
                "birth_year, or day and age, and the day of the mart",
            )
        )
    if table.has("procedure_name"):
        more += [
            Column("procedure", "INTEGER", Words("项目", "procedure"), "procedure by its name"),
            Column("category", "VARCHAR", Words("项目类别", "category"), "procedure.category as of day"),
            Column("grade", "INTEGER", Words("手术级别", "grade"), "procedure.grade as of day"),
        ]
    if table.name == "brought_receipt":
        more.append(Column("net", "DECIMAL(14,2)", Words("净额", "net"), "amount; a refund is negative"))
    return (*first, *own, *more)


def brought_sql(table: Table, as_of: str, bands: Sequence[tuple[int, str]], spans: Sequence[str]) -> str:
    """Return the query that makes the served table out of the stored one (`base`)."""
    joins, one = [], "(SELECT CASE WHEN COUNT(*) = 1 THEN MIN(campus) END FROM campus WHERE is_current)"
    picks = []
    if table.has(PERSON):
        picks.append(f"COALESCE(k.customer, f.{PERSON}, -1 - f.{KEPT_BACK}) AS customer")
        joins.append(
            "LEFT JOIN (SELECT person, MIN(customer) AS customer FROM base.identity GROUP BY person"
            " HAVING COUNT(DISTINCT customer) = 1) AS k ON f.person = k.person"
        )
    if table.has("campus_name"):
        picks.append(f"COALESCE(c.campus, {one}) AS campus")
        joins.append(
            "LEFT JOIN (SELECT name, MIN(campus) AS campus FROM campus WHERE is_current GROUP BY name) AS c"
            " ON f.campus_name = c.name"
        )
    else:
        picks.append(f"{one} AS campus")
    picks += [f"f.{column.name}" for column in table.columns if column.name not in {KEPT_BACK, PERSON}]
    picks += ["CAST(ISODOW(f.day) AS INTEGER) AS weekday", *spans]
    if table.name == "brought_customer":
        born = "COALESCE(f.birth_year, YEAR(f.day) - f.age)"
        age = f"(YEAR({as_of}) - {born})"
        cases = " ".join(f"WHEN {age} >= {low} THEN '{label}'" for low, label in sorted(bands, reverse=True))
        picks.append(f"CASE WHEN {born} IS NULL THEN NULL {cases} END AS age_band")
    if table.has("procedure_name"):
        picks += ["p.procedure", "p.category", "p.grade"]
        joins.append(
            "LEFT JOIN (SELECT name, MIN(procedure) AS procedure FROM procedure WHERE is_current GROUP BY name)"
            " AS n ON f.procedure_name = n.name LEFT JOIN procedure AS p ON p.procedure = n.procedure"
            " AND f.day >= p.valid_from AND f.day < p.valid_to"
        )
    if table.name == "brought_receipt":
        net = "CASE WHEN f.account = 'refund' THEN -ABS(f.amount) ELSE f.amount END"
        picks.append(f"CAST({net} AS DECIMAL(14,2)) AS net")
    return f"SELECT {', '.join(picks)} FROM base.{table.name} AS f {' '.join(joins)} ORDER BY f.day, f.row"
