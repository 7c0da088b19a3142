"""What a report says by itself, and what it may hold; no database."""

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories.reports import EVIL, document, figure
from yimei.core.errors import RuleBroken
from yimei.insight.enums import BlockKind, Cadence, ReportStatus
from yimei.insight.rules.intervals import Difference, Interval
from yimei.insight.rules.metrics import BY_CODE
from yimei.insight.rules.questions import months_later, parse
from yimei.insight.rules.reports import advice, content, drivers, editing, moves, narrative, periods
from yimei.insight.rules.reports.content import Block, Item, Page
from yimei.insight.rules.reports.document import from_text, to_text
from yimei.insight.rules.reports.drawing import draw, ticks
from yimei.insight.rules.reports.drivers import Part
from yimei.insight.rules.reports.narrative import Against, Fact
from yimei.insight.rules.reports.periods import Period
from yimei.insight.rules.reports.templates import TEMPLATES

JUNE = date(2026, 6, 16)
MAY = Period(date(2026, 5, 1), date(2026, 6, 1))
WIN, VISITS = BY_CODE["win_rate"], BY_CODE["visits"]


# ---- days ---------------------------------------------------------------------------------------


def test_the_last_month_and_week_are_whole() -> None:
    assert periods.latest(Cadence.MONTH, JUNE) == MAY
    assert periods.latest(Cadence.WEEK, JUNE) == Period(date(2026, 6, 8), date(2026, 6, 15))
    assert periods.latest(Cadence.MONTH, date(2026, 1, 31)).start == date(2025, 12, 1)


def test_a_schedule_that_was_missed_is_still_due() -> None:
    assert [periods.is_due(Cadence.MONTH, 2, date(2026, 6, day)) for day in (1, 2, 28)] == [False, True, True]
    assert not periods.is_due(Cadence.WEEK, 3, date(2026, 6, 16))


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (date(2026, 5, 2), date(2026, 5, 1), "end"),
        (date(2026, 5, 1), JUNE, "end"),
        (date(2020, 5, 1), date(2026, 5, 1), "start"),
    ],
)
def test_a_period_is_over_in_order_and_not_endless(start: date, end: date, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        periods.check(start, end, JUNE)
    assert refused.value.code == code


def test_whole_months_are_compared_with_whole_months() -> None:
    asked = {"m": "visits", "span": "own", "from": "2026-03-01", "to": "2026-03-31", "vs": "previous"}
    before = parse(asked, today=JUNE).before()
    assert (before.start, before.end) == (date(2026, 2, 1), date(2026, 3, 1))
    quarter = parse({**asked, "to": "2026-05-31"}, today=JUNE).before()
    assert (quarter.start, quarter.end) == (date(2025, 12, 1), date(2026, 3, 1))
    days = parse({**asked, "from": "2026-03-02", "to": "2026-03-08"}, today=JUNE).before()
    assert (days.start, days.end) == (date(2026, 2, 23), date(2026, 3, 2))
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)


# ---- what moved a figure ------------------------------------------------------------------------


def parts(*rows: tuple[float, float]) -> dict[object, Part]:
    return {n: Part(num, den, 0, int(den)) for n, (num, den) in enumerate(rows)}


RATES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 60)), min_size=2, max_size=5)


@settings(max_examples=40, deadline=None)
@given(old=RATES, new=RATES)
def test_the_pieces_of_a_rate_add_up_to_its_change(
    old: list[tuple[int, int]], new: list[tuple[int, int]]
) -> None:
    size = min(len(old), len(new))
    before = parts(*((min(a, b), b) for a, b in old[:size]))
    after = parts(*((min(a, b), b) for a, b in new[:size]))
    found = drivers.pieces(WIN, before, after, {n: str(n) for n in range(size)})

    def whole(side: dict[object, Part]) -> float:
        return sum(part.num for part in side.values()) / sum(part.den for part in side.values())

    assert sum(piece.value for piece in found) == pytest.approx(whole(after) - whole(before))


def test_weight_and_rate_are_told_apart() -> None:
    """All rates stay, the good part shrinks: the whole falls by weight alone."""
    found = drivers.pieces(
        WIN, parts((50, 100), (10, 100)), parts((25, 50), (15, 150)), {0: "老带新", 1: "抖音"}
    )
    assert sum(piece.value for piece in found) == pytest.approx(0.2 - 0.3)
    assert all(piece.value == pytest.approx(piece.mix) for piece in found)


def test_counts_are_taken_apart_by_difference() -> None:
    found = drivers.pieces(VISITS, parts((30, 0), (10, 0)), parts((12, 0), (11, 0)), {0: "甲", 1: "乙"})
    assert [(piece.name, piece.value) for piece in found] == [("甲", -18), ("乙", 1)]


