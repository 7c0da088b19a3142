from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.clock import SHANGHAI
from yimei.outbox.enums import MessageClass, Verdict
from yimei.outbox.rules.decision import Decision, Facts, Limits, decide

LIMITS = Limits(quiet_from=21, quiet_until=8, cap=2, cap_days=30)
TEN = datetime(2026, 6, 16, 10, 0, tzinfo=SHANGHAI)
AGREED = {"needs_consent": True, "has_consent": True}

moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
facts_of_anybody = st.builds(
    Facts,
    now=moments,
    is_erased=st.booleans(),
    is_stopped=st.booleans(),
    has_address=st.booleans(),
    is_minor=st.booleans(),
    needs_consent=st.booleans(),
    has_consent=st.booleans(),
    has_opted_out=st.booleans(),
    quiet_reason=st.sampled_from(["", "术后十四天内。"]),
    marketing_sent=st.integers(min_value=0, max_value=9),
)


def marketing(**changes: object) -> Decision:
    return decide(MessageClass.MARKETING, Facts(**{"now": TEN, **AGREED, **changes}), LIMITS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, Verdict.SEND, "已同意"),
        ({"is_erased": True}, Verdict.REFUSE, "已删除"),
        ({"is_stopped": True}, Verdict.REFUSE, "限制处理"),
        ({"has_address": False}, Verdict.REFUSE, "联系方式"),
        ({"is_minor": True}, Verdict.REFUSE, "未成年人"),
        ({"has_consent": False}, Verdict.REFUSE, "有效同意"),
        ({"needs_consent": False, "has_consent": False}, Verdict.REFUSE, "有效同意"),
        ({"has_consent": False, "has_opted_out": True}, Verdict.REFUSE, "退订"),
        ({"quiet_reason": "术后十四天内。"}, Verdict.REFUSE, "术后十四天内。"),
        ({"marketing_sent": 1}, Verdict.SEND, "已同意"),
        ({"marketing_sent": 2}, Verdict.REFUSE, "上限"),
        ({"now": TEN.replace(hour=21)}, Verdict.HOLD, "静默"),
    ],
)
def test_marketing_passes_every_gate_or_says_which(
    changes: dict[str, object], verdict: Verdict, words: str
) -> None:
    decision = marketing(**changes)
    assert decision.verdict == verdict
    assert words in decision.reason


def test_the_first_no_is_the_reason() -> None:
    decision = marketing(
        is_erased=True, is_minor=True, has_consent=False, quiet_reason="术后。", marketing_sent=9
    )
    assert decision.article == "《个人信息保护法》第四十七条"
    assert marketing(is_minor=True, has_consent=False).article == "《互联网广告管理办法》第十二条"
    assert marketing(has_consent=False, quiet_reason="术后。").article == "《广告法》第四十三条"


@given(now=moments)
def test_a_held_message_may_go_when_its_time_comes(now: datetime) -> None:
    decision = marketing(now=now)
    if decision.verdict == Verdict.HOLD:
        assert decision.not_before is not None
        assert timedelta(0) < decision.not_before - now <= timedelta(hours=11)
        assert marketing(now=decision.not_before).verdict == Verdict.SEND
    else:
        assert 8 <= now.astimezone(SHANGHAI).hour < 21


@given(facts=facts_of_anybody)
def test_marketing_never_goes_out_without_consent(facts: Facts) -> None:
    decision = decide(MessageClass.MARKETING, facts, LIMITS)
    if decision.verdict != Verdict.REFUSE:
        assert facts.has_consent
        assert not facts.is_minor
        assert not facts.is_erased
        assert facts.marketing_sent < LIMITS.cap
        assert not facts.quiet_reason


@given(facts=facts_of_anybody, kind=st.sampled_from([MessageClass.MEDICAL, MessageClass.TRANSACTIONAL]))
def test_no_cap_and_no_quiet_time_stops_what_care_needs(facts: Facts, kind: MessageClass) -> None:
    decision = decide(kind, facts, LIMITS)
    assert decision.verdict != Verdict.HOLD
    lacks_consent = facts.needs_consent and not facts.has_consent
    is_stopped = facts.is_stopped and kind != MessageClass.MEDICAL
    assert (decision.verdict == Verdict.SEND) == (
        facts.has_address and not facts.is_erased and not is_stopped and not lacks_consent
    )


@given(facts=facts_of_anybody, kind=st.sampled_from(list(MessageClass)))
def test_every_decision_has_a_reason_and_only_a_hold_has_a_time(facts: Facts, kind: MessageClass) -> None:
    decision = decide(kind, facts, LIMITS)
    assert decision.reason.endswith("。")
    assert (decision.not_before is not None) == (decision.verdict == Verdict.HOLD)
