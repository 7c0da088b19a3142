"""Headings that find their column, and rows that fit or say why not."""

from datetime import date

import pytest

from yimei.core.errors import RuleBroken
from yimei.insight.enums import ImportStatus
from yimei.insight.rules.imports import mapping, moves
from yimei.insight.rules.imports.rows import Judge, masked
from yimei.insight.rules.imports.templates import FINANCE, MARKET, PATIENT, TEMPLATES, Template

TODAY = date(2026, 6, 16)


def judge(template: Template, header: str) -> Judge:
    heads = header.split(",")
    return Judge(template, mapping.suggest(heads, template), width=len(heads), today=TODAY)


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_template_finds_all_its_own_columns(code: str) -> None:
    template = TEMPLATES[code]
    for language in (0, 1):
        header = [column.words[language] for column in template.columns]
        assert mapping.suggest(header, template) == {one.name: n for n, one in enumerate(template.columns)}


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("电话", "phone"),
        ("客户 手机号码", "phone"),
        ("消费金额(元)", "amount"),
        ("来源渠道", "source"),
        ("生日", "birth_year"),
    ],
)
def test_other_names_of_a_column_are_known(heading: str, column: str) -> None:
    assert mapping.suggest([heading], PATIENT) == {column: 0}


@pytest.mark.parametrize("heading", ["Average playtime", "Percentage", "Velocity"])
def test_a_latin_word_within_another_is_no_name(heading: str) -> None:
    assert mapping.suggest([heading], PATIENT) == {}


def test_what_was_chosen_before_goes_first() -> None:
    header = ["首诊", "到院", "电话"]
    assert mapping.suggest(header, PATIENT, {"到院": "day", "首诊": "last_day"}) == {
        "last_day": 0,
        "day": 1,
        "phone": 2,
    }


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"phone": 0}, "首次到店日"),
        ({"day": 0}, "至少要指定其中一列"),
        ({"day": 0, "phone": 0}, "不能用两次"),
        ({"day": 0, "phone": 9}, "不正确"),
        ({"day": 0, "phone": -1}, "不正确"),
        ({"day": 0, "password": 1}, "不正确"),
    ],
)
def test_a_mapping_that_takes_nothing_in_is_refused(chosen: dict[str, int], why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        mapping.check(chosen, PATIENT, width=3)


def test_a_customer_is_kept_without_who_she_is() -> None:
    found = judge(PATIENT, "姓名,电话,首次到店,生日,消费金额,来源").judge(
        ["林小满", "138 0013 8000", "二〇二四年三月五日", "1995/6/1", "1.28万", "抖音"]
    )
    assert found.person == ("phone", "+8613800138000")
    said = repr(found.facts)
    assert "林" not in said
    assert "138" not in said
    assert "1995-06" not in said
    assert {"2024-03-05", 1995, "12800.00", "douyin"} <= set(found.facts)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["", "13800138000", "", "", "", ""], "首次到店日 没有填"),
        (["林", "", "2024-3-5", "", "", ""], "至少要填一个"),
        (["林", "12", "2024-3-5", "", "", ""], "电话号码不正确"),
        (["林", "13800138000", "2030-3-5", "", "", ""], "在今天之后"),
        (["林", "13800138000", "2024-2-30", "", "-1亿", "火星"], "不在代码表里.*没有这一天.*不在 .* 之间"),
        (["林", "13800138000"], "2 列，而表头是 6 列"),
        (["林", "13800138000", "2024-3-5", "", "", "", "多"], "7 列"),
    ],
)
def test_a_row_is_refused_with_all_its_faults(cells: list[str], why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        judge(PATIENT, "姓名,电话,首次到店,生日,消费金额,来源").judge(cells)


def test_each_kind_of_market_row_asks_for_its_own() -> None:
    rows = judge(MARKET, "类型,日期,渠道,花费,指数,关键词")
    assert rows.judge(["广告", "2024-3-5", "抖音", "0", "", ""])
    assert rows.judge(["趋势", "2024-3-5", "", "", "12", "双眼皮"])
    with pytest.raises(RuleBroken, match="这一类要填 花费"):
        rows.judge(["广告", "2024-3-5", "抖音", "", "", ""])


def test_a_figure_of_a_workbook_says_what_the_same_figure_of_a_text_says() -> None:
    """Else the same row of a CSV and of a workbook would be two."""
    judges = judge(TEMPLATES["operations"], "日期,开放分钟,满意度,到诊数")
    said = judges.judge(["2024-03-05", "540", "4.7", "36"])
    assert judges.judge([date(2024, 3, 5), 540.0, 4.7, 36.0]) == said
    assert judges.judge(["2024-03-05", 540, "4.7", 36]) == said


def test_a_number_that_excel_rounded_is_no_identity() -> None:
    rows = judge(PATIENT, "证件号,首次到店")
    with pytest.raises(RuleBroken, match="四舍五入"):
        rows.judge([3.30106199001011e17, "2024-3-5"])


def test_a_screen_shows_no_name_and_no_whole_number() -> None:
    column = {one.name: one for one in PATIENT.columns}
    assert masked(column["name"], "林小满") == "林**"
    assert masked(column["phone"], "13800138000") == "*******8000"
    assert masked(column["file_no"], "A1") == "**"
    assert masked(column["city"], "杭州") == "杭州"


def test_free_text_and_identities_have_no_place_among_the_facts() -> None:
    kept = judge(FINANCE, "日期,类别,金额,客户姓名,备注").names
    assert "name" not in kept
    assert "备注" not in kept


def test_an_import_goes_one_way() -> None:
    moves.check(ImportStatus.CHECKED, ImportStatus.RUNNING)
    for old, new in ((ImportStatus.RECEIVED, ImportStatus.RUNNING), (ImportStatus.UNDONE, ImportStatus.DONE)):
        with pytest.raises(RuleBroken):
            moves.check(old, new)