def test_many_looks_need_a_stronger_sign() -> None:
    alone = drivers.pieces(VISITS, parts((30, 0)), parts((14, 0)), {0: "甲"})
    assert drivers.corrected([alone])[0][0].is_beyond_chance
    among = [alone, *(drivers.pieces(VISITS, parts((20, 0)), parts((20 + n, 0)), {0: "x"}) for n in range(5))]
    assert not drivers.corrected(among)[0][0].is_beyond_chance


# ---- sentences ----------------------------------------------------------------------------------


def told(**changes: object) -> str:
    known = Fact(
        WIN, 0.40, 31, Interval(0.36, 0.44), before=Against("上期", 0.5, Difference(-0.1, -0.15, -0.05), 30)
    )
    return " ".join(narrative.sentences(replace(known, **changes)))  # type: ignore[arg-type]


def test_a_fall_beyond_chance_is_said_with_its_numbers() -> None:
    text = told()
    assert "40.0\u202f%（95% 区间 36.0\u202f% – 44.0\u202f%）" in text
    assert "目标 50.0\u202f%：未达到。" in text
    assert "较上期的 50.0\u202f% 变化 −10.0\u202f个百分点" in text
    assert text.endswith("超出偶然波动。")


def test_a_change_within_chance_is_no_trend() -> None:
    text = told(interval=Interval(0.3, 0.55), before=Against("上期", 0.42, Difference(-0.02, -0.2, 0.16), 30))
    assert "在偶然波动范围内，不宜当作趋势。" in text
    assert "区间跨过目标，还不能断定" in text


def test_few_people_and_no_data_say_nothing_else() -> None:
    assert told(is_hidden=True) == "少于 10 人的数字，以及能推算出它们的数字，不显示。"
    assert told(value=None) == "这段时间没有可计算的数据。"


def test_of_a_sum_the_change_is_said_and_nothing_about_chance() -> None:
    known = Fact(BY_CODE["net_receipts"], 900.0, 31, before=Against("上期", 1000.0, None, 30))
    text = " ".join(narrative.sentences(known))
    assert "较上期的 ¥1,000 变化 −¥100；没有可用的区间，不判断是否超出波动。" in text


def test_the_part_that_moved_it_is_named() -> None:
    old, new = parts((50, 100), (200, 400)), parts((10, 100), (190, 400))
    groups = drivers.corrected([drivers.pieces(WIN, old, new, {0: "抖音", 1: "老带新"})])
    text = told(groups=[("首次来源", groups[0])])
    assert "按首次来源看，「抖音」带来 −8.0\u202f个百分点，占全部变化的 80%" in text
    assert "在 2 组中经多重比较校正后仍超出偶然波动" in text
    assert "老带新" not in text


def test_months_of_unequal_length_are_compared_by_the_day() -> None:
    known = Fact(VISITS, 310, 31, before=Against("上期", 300, Difference(10, -40, 60), 30))
    assert "按每天计由 10.0 到 10.0" in " ".join(narrative.sentences(known))


def test_a_line_is_read_against_its_own_band() -> None:
    names = [str(n) for n in range(8)]
    calm = narrative.trend(VISITS, names, [100, 104, 98, 101, 103, 99, 102, 101])
    jump = narrative.trend(VISITS, names, [100, 104, 98, 101, 103, 99, 102, 160])
    assert calm[0].endswith("没有越出。")
    assert jump[0].endswith("值得追查原因。")
    assert narrative.trend(VISITS, names[:4], [1, 2, 3, 4]) == []


def test_advice_comes_only_with_a_reason() -> None:
    worse = Fact(
        WIN, 0.4, 31, Interval(0.36, 0.44), before=Against("上期", 0.5, Difference(-0.1, -0.15, -0.05))
    )
    calm = Fact(VISITS, 100, 31, before=Against("上期", 90, Difference(10, -17, 37)))
    few = replace(worse, is_hidden=True)
    found = advice.drafts([(worse, "3m"), (calm, "period"), (few, "period")])
    assert [(item.metrics[0], item.reach) for item in found] == [("win_rate", "3m")]
    assert advice.reasons(worse) == ["变差，且超出偶然波动", "未达到目标"]
    other = replace(worse, metric=BY_CODE["loss_rate"], before=Against("", 0.1, Difference(0.1, 0.05, 0.15)))
    assert "请咨询主管说明「未成交率」变差的原因" in advice.drafts([(other, "period")])[0].text
    short = Fact(BY_CODE["repurchase_rate"], 0.1, 90, Interval(0.05, 0.18))
    assert "没有达到目标的原因" in advice.drafts([(short, "period")])[0].text, "nobody said that it got worse"
    assert all(code in BY_CODE for code in advice.ADVICE)
    assert all(code in BY_CODE for one in advice.ADVICE.values() for code in one.evidence)


