"""Two tables over several facts: what winning customers cost and brought, and what is left of the receipts.

Spend and costs are those of the house's own ledger. What was brought in by the templates of imports counts
where the ledger is silent: not in a month in which it has that account, or that channel, at the same campus.
A month without any says nothing of cost, and is told apart from one that cost nothing. A month of which only
the spending is known, as before the house kept its records here, compares nothing either: it is in no ratio.
"""

from collections.abc import Mapping

from yimei.insight.rules.mart.derived import TIME_COLUMNS, spans_sql
from yimei.insight.rules.mart.tables import Column, Table
from yimei.insight.rules.words import Words

PLATFORMS = ("xiaohongshu", "meituan", "soyoung", "gengmei")
SAME = ("douyin", "wechat", "website", "phone", "walk_in", "referral", "partner", "event", "platform")
FIRST_SOURCES: Mapping[str, str] = {
    **{code: code for code in SAME},
    **dict.fromkeys(PLATFORMS, "platform"),
    "baidu": "website",
}
"""Where money was spent → the first source of whom it brings; a default of the house, others bring nobody."""
DIRECT = ("drug", "material", "device")
"""Costs of treating; the others are of keeping a house open."""


def _columns(text: str) -> tuple[Column, ...]:
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        head, english, lineage = (part.strip() for part in line.split("|"))
        name, kind, zh = head.split(None, 2)
        found.append(Column(name, kind, Words(zh, english), lineage))
    return tuple(found)


ACQUISITION = Table(
    "acquisition",
    Words("获客", "winning customers"),
    Words("每位客户一行，每笔广告花费每天一行", "one row per customer, and one per ad spend and day"),
    "customer, spend, brought_market",
    (
        *_columns(
            """
            campus INTEGER 院区 | campus | campus
            customer BIGINT 客户代号 | customer | customer.customer; none of a spend
            nth INTEGER 客户序号 | place of the customer | customer.nth; none of a spend
            source VARCHAR 首次来源 | first source | customer.source; of a spend its channel
            day DATE 日期 | day | first contact, or the day of the spend
            spend DECIMAL(14,2) 花费 | spend | spend.amount; brought_market.spend where there is none
            receipts DECIMAL(14,2) 累计实收 | receipts | customer.spent
            is_visited BOOLEAN 到过诊 | came | customer.visits
            is_buyer BOOLEAN 有成交 | bought | customer.purchases
            has_spend BOOLEAN 当月花费与客户都有 | month with spend and customers | any of both in the month
            """
        ),
        *TIME_COLUMNS,
    ),
)
PROFIT = Table(
    "profit",
    Words("收支", "receipts and costs"),
    Words("每笔收退款一行，每笔支出每天一行", "one row per payment or refund, and one per cost and day"),
    "payment, cost, brought_cost",
    (
        *_columns(
            """
            campus INTEGER 院区 | campus | campus
            customer BIGINT 客户代号 | customer | payment.customer; none of a cost
            nth INTEGER 客户序号 | place of the customer | payment.nth; none of a cost
            category VARCHAR 项目类别 | category | category of the procedure, where one is named
            account VARCHAR 收支类别 | account | cost.account; receipt
            day DATE 日期 | day | day
            receipt DECIMAL(14,2) 实收 | receipt | payment.amount
            cost DECIMAL(14,2) 支出 | cost | cost.amount; brought_cost.amount where there is none
            direct_cost DECIMAL(14,2) 直接成本 | direct cost | drugs, materials and devices
            has_costs BOOLEAN 当月收支都有 | month with receipts and costs | any of both in the month
            """
        ),
        *TIME_COLUMNS,
    ),
)
ACCOUNTS = (ACQUISITION, PROFIT)
UNSURE = frozenset(table.name for table in ACCOUNTS)
"""Money of a kind that no sample of customers stands for: their figures carry no interval."""


def acquisition_sql() -> str:
    cases = " ".join(f"WHEN '{code}' THEN '{source}'" for code, source in FIRST_SOURCES.items())
    rows = f"""
        SELECT campus, customer, nth, CAST(source AS VARCHAR) AS source, day,
               CAST(NULL AS DECIMAL(14,2)) AS spend,
               spent AS receipts, visits > 0 AS is_visited, purchases > 0 AS is_buyer
        FROM customer
        UNION ALL
        SELECT s.campus, NULL, NULL, CASE s.ad_channel {cases} END, s.day, s.amount, NULL, FALSE, FALSE
        FROM spend AS s JOIN {_told("spend", "ad_channel")} AS t
          ON s.campus = t.campus AND s.ad_channel = t.what AND s.in_month = t.in_month
        UNION ALL
        SELECT b.campus, NULL, NULL, CASE b.ad_channel {cases} END, b.day, b.spend, NULL, FALSE, FALSE
        FROM brought_market AS b WHERE b.kind = 'ad' AND b.spend IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM {_told("spend", "ad_channel")} AS t WHERE t.what = b.ad_channel
                        AND t.in_month = b.in_month AND (b.campus IS NULL OR t.campus = b.campus))"""
    return _of_months(rows, ("spend", "customer"), "has_spend", "source, spend")


def profit_sql() -> str:
    direct = ", ".join(f"'{account}'" for account in DIRECT)
    rows = f"""
        SELECT campus, customer, nth, CAST(category AS VARCHAR) AS category, 'receipt' AS account, day,
               amount AS receipt, CAST(NULL AS DECIMAL(14,2)) AS cost,
               CAST(NULL AS DECIMAL(14,2)) AS direct_cost
        FROM payment
        UNION ALL
        SELECT c.campus, NULL, NULL, CAST(c.category AS VARCHAR), c.account, c.day, NULL, c.amount,
               CASE WHEN c.account IN ({direct}) THEN c.amount ELSE 0 END
        FROM cost AS c JOIN {_told("cost", "account")} AS t
          ON c.campus = t.campus AND c.account = t.what AND c.in_month = t.in_month
        UNION ALL
        SELECT b.campus, NULL, NULL, CAST(b.category AS VARCHAR), b.account, b.day, NULL, b.amount,
               CASE WHEN b.account IN ({direct}) THEN b.amount ELSE 0 END
        FROM brought_cost AS b WHERE b.amount IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM {_told("cost", "account")} AS t WHERE t.what = b.account
                        AND t.in_month = b.in_month AND (b.campus IS NULL OR t.campus = b.campus))"""
    return _of_months(rows, ("cost", "receipt"), "has_costs", "account, receipt, cost")


def _told(table: str, what: str) -> str:
    """The months in which the ledger says something that was not taken back."""
    return (
        f"(SELECT campus, {what} AS what, in_month FROM {table} GROUP BY campus, {what}, in_month"
        " HAVING SUM(amount) <> 0)"
    )


def _of_months(rows: str, told: tuple[str, ...], name: str, order: str) -> str:
    """Mark the rows of months in which each of these columns says something."""
    month = "OVER (PARTITION BY DATE_TRUNC('month', day))"
    has = " AND ".join(f"COALESCE(COUNT({column}) {month} > 0, FALSE)" for column in told)
    return (
        f"SELECT t.*, {has} AS {name}, {', '.join(spans_sql('day'))} FROM ({rows}) AS t"
        f" ORDER BY day, customer NULLS LAST, {order}"
    )
