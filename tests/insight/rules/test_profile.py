"""What a profile finds in the columns of a dirty table."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any

import pytest

from tests.factories.dirty import BAD, GOOD, dirty_file
from yimei.core.errors import RuleBroken
from yimei.insight.gateways.files import open_table
from yimei.insight.rules.imports import mapping
from yimei.insight.rules.imports.many import Columns
from yimei.insight.rules.imports.profile import COUNTED, Profiler, orders_shown, shape
from yimei.insight.rules.imports.rows import Judge
from yimei.insight.rules.imports.templates import PATIENT

TODAY = date(2026, 6, 16)


def profile(header: list[str], *columns: list[object], chunk: int = 0) -> list[dict[str, Any]]:
    found = Profiler(header, PATIENT, mapping.suggest(header, PATIENT), today=TODAY)
    chunk = chunk or len(columns[0])
    for start in range(0, len(columns[0]), chunk):
        found.add([column[start : start + chunk] for column in columns])
    return found.result()


def test_the_dirty_file_is_read_in_both_its_encodings_and_each_fault_is_found() -> None:
    sheet = open_table(dirty_file(), name="旧系统.csv")
    assert sheet.encoding == "utf8+gb18030"
    chosen = mapping.suggest(sheet.header, PATIENT)
    judge = Judge(PATIENT, chosen, width=len(sheet.header), today=TODAY)
    profiler = Profiler(sheet.header, PATIENT, chosen, today=TODAY)
    good, bad = 0, []
    columns = Columns(judge)
    while rows := list(islice(sheet.rows, 25)):
        lines, _judged, refused, cells = columns.split(rows)
        good, bad = good + len(lines), [*bad, *refused]
        profiler.add(cells)
    assert (good, len(bad)) == (GOOD + 3, len(BAD))
    by_heading = {one["heading"]: one for one in profiler.result()}
    age = by_heading["年龄"]
    assert age["odd"] == {"negative": 1, "too_old": 1}
    assert (age["low"], age["high"], age["missing"]) == (-3.0, 187.0, 1)
    assert by_heading["首次到店日期"]["odd"] == {"bad_date": 2, "future": 1}
    assert by_heading["生日"]["odd"] == {"bad_date": 1}
    assert by_heading["消费金额(元)"]["odd"]["not_number"] == 1
    assert ["抖音", 25] in by_heading["来源渠道"]["frequent"]
    assert by_heading["来源渠道"]["distinct"] == 5
    assert by_heading["客户姓名"]["frequent"] == [], "who somebody is is never shown"
    assert by_heading["客户姓名"]["shapes"][0] == ["汉汉99", 50]
    again = open_table(dirty_file())
    asked = {name: place for name, place in chosen.items() if name != "age"}
    unasked = Profiler(again.header, PATIENT, asked, today=TODAY)
    unasked.add(list(zip(*(cells for _line, cells in islice(again.rows, 25)), strict=True)))
    of_age = next(one for one in unasked.result() if one["heading"] == "年龄")
    assert of_age["frequent"] == [], "nor what nobody asked for"


def test_columns_read_at_once_say_what_rows_read_one_by_one_say() -> None:
    sheet = open_table(dirty_file())
    rows = list(sheet.rows)
    judge = Judge(PATIENT, mapping.suggest(sheet.header, PATIENT), width=len(sheet.header), today=TODAY)
    lines, judged, bad, _columns = Columns(judge).split(rows)
    found: dict[int, object] = dict(zip(lines, judged, strict=True))
    found |= {line: why for line, _cells, why in bad}
    assert found == {line: one_by_one(judge, cells) for line, cells in rows}


def one_by_one(judge: Judge, cells: Sequence[object]) -> object:
    try:
        return judge.judge(cells)
    except RuleBroken as refusal:
        return refusal.message


def test_many_different_figures_are_estimated_closely() -> None:
    count = COUNTED * 4
    figures: list[object] = [str(n - 10) for n in range(count)]
    [one] = profile(["积分"], figures, chunk=1000)
    assert not one["is_exact"]
    assert abs(one["distinct"] - count) < count * 0.02
    assert (one["low"], one["high"], one["odd"]) == (-10.0, count - 11.0, {"negative": 10})
    assert abs(one["quantiles"][3] - count / 2) < count * 0.05


@pytest.mark.parametrize(
    ("days", "shown", "odd"),
    [
        (["3/5/2024", "30/9/2024"], {"day": "dmy"}, {"unsure": 1}),
        (["3/5/2024", "9/30/2024"], {"day": "mdy"}, {"unsure": 1}),
        (["3/5/2024", "4/4/2024"], {}, {"unsure": 1}),
        (["3/5/2024", "30/9/2024", "9/30/2024", "1/31/2024"], {}, {"unsure": 1, "mixed_order": 1}),
        (["30/9/2024", "2024-03-05"], {}, {}),
    ],
)
def test_a_column_shows_in_which_order_its_days_are_written(
    days: list[object], shown: dict[str, str], odd: dict[str, int]
) -> None:
    found = profile(["首次到店日"], days)
    assert orders_shown(found) == shown
    assert found[0]["odd"] == odd


def test_a_sentence_that_names_a_day_is_no_day() -> None:
    [one] = profile(["备注"], ["红队 vs. 蓝队 (30/9/2012)", "绿队 (2/12/2012)", "2024-03-05 到 2024-04-01"])
    assert (one["kind"], one["odd"].get("bad_date", 0)) == ("text", 1)


def test_cells_of_workbooks_keep_their_kind() -> None:
    [one, two] = profile(
        ["首次到店日", "数"], [date(2024, 3, 5), 45357.0, None, None, ""], [1.0, True, "x", "y", "y"]
    )
    assert (one["kind"], one["first"], one["missing"]) == ("date", "2024-03-05", 3)
    assert two["kind"] == "text"


def test_a_shape_says_what_a_word_looks_like_and_not_what_it_says() -> None:
    assert shape("2024-03-05") == "9999-99-99"
    assert shape("林小满") == "汉汉汉"
    assert shape("A0001𠮷") == "a9999汉"
    assert shape("x" * 99) == "a×40…"
    assert shape("AB-12345678 林小满一二三") == "aa-99999999 汉×6"
