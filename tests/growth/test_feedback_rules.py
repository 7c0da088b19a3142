"""Clocks of feedback, words of medical safety, what a public answer may not say, what an effect is."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.growth.enums.feedback import Effect, FeedbackKind, FeedbackStatus, Finding, Severity
from yimei.growth.gateways import reviews
from yimei.growth.rules import feedback as rules
from yimei.growth.rules import improvements, public_answers
from yimei.growth.rules.effects import chance, effect
from yimei.hospital.enums import DayKind

CLOCKS = rules.Clocks()
TABLE = {
    date(2026, 10, 1): DayKind.HOLIDAY,
    date(2026, 10, 2): DayKind.HOLIDAY,
    date(2026, 10, 5): DayKind.HOLIDAY,
    date(2026, 10, 6): DayKind.HOLIDAY,
    date(2026, 10, 7): DayKind.HOLIDAY,
    date(2026, 10, 10): DayKind.WORKDAY,
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("received", "severity", "due"),
    [
        ("2026-06-16 10:00", Severity.HIGH, "2026-06-16 12:00"),
        ("2026-06-16 17:30", Severity.HIGH, "2026-06-17 10:30"),
        ("2026-06-16 22:00", Severity.HIGH, "2026-06-17 11:00"),
        ("2026-06-19 17:00", Severity.NORMAL, "2026-06-22 16:00"),
        ("2026-06-16 10:00", Severity.NORMAL, "2026-06-16 18:00"),
        ("2026-09-30 17:00", Severity.HIGH, "2026-10-08 10:00"),
        ("2026-10-09 17:00", Severity.HIGH, "2026-10-10 10:00"),
        ("2026-10-03 03:00", Severity.URGENT, "2026-10-03 03:30"),
        ("2026-10-01 08:00", Severity.LOW, "2026-10-14 18:00"),
    ],
)
def test_an_answer_is_due_in_working_hours_but_safety_by_the_clock(
    received: str, severity: Severity, due: str
) -> None:
    assert rules.due(at(received), severity, CLOCKS, TABLE).at == at(due)


def test_without_the_years_calendar_a_time_is_provisional() -> None:
    assert rules.due(at("2027-01-04 10:00"), Severity.HIGH, CLOCKS, TABLE).is_provisional
    assert not rules.due(at("2026-06-16 10:00"), Severity.HIGH, CLOCKS, TABLE).is_provisional


@settings(max_examples=50)
@given(minutes=st.integers(0, 60 * 24 * 20), hours=st.integers(1, 40))
def test_working_time_never_ends_at_night_or_on_a_holiday(minutes: int, hours: int) -> None:
    since = at("2026-09-25 00:00") + timedelta(minutes=minutes)
    end = rules.add_hours(since, timedelta(hours=hours), CLOCKS, TABLE).at.astimezone(SHANGHAI)
    assert end >= since + timedelta(hours=hours)
    assert 9 * 60 <= end.hour * 60 + end.minute <= 18 * 60
    assert TABLE.get(end.date()) != DayKind.HOLIDAY
    assert end.weekday() < 5 or TABLE.get(end.date()) == DayKind.WORKDAY


@pytest.mark.parametrize(
    ("words", "is_alarming"),
    [
        ("伤口一直出血，打电话没人接", True),
        ("拆线后化脓了", True),
        ("我妈做完看不见了", True),
        ("没有出血，恢复很好", False),
        ("没出血，但是发烧了", True),
        ("担心感染，想问问", False),
        ("等了一个小时", False),
        ("", False),
        ("𠮷野😀出血😀", True),
    ],
)
def test_words_of_medical_safety_rise_at_once(words: str, is_alarming: bool) -> None:
    assert rules.is_alarming(words) is is_alarming


def test_a_bad_public_review_is_grave_and_a_good_one_waits_for_triage() -> None:
    assert rules.first_severity("很差", stars=1, is_public=True) == Severity.HIGH
    assert rules.first_severity("很差", stars=1, is_public=False) is None
    assert rules.first_severity("很好", stars=5, is_public=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "感谢您选择我院，您的手术恢复期还没到。",
        "您来我院面诊时我们已经说明。",
        "术后肿胀是正常的。",
        "您的病历里写得很清楚。",
        "抱歉，李医生当天比较忙。",
        "请联系客服 13800138000。",
        "我们保证效果。",
        "本院技术最好。",
        "删除差评可返现 200 元。",
        "双眼皮项目需要时间。",
    ],
)
def test_a_public_answer_says_nothing_about_its_reader_and_promises_nothing(text: str) -> None:
    with pytest.raises(RuleBroken, match="公开回复"):
        public_answers.check(text, is_public=True, names=["双眼皮", "李医生"])


@pytest.mark.parametrize(
    "text",
    [
        "非常抱歉给您带来不好的感受。我们重视每一条意见，请致电 010-88888888，由专人为您核实。",
        "我们已增加候诊区座椅，并公布各时段等候时间，欢迎监督。",
        "本院依规公示价格，如有疑问请致电 400-888-8888。",
    ],
)
def test_an_answer_about_the_house_alone_may_stand(text: str) -> None:
    assert public_answers.faults(text, names=["双眼皮", "李医生"]) == []
    public_answers.check(f"您的手术恢复得很好。{text}", is_public=False)
    with pytest.raises(RuleBroken, match="答复还不能用"):
        public_answers.check(f"{text}您好评就送您一张券。", is_public=False)


@pytest.mark.parametrize(
    ("kind", "severity", "finding", "is_answered", "may_be", "improvements_", "said"),
    [
        (None, None, Finding.FOUNDED, True, True, 1, "先分诊"),
        (FeedbackKind.COMPLAINT, Severity.LOW, Finding.FOUNDED, False, True, 1, "还没有答复"),
        (FeedbackKind.COMPLAINT, Severity.HIGH, Finding.PARTLY, True, True, 0, "改进措施"),
        (FeedbackKind.COMPLAINT, Severity.URGENT, Finding.FOUNDED, True, False, 0, "改进措施"),
        (FeedbackKind.COMPLAINT, Severity.HIGH, Finding.UNFOUNDED, True, True, 0, ""),
        (FeedbackKind.COMPLAINT, Severity.NORMAL, Finding.FOUNDED, False, False, 0, ""),
        (FeedbackKind.PRAISE, Severity.LOW, Finding.OPINION, False, True, 0, ""),
    ],
)
def test_a_grave_complaint_that_holds_ends_only_with_an_improvement(
    kind: FeedbackKind | None,
    severity: Severity | None,
    finding: Finding,
    is_answered: bool,
    may_be: bool,
    improvements_: int,
    said: str,
) -> None:
    def close() -> None:
        rules.check_close(
            kind=kind, severity=severity, finding=finding, is_answered=is_answered,
            may_be_answered=may_be, improvements=improvements_,
        )  # fmt: skip

    if said:
        with pytest.raises(RuleBroken, match=said):
            close()
    else:
        close()


def test_moves_of_feedback_are_a_table() -> None:
    rules.check_move(FeedbackStatus.NEW, FeedbackStatus.OPEN)
    with pytest.raises(RuleBroken, match="待分诊"):
        rules.check_move(FeedbackStatus.NEW, FeedbackStatus.CLOSED)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (12, 2, Effect.FEWER),
        (2, 12, Effect.MORE),
        (5, 4, Effect.SAME),
        (0, 0, Effect.SAME),
        (5, 0, Effect.SAME),
    ],
)
def test_an_effect_is_more_than_chance(before: int, after: int, said: Effect) -> None:
    assert effect(before, after) == said


@pytest.mark.slow(reason="loads the library that judges it")
def test_chance_is_the_exact_two_sided_test() -> None:
    from scipy.stats import binomtest

    for before, after in [(12, 2), (3, 9), (7, 7), (1, 0), (40, 22)]:
        assert chance(before, after) == pytest.approx(binomtest(after, before + after, 0.5).pvalue)


def test_an_improvement_speaks_of_the_house_and_of_nobody() -> None:
    with pytest.raises(RuleBroken, match="电话"):
        improvements.check_text("给 13800138000 回电", limit=200, code="what")
    assert improvements.check_text(" 候诊区加座椅\0 ", limit=200, code="what") == "候诊区加座椅"


def test_reviews_are_read_as_platforms_write_them() -> None:
    text = "评价ID,昵称,评分,评价内容,评价时间\n77,小鱼,45,不错,2026/6/1 12:30\n78,,1星,差,昨天\n"
    (line, first), (_other, second) = reviews.read(text.encode("gb18030"))
    assert (line, first.ref, first.name, first.stars, first.on) == (2, "77", "小鱼", 4, date(2026, 6, 1))
    assert second.stars == 1
    with pytest.raises(RuleBroken, match="看不懂"):
        reviews.check_day(second.on, today=date(2026, 6, 2))
    with pytest.raises(RuleBroken, match="内容"):
        reviews.read(b"name,phone\na,1\n")
