"""The catalogue: every figure of the house, once."""

from collections.abc import Mapping

from yimei.insight.rules.metrics import (
    brought,
    consulting,
    customers,
    growth,
    money,
    service,
    supplies,
    theatre,
    visits,
)
from yimei.insight.rules.metrics.metric import Kind, Metric, Need, Way
from yimei.insight.rules.words import Words

SUBJECTS: Mapping[str, tuple[Words, Words]] = {
    "A": (Words("预约与到诊", "Bookings and visits"), Words("运营", "Operations")),
    "B": (Words("咨询与成交", "Consulting and winning"), Words("咨询主管", "Head of consulting")),
    "C": (Words("手术室", "Operating rooms"), Words("手术室主任", "Head of theatre")),
    "D": (Words("医疗质量", "Medical quality"), Words("医务", "Medical affairs")),
    "E": (Words("术后与满意度", "Aftercare and satisfaction"), Words("客服", "Aftercare")),
    "F": (Words("收入", "Money"), Words("财务", "Finance")),
    "G": (Words("客户", "Customers"), Words("市场", "Marketing")),
    "H": (Words("消息", "Messages"), Words("运营", "Operations")),
    "J": (Words("线索与获客", "Leads and winning customers"), Words("市场", "Marketing")),
    "K": (Words("注射与耗材", "Products used"), Words("医务", "Medical affairs")),
    "I": (Words("导入的外部数据", "Brought in from elsewhere"), Words("数据分析", "Analysis")),
}
"""The letter of a number → its subject and who answers for it."""

METRICS: tuple[Metric, ...] = (
    *visits.METRICS,
    *consulting.METRICS,
    *theatre.METRICS,
    *service.METRICS,
    *money.METRICS,
    *customers.METRICS,
    *growth.METRICS,
    *supplies.METRICS,
    *brought.METRICS,
)
BY_CODE: Mapping[str, Metric] = {metric.code: metric for metric in METRICS}

__all__ = ["BY_CODE", "METRICS", "SUBJECTS", "Kind", "Metric", "Need", "Way"]