# ---- what a report may hold ---------------------------------------------------------------------


@pytest.mark.parametrize("code", TEMPLATES)
def test_each_template_is_a_report_that_may_be_kept(code: str) -> None:
    pages = content.check(TEMPLATES[code].begin())
    assert content.read(content.write(pages)) == pages
    needs = any(metric.need for metric in content.metrics_of(pages))
    assert needs == (TEMPLATES[code].need is not None)


NUMBERS = Block(BlockKind.NUMBERS, metrics=("visits",))


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ((), "empty"),
        ((Page("", (NUMBERS,)),), "title"),
        ((Page("一", (NUMBERS,) * 13),), "blocks"),
        ((Page("一", (NUMBERS,)),) * 13, "pages"),
        ((Page("一", (Block(BlockKind.FINDINGS),)),), "metrics"),
        ((Page("一", (Block(BlockKind.TEXT, text="  "),)),), "text"),
        ((Page("一", (Block(BlockKind.TEXT, text="长" * 4001),)),), "text"),
        ((Page("一", (Block(BlockKind.ADVICE, items=(Item("做"),)),)),), "evidence"),
        ((Page("一", (Block(BlockKind.FIGURE, question="m=nothing"),)),), "question"),
        ((Page("一", (Block(BlockKind.FIGURE, question="m=win_rate&by1=room"),)),), "question"),
    ],
)
def test_what_no_report_may_be_is_refused(pages: tuple[Page, ...], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        content.check(pages)
    assert refused.value.code == code


def test_a_metric_that_is_gone_takes_its_place_along() -> None:
    kept = content.write((Page("一", (NUMBERS, Block(BlockKind.FIGURE, question="m=visits"))),))
    kept["pages"][0]["blocks"][0]["metrics"] = ["gone", "visits"]
    kept["pages"][0]["blocks"][1]["question"] = "m=gone"
    assert content.read(kept) == (Page("一", (NUMBERS,)),)


def test_moves_of_an_editor() -> None:
    text = Block(BlockKind.TEXT, text="x")
    pages = (Page("一", (NUMBERS, text)), Page("二", ()))
    assert editing.apply(pages, "down:0:0")[0].blocks == (text, NUMBERS)
    assert editing.apply(pages, "up:0:0") == pages
    assert editing.apply(pages, "drop:0:1")[0].blocks == (NUMBERS,)
    assert editing.apply(pages, "add:1:figure")[1].blocks[0].kind == BlockKind.FIGURE
    assert len(editing.apply(pages, "page")) == 3
    assert editing.apply(pages, "drop-page:0") == (pages[1],)
    for evil in ("", "add:0:evil", "drop:x", "boom:1:2", "drop:0:1:2:3"):
        with pytest.raises(RuleBroken):
            editing.apply(pages, evil)


def test_nothing_leads_back_from_what_is_out() -> None:
    moves.check_move(ReportStatus.DRAFT, ReportStatus.SIGNED)
    for old in (ReportStatus.SIGNED, ReportStatus.ISSUED):
        with pytest.raises(RuleBroken, match="冻结"):
            moves.check_move(old, ReportStatus.SIGNED)


def test_a_document_is_written_in_one_way_only() -> None:
    text = to_text(document())
    assert to_text(from_text(text)) == text


# ---- charts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", ["bar", "line", "heat"])
@pytest.mark.parametrize("series", [1, 3])
def test_a_chart_is_one_clean_picture(chart: str, series: int) -> None:
    drawn = draw(figure(chart, series=series))
    tree = ElementTree.fromstring(drawn)
    assert tree.get("aria-label")
    numbers = [float(n) for n in re.findall(r'(?:x|y|x1|x2|y1|y2|cx|cy|width|height)="(-?[\d.]+)"', drawn)]
    assert all(-1 <= number <= 700 for number in numbers)
    assert "style=" not in drawn


def test_words_of_a_chart_open_no_markup() -> None:
    evil = replace(figure(), names=["<script>", '"><x', "&", EVIL], alt='"><script>')
    ElementTree.fromstring(draw(evil))
    assert "<script>" not in draw(evil)


def test_without_values_there_is_no_picture() -> None:
    assert draw(figure("table")) == ""
    assert draw(replace(figure(), series=[])) == ""


@settings(max_examples=50, deadline=None)
@example(-1e-5, 25026.0)
@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_marks_of_an_axis_enclose_what_is_drawn(low: float, span: float) -> None:
    """To the millionth of the axis: less than that no eye sees."""
    marks, unseen = ticks(low, low + span), 1e-6 * max(abs(low), span)
    assert marks[0] <= low + unseen
    assert marks[-1] >= low + span - unseen
    assert 2 <= len(marks) <= 8
