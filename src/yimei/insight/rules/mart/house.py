"""What the house itself spent: its ledger of costs, day by day, and the part of it that is advertising.

The ledger is short and only grows, so that every build reads it whole. An entry of a span of days is spread
over them to the fen: the shares of its days add up to it, and a reversal takes back each of them.
"""

from collections.abc import Sequence

from yimei.insight.rules.mart.tables import HOUSE_KEY, KEPT_BACK, Column, Table, columns
from yimei.insight.rules.words import Words

COST = Table(
    "cost",
    Words("本院支出", "costs of the house"),
    Words("每笔支出每天一行", "one row per entry and day of its span"),
    "billing.Cost",
    columns(
        "billing.Cost",
        """
        row BIGINT 记录 | record | id, kept back
        campus INTEGER 院区 | campus
        account VARCHAR 收支类别 | account
        ad_channel VARCHAR 投放渠道 | channel of the ad | channel
        procedure INTEGER 项目 | procedure
        staff INTEGER 责任人 | owner
        origin VARCHAR 依据 | taken from | origin
        unit VARCHAR 单位 | unit
        day DATE 日期 | day | every day from starts_on to ends_on
        first_day DATE 期间起 | from | starts_on
        last_day DATE 期间止 | to | ends_on
        total DECIMAL(14,2) 整笔金额 | whole amount | amount; a reversal is negative
        amount DECIMAL(14,2) 当日金额 | amount of the day | amount, spread evenly over the span
        quantity DOUBLE 当日数量 | quantity of the day | quantity, spread evenly over the span
        """,
    ),
    HOUSE_KEY,
)
OF_SPEND = frozenset(
    {KEPT_BACK, "campus", "ad_channel", "staff", "origin", "day", "first_day", "last_day", "total", "amount"}
)
SPEND = Table(
    "spend",
    Words("本院广告花费", "advertising of the house"),
    Words("每笔广告支出每天一行", "one row per entry of advertising and day of its span"),
    "billing.Cost (advertising)",
    tuple(column for column in COST.columns if column.name in OF_SPEND),
    HOUSE_KEY,
)
HOUSE = (COST,)
"""What is stored; advertising is read from it."""


def served_columns(table: Table, spans: Sequence[Column]) -> tuple[Column, ...]:
    kept = [column for column in table.columns if column.name != KEPT_BACK]
    more = [Column("weekday", "INTEGER", Words("星期", "weekday"), "day, Monday is 1"), *spans]
    if table.has("procedure"):
        more += [
            Column("category", "VARCHAR", Words("项目类别", "category"), "procedure.category as of day"),
            Column("grade", "INTEGER", Words("手术级别", "grade"), "procedure.grade as of day"),
        ]
    return (*kept, *more)


def cost_sql(spans: Sequence[str]) -> str:
    """Return the query that spreads each stored entry over its days: whole fen, the last day what is left."""
    n, k = "(f.last_day - f.first_day + 1)", "(f.day - f.first_day + 1)"
    fen = "CAST(ABS(f.total) * 100 AS BIGINT)"
    share = f"(({fen} * {k}) // {n} - ({fen} * ({k} - 1)) // {n})"
    picks = [
        f"f.{name}" for name in ("campus", "account", "ad_channel", "procedure", "staff", "origin", "unit")
    ]
    picks += [
        "f.day",
        "f.first_day",
        "f.last_day",
        "f.total",
        f"CAST(SIGN(f.total) * {share} / 100 AS DECIMAL(14,2)) AS amount",
        f"f.quantity / {n} AS quantity",
        "CAST(ISODOW(f.day) AS INTEGER) AS weekday",
        *spans,
        "p.category",
        "p.grade",
    ]
    days = "CAST(UNNEST(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS DATE)"
    rows = f"(SELECT * EXCLUDE (day), {days} AS day FROM base.cost)"
    return (
        f"SELECT {', '.join(picks)} FROM {rows} AS f"
        " LEFT JOIN procedure AS p ON f.procedure = p.procedure"
        " AND f.day >= p.valid_from AND f.day < p.valid_to"
        " ORDER BY f.day, f.row"
    )


def spend_sql() -> str:
    names = ", ".join(column.name for column in SPEND.columns if column.name != KEPT_BACK)
    return (
        f"SELECT {names}, weekday, in_week, in_month, in_quarter, in_year FROM cost"
        " WHERE account = 'advertising' ORDER BY day, ad_channel, amount"
    )
