from datetime import UTC, date, datetime, timedelta

import pytest

from yimei.ui.rules import charts, times
from yimei.ui.rules.boards import Bar, Board, Row

NOW = datetime(2026, 11, 24, 10, 0)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 24, 9, 5), "09:05"),
        (datetime(2026, 11, 23, 16, 5), "昨天 16:05"),
        (datetime(2026, 11, 25, 8, 30), "明天 08:30"),
        (datetime(2026, 11, 28, 8, 30), "周六 08:30"),
        (datetime(2026, 11, 30, 8, 30), "11月30日"),
        (datetime(2026, 11, 20, 8, 30), "11月20日"),
        (datetime(2025, 3, 1, 8, 30), "2025年3月1日"),
    ],
)
def test_a_moment_is_said_as_near_readers_say_it(moment: datetime, text: str) -> None:
    assert times.when_text(moment, now=NOW) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0分钟"), (45, "45分钟"), (60, "1小时"), (95, "1小时35分"), (3000, "2天"), (-5, "−5分钟")],
)
def test_a_length_of_time_is_said_in_its_own_size(minutes: int, text: str) -> None:
    assert times.minutes_text(minutes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (192, "03:12"), (-14, "−00:14"), (3671, "1:01:11"), (200_000, "2天"), (-200_000, "−2天")],
)
def test_a_running_clock_counts_in_minutes_then_hours_then_days(seconds: int, text: str) -> None:
    assert times.clock_text(seconds) == text


def test_the_year_is_said_only_when_it_is_another() -> None:
    assert times.day_text(date(2026, 1, 2), today=NOW.date()) == "1月2日"
    assert times.day_text(date(2027, 1, 2), today=NOW.date()) == "2027年1月2日"


START = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def test_a_bar_is_cut_at_the_edges_of_its_board() -> None:
    row = Row(
        "OR1",
        bars=[Bar(at(90), at(200), "later"), Bar(at(-30), at(61), "early"), Bar(at(500), at(560), "out")],
    )
    placed = Board(at(0), at(120), rows=[row]).placed(row)
    assert [(item.bar.label, item.first, item.span) for item in placed] == [
        ("early", 0, 13),
        ("later", 18, 6),
    ]


def test_a_bar_that_ends_where_the_board_begins_is_not_drawn() -> None:
    row = Row("OR1", bars=[Bar(at(-60), at(0), "before"), Bar(at(120), at(180), "after")])
    assert Board(at(0), at(120), rows=[row]).placed(row) == []


def test_a_board_counts_its_slots_and_knows_now() -> None:
    board = Board(at(0), at(630), rows=[], now=at(12))
    assert (board.slots, board.hours, board.now_slot) == (126, 11, 2)
    assert Board(at(0), at(60), rows=[], now=at(60)).now_slot is None
    assert Board(at(0), at(3000), rows=[]).slots == 288, "a board is at most a day"


def test_a_gap_in_a_series_stays_a_gap_in_its_line() -> None:
    assert charts.runs([1, 2, None, 3, None, None, 4]) == [[0, 1], [3], [6]]
    assert len(charts.sparkline([1, 2, None, 3], width=100, height=20)) == 2
    assert charts.sparkline([None, None], width=100, height=20) == []


def test_a_flat_series_is_drawn_in_the_middle() -> None:
    assert charts.Scale(5, 5, 100)(5) == 50


def test_a_trend_marks_what_lies_outside_its_band_and_keeps_all_in_the_picture() -> None:
    series = [(at(0), 88.0), (at(5), 104.0), (at(10), 55.0)]
    drawn = charts.trend(series, low=60, high=100, width=480, height=120)
    assert [mark.is_outside for mark in drawn.marks] == [False, True, True]
    assert all(0 <= mark.y <= 120 and 0 <= mark.x <= 480 for mark in drawn.marks)
    assert 0 < drawn.band_top < drawn.band_top + drawn.band_height < 120


def test_an_empty_trend_and_a_single_value_are_drawn_without_fuss() -> None:
    assert charts.trend([], low=None, high=None, width=480, height=120).line == ""
    assert len(charts.trend([(at(0), 80.0)], low=60, high=100, width=480, height=120).marks) == 1
