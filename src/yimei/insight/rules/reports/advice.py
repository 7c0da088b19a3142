# ruff: noqa: E501
"""What may be tried when a figure got worse or misses its target; drafts, which an editor makes her own.

The sentences are the house's own defaults, unverified; each names what to look at, and is shown only beside the
figures that called for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.insight.rules.metrics import SUBJECTS
from yimei.insight.rules.metrics.metric import Way
from yimei.insight.rules.reports.content import Item
from yimei.insight.rules.reports.narrative import Fact
from yimei.insight.rules.words import Words

MOST = 6


@dataclass(frozen=True)
class Advice:
    """One thing to try, and the figures that show whether it was right."""

    words: Words
    evidence: tuple[str, ...] = ()


ADVICE: Mapping[str, Advice] = {
    "show_rate": Advice(
        Words(
            "逐一核对近期爽约的预约是否收到提醒、是否可以自助改期，先从爽约最多的来源开始；同时启用候补顶上空档。",
            "Check whether recent no-shows got their reminder and could rebook by themselves, the worst source first; let the waiting list fill the gaps.",
        ),
        ("no_show_rate", "acknowledged_rate"),
    ),
    "no_show_rate": Advice(
        Words("把预约前一天的确认改成客户点一下即可，未确认的由网电当天致电。", "Let customers acknowledge by one tap the day before; call those who did not."),
        ("acknowledged_rate",),
    ),
    "wait_median": Advice(
        Words("按星期与时刻看候诊高峰，把预约从高峰移到低谷，并在高峰加一名接诊人。", "See the peaks by weekday and hour, move bookings away from them and add one person there."),
        ("wait_p90",),
    ),
    "wait_p90": Advice(
        Words("检查候诊超过 20 分钟的接诊集中在哪位、哪个时段，错开初诊与复诊的时间。", "See with whom and when waits over 20 minutes gather; keep first and return visits apart."),
        ("wait_over_20",),
    ),
    "win_rate": Advice(
        Words("抽听成交率下降那一组的咨询与报价，核对报价是否在 24 小时内发出、是否安排了下次联系。", "Review consultations of the group that fell: was the quote sent within a day and the next contact agreed?"),
        ("decide_days", "quote_accept_rate"),
    ),
    "average_ticket": Advice(
        Words("看客单价的变化来自项目结构还是折扣；若是折扣，收紧超出权限的议价审批。", "See whether the mix of procedures or discounts moved the ticket; tighten approval if it is discounts."),
        ("discount_rate", "items_per_quote"),
    ),
    "net_receipts": Advice(
        Words("把收入变化拆成人数、成交率与客单价三段，先处理贡献最大的一段。", "Split the change into visits, win rate and ticket, and begin with the largest."),
        ("visits", "win_rate", "average_ticket"),
    ),
    "refund_rate": Advice(
        Words("逐笔看退款原因，把「效果不符预期」的与术前期望记录对照。", "Read the reasons of refunds; hold those about results against the expectations recorded before."),
        ("goal_low_rate",),
    ),
    "or_utilisation": Advice(
        Words("先保首台准时，再压接台时间；连续两周使用率仍低的手术间合并开放日。", "First make the first case punctual, then shorten turnovers; merge opening days of rooms that stay idle."),
        ("first_case_on_time", "turnover_median"),
    ),
    "first_case_on_time": Advice(
        Words("首台前一日 16:00 前核对检查、同意书与备血是否齐全，缺的当晚补。", "By 16:00 the day before, check tests, consents and blood of the first case."),
        ("start_delay", "consent_complete"),
    ),
    "surgery_cancel_rate": Advice(
        Words("按原因看取消的手术；检查缺项导致的，把检查提前到排台之前。", "Look at cancelled operations by reason; move tests before scheduling."),
        (),
    ),
    "complication_rate": Advice(
        Words("组织一次病例讨论：逐例复盘近期并发症，按项目与麻醉方式核对术前评估是否完整。", "Hold a case conference on the recent complications, by procedure and anaesthesia."),
        ("major_complication_rate", "reoperation_30"),
    ),
    "called_48h": Advice(
        Words("48 小时回访改为每日 10:00 出清单，逾期的由护士长当天补打。", "List the 48-hour calls at ten every day; the head nurse makes up for the overdue."),
        ("tasks_in_time",),
    ),
    "score": Advice(
        Words("先回访给 0–6 分的客户并登记处理结果，再看低分集中在哪个环节。", "Call those who gave 0–6 first and note what was done; then see where low scores gather."),
        ("score_service", "score_comfort", "dissatisfied_rate"),
    ),
    "dissatisfied_rate": Advice(
        Words("不满意的客户三日内由主诊医师或客服主管亲自联系。", "The surgeon or head of aftercare contacts dissatisfied customers within three days."),
        ("score",),
    ),
    "new_customers": Advice(
        Words("按来源看新客的下降，暂停到诊率与成交率都低的投放，把预算移到老带新。", "See the fall by source; pause what neither arrives nor buys, and move the budget to referral."),
        ("new_visit_rate", "new_buyer_rate"),
    ),
    "new_visit_rate": Advice(
        Words("新线索首次响应控制在 5 分钟内，三次未接通的换时段再联系。", "Answer new enquiries within five minutes; try those not reached at another hour."),
        ("show_rate",),
    ),
    "churn_rate": Advice(
        Words("给末次到诊超过 120 天且同意接收消息的客户安排一次复查关怀。", "Invite consenting customers whose last visit is over 120 days ago to a check-up."),
        ("return_90",),
    ),
}  # fmt: skip


def drafts(facts: Iterable[tuple[Fact, str]]) -> list[Item]:
    """Return the recommendations that figures call for, the surest first; each fact with how far it reaches."""
    called = [(fact, reach) for fact, reach in facts if _calls(fact)]
    called.sort(key=lambda pair: (not pair[0].misses_target, pair[0].tone != "danger"))
    return [_draft(fact, reach) for fact, reach in called[:MOST]]


def _draft(fact: Fact, reach: str) -> Item:
    code = fact.metric.code
    if code in ADVICE:
        return Item(str(ADVICE[code].words), (code, *ADVICE[code].evidence), reach)
    text = (
        _("请%(owner)s说明「%(metric)s」变差的原因和补救办法，下期报告跟进。")
        if fact.tone == "danger"
        else _("请%(owner)s说明「%(metric)s」没有达到目标的原因和补救办法，下期报告跟进。")
    )
    owner = SUBJECTS[fact.metric.number[0]][1]
    return Item(text % {"owner": owner, "metric": fact.metric.words}, (code,), reach)


def reasons(fact: Fact) -> Sequence[str]:
    """Why a figure calls for something to be done."""
    found = []
    if fact.tone == "danger":
        found.append(_("变差，且超出偶然波动"))
    if fact.misses_target:
        found.append(_("未达到目标"))
    return found


def _calls(fact: Fact) -> bool:
    return not fact.is_hidden and fact.metric.way is not Way.NONE and bool(reasons(fact))
