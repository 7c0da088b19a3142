"""Whoever asked is answered; nothing else rests on that. One no ends it until she asks or agrees anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.outbox.rules.test_decision import TEN
from yimei.outbox.enums import MessageClass, Verdict
from yimei.outbox.rules.decision import Limits
from yimei.outbox.rules.enquiries import Enquiry, Facts, decide

LIMITS = Limits(quiet_from=21, quiet_until=8, cap=2, cap_days=30, enquiry_cap=3)
HOUR = timedelta(hours=1)
ASKED, AGREED = TEN - 5 * HOUR, TEN - 3 * HOUR
SERVICE, MARKETING, MEDICAL = MessageClass.TRANSACTIONAL, MessageClass.MARKETING, MessageClass.MEDICAL


def decided(kind: MessageClass, **changes: Any) -> Any:
    told = {"phone": "12900000001", "asked_at": ASKED, "agreed_at": AGREED}
    told |= {name: changes.pop(name) for name in tuple(changes) if name in Enquiry.__dataclass_fields__}
    facts = {"now": TEN, "enquiry": Enquiry(**told)} | changes
    return decide(kind, Facts(**facts), LIMITS)


@pytest.mark.parametrize(
    ("kind", "changes", "verdict", "words"),
    [
        (SERVICE, {}, Verdict.SEND, "回复其咨询"),
        (MARKETING, {}, Verdict.SEND, "已同意"),
        (MEDICAL, {}, Verdict.REFUSE, "没有诊疗关系"),
        (SERVICE, {"enquiry": None}, Verdict.REFUSE, "已删除"),
        (SERVICE, {"phone": ""}, Verdict.REFUSE, "联系方式"),
        (SERVICE, {"over": "已成为客户。"}, Verdict.REFUSE, "已成为客户。"),
        (MARKETING, {"over": "已成为客户。"}, Verdict.REFUSE, "已成为客户。"),
        (SERVICE, {"ended": "已结束。"}, Verdict.REFUSE, "已结束。"),
        (MARKETING, {"ended": "已结束。"}, Verdict.SEND, "已同意"),
        (MARKETING, {"agreed_at": None}, Verdict.REFUSE, "没有同意"),
        (SERVICE, {"agreed_at": None}, Verdict.SEND, "回复其咨询"),
        (SERVICE, {"stopped_at": ASKED}, Verdict.REFUSE, "退订"),
        (SERVICE, {"stopped_at": ASKED - HOUR}, Verdict.SEND, "回复其咨询"),
        (MARKETING, {"stopped_at": AGREED}, Verdict.REFUSE, "退订"),
        (MARKETING, {"stopped_at": AGREED - HOUR}, Verdict.SEND, "已同意"),
        (MARKETING, {"marketing_sent": 1, "sent": 1}, Verdict.SEND, "已同意"),
        (MARKETING, {"marketing_sent": 2, "sent": 2}, Verdict.REFUSE, "2 条营销消息，达到上限"),
        (SERVICE, {"marketing_sent": 9, "sent": 2}, Verdict.SEND, "回复其咨询"),
        (SERVICE, {"sent": 3}, Verdict.REFUSE, "3 条消息，达到上限"),
        (MARKETING, {"sent": 3}, Verdict.REFUSE, "3 条消息，达到上限"),
        (SERVICE, {"now": TEN.replace(hour=22)}, Verdict.HOLD, "静默"),
        (MARKETING, {"now": TEN.replace(hour=7)}, Verdict.HOLD, "静默"),
    ],
)
def test_each_message_passes_every_gate_or_says_which(
    kind: MessageClass, changes: dict[str, Any], verdict: Verdict, words: str
) -> None:
    decision = decided(kind, **changes)
    assert (decision.verdict, words in decision.reason) == (verdict, True), decision
    if verdict != Verdict.SEND and "联系方式" not in words:
        assert decision.article


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(
    kind=st.sampled_from([SERVICE, MARKETING, MEDICAL]),
    now=moments,
    asked=moments,
    agreed=st.none() | moments,
    stopped=st.none() | moments,
    sent=st.integers(0, 5),
    of_them=st.integers(0, 5),
)
def test_nothing_goes_without_its_ground_after_a_no_or_above_a_cap(
    kind: MessageClass,
    now: datetime,
    asked: datetime,
    agreed: datetime | None,
    stopped: datetime | None,
    sent: int,
    of_them: int,
) -> None:
    enquiry = Enquiry("12900000001", asked, agreed_at=agreed)
    decision = decide(kind, Facts(now, enquiry, stopped, of_them, sent), LIMITS)
    if decision.verdict == Verdict.REFUSE:
        return
    ground = agreed if kind == MARKETING else asked
    assert kind != MEDICAL
    assert ground is not None
    assert stopped is None or stopped < ground
    assert sent < LIMITS.enquiry_cap
    assert kind != MARKETING or of_them < LIMITS.cap
    local = now.astimezone(TEN.tzinfo).hour
    assert (decision.verdict == Verdict.HOLD) == (local >= 21 or local < 8)
