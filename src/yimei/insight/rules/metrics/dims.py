"""By what a figure may be split and narrowed: columns of the served facts, and spans of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from yimei.insight.rules.mart.accounts import UNSURE
from yimei.insight.rules.mart.derived import served
from yimei.insight.rules.mart.tables import Table
from yimei.insight.rules.words import Words

SPAN_COLUMNS = {
    "day": "day",
    "week": "in_week",
    "month": "in_month",
    "quarter": "in_quarter",
    "year": "in_year",
}
SPAN_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True)
class Dim:
    """One way to split: by a column, or by a span of the fact's day."""

    code: str
    words: Words
    column: str = ""
    span: str = ""
    few: int = 0
    """About how many values it has; none said means many."""

    @property
    def is_time(self) -> bool:
        return bool(self.span)

    def sql(self) -> str:
        return SPAN_COLUMNS[self.span] if self.span else self.column


DIMS: Mapping[str, Dim] = {
    dim.code: dim
    for dim in (
        Dim("day", Words("日", "Day"), span="day"),
        Dim("week", Words("周", "Week"), span="week"),
        Dim("month", Words("月", "Month"), span="month"),
        Dim("quarter", Words("季", "Quarter"), span="quarter"),
        Dim("year", Words("年", "Year"), span="year"),
        Dim("weekday", Words("星期", "Weekday"), "weekday", few=7),
        Dim("hour", Words("时刻", "Hour"), "hour", few=14),
        Dim("campus", Words("院区", "Campus"), "campus", few=10),
        Dim("procedure", Words("项目", "Procedure"), "procedure"),
        Dim("category", Words("项目类别", "Category"), "category", few=12),
        Dim("grade", Words("手术级别", "Grade"), "grade", few=6),
        Dim("staff", Words("人员", "Staff"), "staff"),
        Dim("surgeon", Words("主诊医师", "Surgeon"), "surgeon"),
        Dim("role", Words("岗位", "Role"), "role", few=20),
        Dim("room", Words("房间", "Room"), "room"),
        Dim("source", Words("首次来源", "First source"), "source", few=12),
        Dim("sex", Words("性别", "Sex"), "sex", few=3),
        Dim("age", Words("年龄段", "Age"), "age_band", few=7),
        Dim("province", Words("省份", "Province"), "province"),
        Dim("visit_kind", Words("接诊类型", "Visit kind"), "visit_kind", few=5),
        Dim("kind", Words("类别", "Kind"), "kind", few=8),
        Dim("status", Words("状态", "Status"), "status", few=8),
        Dim("stage", Words("阶段", "Stage"), "stage", few=14),
        Dim("old", Words("原阶段", "From stage"), "old", few=14),
        Dim("new", Words("新阶段", "To stage"), "new", few=14),
        Dim("loss_reason", Words("未成交原因", "Reason of loss"), "loss_reason", few=10),
        Dim("interest", Words("意向部位", "Interest"), "interest", few=12),
        Dim("loss", Words("流失原因", "Reason of loss"), "loss", few=10),
        Dim("outcome", Words("联系结果", "Outcome"), "outcome", few=8),
        Dim("product", Words("产品", "Product"), "product"),
        Dim("method", Words("支付方式", "Method"), "method", few=10),
        Dim("anaesthesia", Words("麻醉方式", "Anaesthesia"), "anaesthesia", few=5),
        Dim("complication", Words("并发症分级", "Complication"), "complication", few=8),
        Dim("message_class", Words("消息性质", "Message class"), "message_class", few=5),
        Dim("channel", Words("通道", "Channel"), "channel", few=6),
        Dim("template", Words("模板", "Template"), "template"),
        Dim("verdict", Words("发送决定", "Decision"), "verdict", few=4),
        Dim("reason", Words("未接待原因", "Reason"), "reason", few=8),
        Dim("filled", Words("含补入的值", "Has filled values"), "is_filled", few=2),
        Dim("batch", Words("导入批次", "Import"), "batch"),
        Dim("account", Words("收支类别", "Account"), "account"),
        Dim("procedure_name", Words("项目（原文）", "Procedure as written"), "procedure_name"),
        Dim("campus_name", Words("院区（原文）", "Campus as written"), "campus_name"),
        Dim("department", Words("科室", "Department"), "department"),
        Dim("room_name", Words("房间（原文）", "Room as written"), "room_name"),
        Dim("city", Words("城市", "City"), "city"),
        Dim("tier", Words("会员等级", "Tier"), "tier"),
        Dim("origin", Words("依据", "Taken from"), "origin", few=6),
        Dim("ad_channel", Words("投放渠道", "Channel of the ad"), "ad_channel"),
        Dim("campaign", Words("广告计划", "Campaign"), "campaign"),
        Dim("topic", Words("项目或关键词", "Topic"), "topic"),
        Dim("competitor", Words("竞品机构", "Competitor"), "competitor"),
    )
}

TABLES: Mapping[str, Table] = {table.name: table for table in served()}


@cache
def dims_of(fact: str) -> tuple[Dim, ...]:
    """Return how the figures of a fact may be split, time first."""
    table = TABLES[fact]
    return tuple(dim for dim in DIMS.values() if (dim.is_time and table.has("day")) or table.has(dim.column))


NUMBERS = {"DOUBLE", "INTEGER", "BIGINT"}
KEYS = {
    "customer",
    "episode",
    "campus",
    "procedure",
    "staff",
    "surgeon",
    "anaesthetist",
    "room",
    "birth_band",
    "batch",
    "birth_year",
    "nth",
    "lead",
}


@cache
def measures_of(fact: str) -> tuple[str, ...]:
    """Return the columns of a fact that are measured, not counted: for histograms, boxes and statistics."""
    if fact in UNSURE:
        return ()
    return tuple(
        column.name
        for column in TABLES[fact].columns
        if (column.kind in NUMBERS or column.kind.startswith("DECIMAL")) and column.name not in KEYS
    )
