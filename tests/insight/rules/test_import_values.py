"""One cell at a time: what people write, and what it means."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db.models import TextChoices
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.billing.enums import AdChannel, CostAccount, PaymentMethod
from yimei.core.errors import RuleBroken
from yimei.insight.enums import DayOrder
from yimei.insight.rules.imports import values
from yimei.insight.rules.imports.templates import TEMPLATES, spelling
from yimei.people.enums import Sex, SourceKind

D = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2024/3/5", D),
        ("2024-03-05", D),
        ("2024.3.5", D),
        ("２０２４／３／５", D),
        ("20240305", D),
        (20240305, D),
        ("2024年3月5日", D),
        ("2024 年 3 月 5 号", D),
        ("二〇二四年三月五日", D),
        ("二零二四年三月五日", D),
        ("二〇二四年十二月二十一日", date(2024, 12, 21)),
        ("二〇二四年十月三十日", date(2024, 10, 30)),
        (45356, D),
        (45356.75, D),
        ("45356", D),
        (datetime(2024, 3, 5, 23, 59), D),
        (D, D),
        ("2024-03-05 14:20:00", D),
        ("2024-03-05T14:20:00+08:00", D),
        ("2024/3/5 9:05", D),
        ("25/3/2024", date(2024, 3, 25)),
        ("3/25/2024", date(2024, 3, 25)),
        ("3/3/2024", date(2024, 3, 3)),
        ("2024-02-29", date(2024, 2, 29)),
        ("5-Mar-2024", D),
        ("05 March 2024", D),
        ("March 05, 2024", D),
        ("Mar. 5th, 2024", D),
        ("30-SEPT-2020", date(2020, 9, 30)),
        ("May 13, 2017 8:30", date(2017, 5, 13)),
        ("", None),
        ("—", None),
        (None, None),
    ],
)
def test_a_day_is_read_as_it_was_meant(cell: object, meant: date | None) -> None:
    assert values.day(cell) == meant


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2023-02-29", "没有这一天"),
        ("2024-13-01", "没有这一天"),
        ("二〇二四年十三月五日", "没有这一天"),
        ("二〇二四年三月三三日", "没有这一天"),
        ("3/5/2024", "分不清月和日"),
        ("1024-03-05", "年份"),
        ("昨天", "不是日期"),
        ("31-Apr-2021", "没有这一天"),
        ("Marble 5, 2024", "不是日期"),
        ("Mar 2024", "不是日期"),
        (31, "不是日期"),
        (99999999999, "不是日期"),
        (float("nan"), "不是日期"),
        ("三月五日", "不是日期"),
    ],
)
def test_a_day_that_is_none_or_two_is_refused(cell: object, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        values.day(cell)


@pytest.mark.parametrize(
    ("cell", "day_first", "month_first"),
    [
        ("3/5/2024", date(2024, 5, 3), date(2024, 3, 5)),
        ("03.05.2024 14:20", date(2024, 5, 3), date(2024, 3, 5)),
        ("25/3/2024", date(2024, 3, 25), date(2024, 3, 25)),
        ("3/25/2024", date(2024, 3, 25), date(2024, 3, 25)),
        ("4/4/2024", date(2024, 4, 4), date(2024, 4, 4)),
        ("2024/3/5", D, D),
    ],
)
def test_a_day_in_two_ways_is_read_in_the_order_that_was_said(
    cell: str, day_first: date, month_first: date
) -> None:
    assert values.day(cell, DayOrder.DAY_FIRST) == day_first
    assert values.day(cell, DayOrder.MONTH_FIRST) == month_first


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("25/3/2024", "dmy"),
        ("3-25-2024", "mdy"),
        ("3/5/2024 8:30", values.EITHER),
        ("4/4/2024", ""),
        ("13/13/2024", ""),
        ("0/5/2024", ""),
        ("2024/3/5", ""),
        ("昨天", ""),
        (45356, ""),
    ],
)
def test_some_days_show_their_order_and_some_do_not(cell: object, shown: str) -> None:
    assert values.order_of(cell) == shown


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("1,234.50", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥ 1234.5 元", "1234.50"),
        ("1.2万", "12000.00"),
        ("１２３４", "1234.00"),
        ("(300)", "-300.00"),
        ("（300.5）", "-300.50"),
        ("-12", "-12.00"),
        ("−12", "-12.00"),
        (12.1, "12.10"),
        (0.1 + 0.2, "0.30"),
        ("3亿", "300000000.00"),
        ("1 234 567", "1234567.00"),
        ("1\u202f234\xa0567.5 元整", "1234567.50"),
        ("- ¥ 300", "-300.00"),
        ("¥ -300 元", "-300.00"),
        ("(¥300)", "-300.00"),
        ("1.2 万 元", "12000.00"),
        ("人民币 300", "300.00"),
        ("300 RMB", "300.00"),
        ("0", "0.00"),
    ],
)
def test_an_amount_is_read_to_the_fen(cell: object, meant: str) -> None:
    assert values.money(cell) == Decimal(meant)


@pytest.mark.parametrize(
    "cell",
    [
        *("1,23", "12.345", "一百", "1.2.3", "12 3a", "1e99", float("inf"), "١٢x"),
        *("(-300)", "(+300)", "（−300）", "(¥ -300)", "-(300)", "--300"),
        *("100 200", "100\n200", "100\u3000200", "1\n234\n567", "12 34 567", "1 234 56", "1 234,567"),
        *("1¥2", "1rmb2", "100元 200", "100元200元", "1 .5", "1 万 2", "¥1 ¥2"),
        pytest.param("1" + " " * 40_000 + "x", id="far-apart"),
    ],
)
def test_an_amount_in_doubt_is_refused(cell: object) -> None:
    with pytest.raises(RuleBroken):
        values.money(cell)


def test_counts_shares_and_nothing() -> None:
    assert values.whole("１，２００") == 1200
    assert values.whole(3.0) == 3
    assert values.number("12.5%") == Decimal("0.125")
    assert values.number("n/a") is None
    with pytest.raises(RuleBroken, match="整数"):
        values.whole("2.5")


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("是", True), ("√", True), ("Y", True), (1, True), ("否", False), ("×", False), ("", None)],
)
def test_yes_and_no(cell: object, meant: bool | None) -> None:
    assert values.yes_no(cell) is meant


def test_a_word_of_a_list_and_one_that_is_not() -> None:
    known = {"女": "female", "f": "female", "male": "male"}
    assert values.code(" Ｆ ", known) == "female"
    with pytest.raises(RuleBroken, match="不在代码表里"):
        values.code("雌", known)


@settings(max_examples=50, deadline=None)
@given(st.dates(date(1901, 1, 1), date(2100, 12, 31)))
def test_every_day_comes_back_from_each_way_of_writing_it(one: date) -> None:
    for written in (f"{one.year}/{one.month}/{one.day}", f"{one:%Y%m%d}", (one - values.SERIAL_ZERO).days):
        assert values.day(written) == one


@pytest.mark.slow(reason="tries many cells as every kind of value")
@settings(max_examples=20, deadline=None)
@given(st.text(max_size=12))
def test_whatever_stands_in_a_cell_is_a_value_or_a_refusal(cell: str) -> None:
    meant = ((values.day, date), (values.money, Decimal), (values.whole, int), (values.yes_no, bool))
    for read, kind in meant:
        with suppress(RuleBroken):
            found = read(cell)
            assert found is None or type(found) is kind
            assert (found is None) or values.plain(cell)


@pytest.mark.parametrize(
    ("template", "column", "own"),
    [
        ("patient", "source", SourceKind),
        ("patient", "sex", Sex),
        ("finance", "method", PaymentMethod),
        ("finance", "account", CostAccount),
        ("market", "channel", AdChannel),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_table_written_out_of_this_program_is_read_again(
    template: str, column: str, own: type[TextChoices], language: str
) -> None:
    """What a screen calls a source, a sex or a way of paying is a spelling that the wizard knows."""
    found = TEMPLATES[template].column(column)
    assert found is not None
    with override(language):
        unread = [str(label) for label in own.labels if spelling(str(label)) not in found.known]
    assert unread == []
