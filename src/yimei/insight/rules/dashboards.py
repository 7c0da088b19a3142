"""The ready pages: each tile is one question to the catalogue, as the explorer's address would say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.words import Words
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Ready:
    """One page that comes with the program."""

    code: str
    words: Words
    tiles: tuple[str, ...]
    need: Need | None = None
    work: Permission | None = None
    """Whose daily work the page is about: they may open it without the right to all figures."""
    brought: tuple[str, ...] = ()
    """What another program brought of the same, beneath, where it brought anything."""

    @property
    def asked(self) -> tuple[str, ...]:
        return (*self.tiles, *self.brought)


def _number(code: str, span: int = 90) -> str:
    return f"m={code}&c=number&span={span}&vs=previous"


def _by_month(code: str, chart: str = "line", beside: str = "") -> str:
    split = f"&by2={beside}" if beside else ""
    return f"m={code}&by1=month{split}&c={chart}&span=730"


def _over(code: str, split: str, chart: str = "bar", span: int = 365) -> str:
    return f"m={code}&by1={split}&c={chart}&span={span}"


def _of_kind(kind: str, text: str) -> str:
    """Of rows of one kind only, where a table holds several."""
    return f"{text}&f.kind={kind}"


READY: Mapping[str, Ready] = {
    one.code: one
    for one in (
        Ready(
            "director",
            Words("院长", "Director"),
            (
                _number("visits"),
                _number("win_rate"),
                _number("average_ticket"),
                _number("score"),
                "m=visits&by1=month&c=line&span=365",
                "m=operations&by1=month&c=bar&span=365",
                "m=win_rate&by1=source&c=bar&span=365",
                "m=operations&by1=category&c=pie&span=365",
                _number("or_utilisation"),
                _number("complication_rate", 365),
            ),
            brought=(
                _number("ext_receipts", 365),
                _number("ext_visits", 365),
                _number("ext_operations", 365),
                _number("ext_satisfaction", 365),
                _by_month("ext_receipts", "bar"),
                _by_month("ext_visits", beside="campus"),
                _over("ext_receipts", "category"),
                _by_month("ext_operations", "bar"),
            ),
        ),
        Ready(
            "operations",
            Words("运营", "Operations"),
            (
                _number("bookings"),
                _number("show_rate"),
                _number("wait_median"),
                _number("or_utilisation"),
                "m=visits&by1=weekday&by2=hour&c=heat&span=365",
                "m=no_show_rate&by1=source&c=bar&span=365",
                "m=or_utilisation&by1=room&c=bar&span=180",
                "m=turnover_median&by1=month&c=line&span=365",
                _number("turned_away"),
                _number("churn_rate", 730),
            ),
            brought=(
                _number("ext_bookings"),
                _number("ext_visits"),
                _number("ext_no_show_rate"),
                _number("ext_or_use"),
                "m=ext_visits&by1=day&c=calendar&span=365",
                _by_month("ext_enquiries"),
                _over("ext_visits", "weekday"),
                _by_month("ext_or_use"),
            ),
        ),
        Ready(
            "finance",
            Words("财务", "Finance"),
            (
                _number("net_receipts"),
                _number("refund_rate"),
                _number("average_ticket"),
                _number("owing", 365),
                "m=net_receipts&by1=month&c=bar&span=365",
                "m=net_receipts&by1=category&c=bar&span=365",
                "m=net_receipts&by1=method&c=pie&span=365",
                "m=net_receipts&by1=source&c=bar&span=365",
                _number("discount_rate"),
                _number("again_receipts_share", 365),
                _number("margin", 365),
                _number("gross_margin", 365),
                _number("ad_cost_share", 365),
                "m=costs&c=number&span=365",
                _number("acquisition_cost", 365),
                _number("roi", 365),
                "m=costs&by1=account&c=bar&span=365",
            ),
            Need.FINANCE,
            work=Permission.REFUND_WRITE,
            brought=(
                _number("ext_receipts"),
                _number("ext_refund_rate", 365),
                _number("ext_receipt_mean", 365),
                _number("ext_spent_mean", 365),
                _by_month("ext_receipts", "bar"),
                _over("ext_receipts", "category"),
                _over("ext_receipts", "method", "pie"),
                _by_month("ext_receipts", beside="campus"),
            ),
        ),
        Ready(
            "quality",
            Words("医疗质量", "Medical quality"),
            (
                _number("complication_rate", 365),
                _number("consent_complete", 365),
                _number("checklist_complete", 365),
                _number("called_48h", 365),
                "m=complication_rate&by1=category&c=bar&span=730",
                "m=operations&by1=staff&c=bar&span=365",
                "m=goal_reached&by1=category&c=bar&span=730",
                "m=first_case_on_time&by1=month&c=line&span=365",
                _number("reoperation_30", 365),
                _number("overrun_rate", 365),
            ),
            brought=(
                _number("ext_operations", 365),
                _number("ext_or_use", 365),
                _number("ext_satisfaction", 365),
                _number("ext_complaints", 365),
                _by_month("ext_operations", "bar"),
                _by_month("ext_complaints", "bar"),
            ),
        ),
        Ready(
            "marketing",
            Words("市场", "Marketing"),
            (
                _number("new_customers"),
                _number("new_visit_rate"),
                _number("new_buyer_rate"),
                _number("referral_rate"),
                "m=new_customers&by1=month&by2=source&c=line&span=365",
                "m=new_customers&by1=source&c=bar&span=365",
                "m=new_buyer_rate&by1=source&c=bar&span=365",
                "m=new_customers&by1=age&by2=sex&c=bar&span=730",
                _number("leads"),
                _number("first_response"),
                _number("acquisition_cost", 365),
                "m=lead_booked_rate&by1=source&c=bar&span=365",
                _number("repurchase_rate", 730),
                _number("value_mean", 730),
            ),
            brought=(
                _number("ext_customers"),
                _number("ext_spent_mean", 365),
                _number("ext_contactable", 365),
                _number("cost_per_lead", 730),
                _by_month("ext_customers", "bar"),
                _over("ext_customers", "source"),
                _over("ext_spent_mean", "source"),
                "m=ext_customers&by1=age&by2=sex&c=bar&span=730",
                _of_kind("trend", _by_month("trend_index_mean", beside="topic")),
                _of_kind("competitor", _over("competitor_price", "topic")),
                _of_kind("ad", _over("cost_per_lead", "ad_channel", span=730)),
                _over("ext_customers", "city"),
            ),
        ),
        Ready(
            "service",
            Words("客服", "Aftercare"),
            (
                _number("score", 365),
                _number("nps", 365),
                _number("survey_rate", 365),
                _number("tasks_in_time"),
                "m=score&by1=month&c=line&span=730",
                "m=tasks_in_time&by1=kind&c=bar&span=365",
                "m=dissatisfied_rate&by1=category&c=bar&span=730",
                "m=red_flag_rate&by1=kind&c=bar&span=730",
                _number("called_48h", 365),
                _number("tasks_overdue", 365),
            ),
            work=Permission.AFTERCARE_WRITE,
            brought=(
                _number("ext_satisfaction"),
                _number("ext_complaints"),
                _number("ext_visits"),
                _number("ext_no_show_rate"),
                _by_month("ext_visits"),
                _by_month("ext_complaints", "bar"),
            ),
        ),
    )
}
