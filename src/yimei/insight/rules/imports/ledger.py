# ruff: noqa: E501
"""The table in which somebody keeps the house's costs in Excel: one line is one entry of the ledger."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.rules.costs import Entry
from yimei.insight.rules.imports.rows import Value
from yimei.insight.rules.imports.templates import ACCOUNTS, SOURCES, Column, Kind, Template, coded
from yimei.insight.rules.words import Words

MOST_LINES = 5000
ORIGINS = (
    ("invoice", "发票", "invoice", "票据 收据"),
    ("payroll", "工资表", "payroll", "工资单 薪资表"),
    ("platform", "平台账单", "platform bill", "账单 消耗账单"),
    ("contract", "合同", "contract", "协议"),
    ("count", "盘点", "stock count", "领用单 出库单"),
    ("estimate", "估算", "estimate", "预估 分摊"),
)
UNITS = (
    ("hour", "小时", "hours", "工时 h"),
    ("day", "天", "days", "日"),
    ("piece", "件", "pieces", "个 支 盒 瓶 套"),
)


_CHANNELS = tuple(row for row in SOURCES if row[0] in AdChannel.values)
_SPENT = tuple(row for row in ACCOUNTS if row[0] in CostAccount.values)
LEDGER = Template(
    "cost",
    Words("支出登记", "Costs"),
    Words(
        "每笔支出一行；期间止可不填（当天）。广告要写投放渠道。工资按部门合计，不写个人。",
        "One row per amount; without a last day it is of one day. Advertising names its channel."
        " Wages are entered by department, not by person.",
    ),
    (
        Column("account", Kind.CODE, Words("类别", "Account"), is_needed=True, also=("科目", "类型", "费用类别"), codes=coded(_SPENT), example="广告"),
        Column("channel", Kind.CODE, Words("投放渠道", "Channel"), also=("渠道", "平台", "媒体"), codes=coded(_CHANNELS), example="抖音"),
        Column("starts_on", Kind.DAY, Words("期间起", "From"), is_needed=True, also=("日期", "开始日期", "起始日期", "费用日期", "发生日期"), example="2026-03-01"),
        Column("ends_on", Kind.DAY, Words("期间止", "To"), also=("结束日期", "截止日期"), example="2026-03-31"),
        Column("amount", Kind.MONEY, Words("金额", "Amount"), is_needed=True, also=("支出金额", "花费", "费用", "消耗", "含税金额"), low=Decimal("0.01"), high=Decimal(100_000_000), example="2600.00"),
        Column("origin", Kind.CODE, Words("依据", "Taken from"), also=("凭证类型", "来源"), codes=coded(ORIGINS), example="平台账单"),
        Column("reference", Kind.TEXT, Words("单据号", "Document"), also=("凭证号", "发票号", "单号"), example="DY-2026-03"),
        Column("procedure", Kind.TEXT, Words("项目", "Procedure"), also=("项目名称", "治疗项目"), example="双眼皮"),
        Column("quantity", Kind.NUMBER, Words("数量", "Quantity"), also=("工时", "数目"), low=Decimal("0.01"), high=Decimal(1_000_000)),
        Column("unit", Kind.CODE, Words("单位", "Unit"), codes=coded(UNITS)),
        Column("owner", Kind.TEXT, Words("责任人", "Owner"), also=("负责人", "经办人")),
        Column("campus", Kind.TEXT, Words("院区", "Campus"), also=("门店", "分院")),
    ),
)  # fmt: skip


def entry_of(
    said: Mapping[str, Value], *, procedure: int | None, owner: int | None, campus: int | None
) -> Entry:
    """A judged line as an entry; what is not said of its source is an estimate."""
    starts_on = date.fromisoformat(str(said["starts_on"]))
    channel, unit, quantity = said["channel"], said["unit"], said["quantity"]
    return Entry(
        account=CostAccount(str(said["account"])),
        starts_on=starts_on,
        ends_on=date.fromisoformat(str(said["ends_on"])) if said["ends_on"] else starts_on,
        amount=Decimal(str(said["amount"])),
        origin=CostOrigin(str(said["origin"])) if said["origin"] else CostOrigin.ESTIMATE,
        channel=AdChannel(str(channel)) if channel else None,
        procedure=procedure,
        quantity=None if quantity is None else Decimal(str(quantity)).quantize(Decimal("0.01")),
        unit=CostUnit(str(unit)) if unit else None,
        reference=str(said["reference"] or ""),
        campus=campus,
        owner=owner,
    )
