# ruff: noqa: E501
"""The reports that come with the program; each is a beginning that its editor changes as she likes."""

from collections.abc import Mapping
from dataclasses import dataclass

from yimei.insight.enums import BlockKind, Cadence
from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.reports.content import Block, Page
from yimei.insight.rules.words import Words
from yimei.people.roles import RoleCode


@dataclass(frozen=True)
class Template:
    """One kind of report: its pages, how often it is written, and who reads it."""

    code: str
    words: Words
    about: Words
    cadence: Cadence
    readers: tuple[RoleCode, ...]
    pages: tuple[tuple[Words, tuple[Block, ...]], ...]
    need: Need | None = None
    brought: tuple[tuple[Words, tuple[Block, ...]], ...] = ()
    """What another program brought of the same, before the recommendations, where it brought anything."""

    def begin(self, *, with_brought: bool = False) -> tuple[Page, ...]:
        *pages, last = self.pages
        asked = (*pages, *(self.brought if with_brought else ()), last)
        return tuple(Page(str(title), blocks) for title, blocks in asked)


def _numbers(*metrics: str, reach: str = "period") -> Block:
    return Block(BlockKind.NUMBERS, metrics=metrics, reach=reach)


def _findings(*metrics: str, reach: str = "period") -> Block:
    return Block(BlockKind.FINDINGS, metrics=metrics, reach=reach)


def _figure(question: str, reach: str = "12m") -> Block:
    return Block(BlockKind.FIGURE, question=question, reach=reach)


ADVICE = (Words("建议", "Recommendations"), (Block(BlockKind.ADVICE),))

TEMPLATES: Mapping[str, Template] = {
    one.code: one
    for one in (
        Template(
            "director-month",
            Words("院长月报", "Director's monthly report"),
            Words("到诊、成交、收入、手术室与质量，一份看全", "Visits, sales, money, theatre and quality"),
            Cadence.MONTH,
            (RoleCode.DIRECTOR,),
            (
                (
                    Words("概况", "Overview"),
                    (
                        _numbers(
                            "visits", "win_rate", "average_ticket", "net_receipts", "operations",
                            "or_utilisation", "complication_rate", "score",
                        ),
                        _findings("visits", "win_rate", "net_receipts"),
                    ),
                ),
                (
                    Words("客流与成交", "Visits and sales"),
                    (
                        _figure("m=visits&by1=month&c=line"),
                        _figure("m=win_rate&by1=source&c=bar"),
                        _figure("m=visits&by1=category&c=bar", "period"),
                    ),
                ),
                (
                    Words("收入", "Money"),
                    (_figure("m=net_receipts&by1=month&c=bar"), _figure("m=net_receipts&by1=category&c=bar", "3m")),
                ),
                (
                    Words("手术室与质量", "Theatre and quality"),
                    (
                        _figure("m=operations&by1=month&c=bar"),
                        _findings("or_utilisation", "first_case_on_time"),
                        _findings("complication_rate", "score", reach="12m"),
                    ),
                ),
                ADVICE,
            ),
            Need.FINANCE,
            (
                (
                    Words("从别的系统导入的数据", "Brought from other systems"),
                    (
                        _numbers("ext_receipts", "ext_visits", "ext_operations", "ext_customers"),
                        _findings("ext_receipts", "ext_visits"),
                        _figure("m=ext_receipts&by1=month&c=bar", "24m"),
                        _figure("m=ext_visits&by1=month&by2=campus&c=line", "24m"),
                        _figure("m=ext_receipts&by1=category&c=bar"),
                    ),
                ),
            ),
        ),
        Template(
            "week",
            Words("经营周报", "Weekly report"),
            Words("上周的预约、到诊、等候与手术", "Bookings, visits, waits and operations of last week"),
            Cadence.WEEK,
            (RoleCode.DIRECTOR, RoleCode.MARKETING),
            (
                (
                    Words("上周", "Last week"),
                    (
                        _numbers("bookings", "visits", "show_rate", "wait_median", "operations", "new_customers"),
                        _findings("bookings", "visits", "show_rate"),
                        _figure("m=visits&by1=week&c=line", "3m"),
                        _figure("m=visits&by1=weekday&by2=hour&c=heat", "3m"),
                        _figure("m=no_show_rate&by1=source&c=bar", "3m"),
                    ),
                ),
                ADVICE,
            ),
        ),
        Template(
            "quality-month",
            Words("医疗质量月报", "Monthly report of medical quality"),
            Words("并发症、核查、同意、回访与满意度", "Complications, checks, consents, calls and satisfaction"),
            Cadence.MONTH,
            (RoleCode.DIRECTOR,),
            (
                (
                    Words("质量与安全", "Quality and safety"),
                    (
                        _numbers(
                            "operations", "complication_rate", "major_complication_rate", "reoperation_30",
                            "consent_complete", "checklist_complete", "called_48h", "review_rate", reach="3m",
                        ),
                        _findings("complication_rate", "reoperation_30", "called_48h", reach="12m"),
                        _figure("m=complication_rate&by1=quarter&c=line", "24m"),
                        _figure("m=complication_rate&by1=category&c=bar", "24m"),
                    ),
                ),
                (
                    Words("体验", "Experience"),
                    (
                        _numbers("score", "nps", "dissatisfied_rate", "survey_rate", reach="12m"),
                        _figure("m=score&by1=quarter&c=line", "24m"),
                        _figure("m=dissatisfied_rate&by1=category&c=bar", "24m"),
                        _findings("score", "dissatisfied_rate", reach="12m"),
                    ),
                ),
                ADVICE,
            ),
        ),
        Template(
            "marketing-month",
            Words("市场月报", "Monthly report of marketing"),
            Words("新客从哪里来、来了没有、成交没有", "Where new customers come from, whether they come and buy"),
            Cadence.MONTH,
            (RoleCode.DIRECTOR, RoleCode.MARKETING),
            (
                (
                    Words("新客", "New customers"),
                    (
                        _numbers("new_customers", "new_visit_rate", "new_buyer_rate", "referral_rate"),
                        _findings("new_customers", "new_visit_rate", "new_buyer_rate"),
                        _figure("m=new_customers&by1=month&c=line", "24m"),
                        _figure("m=new_customers&by1=source&c=bar", "3m"),
                        _figure("m=new_buyer_rate&by1=source&c=bar", "12m"),
                    ),
                ),
                (
                    Words("老客", "Known customers"),
                    (
                        _numbers("repurchase_rate", "return_90", "churn_rate", reach="24m"),
                        _figure("m=new_customers&by1=age&by2=sex&c=bar", "24m"),
                    ),
                ),
                ADVICE,
            ),
            brought=(
                (
                    Words("从别的系统导入的数据", "Brought from other systems"),
                    (
                        _numbers("ext_customers", "ext_contactable", "ext_visits"),
                        _figure("m=ext_customers&by1=month&c=bar", "24m"),
                        _figure("m=ext_customers&by1=source&c=bar"),
                        _figure("m=trend_index_mean&by1=month&by2=topic&c=line&f.kind=trend", "24m"),
                    ),
                ),
            ),
        ),
    )
}  # fmt: skip
"""A code → a template; a blank report has none."""
