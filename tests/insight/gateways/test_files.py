"""Tables as people bring them: every kind read by what it is, every trap refused in words."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import rdata
import xlsxwriter

from tests.factories.xls import xls
from yimei.core.errors import RuleBroken
from yimei.insight.gateways.files import Kind, open_table
from yimei.insight.gateways.files.delimited import separator_of
from yimei.insight.gateways.files.workbook import _exactly, _roughly, check_zip

TEXT = "日期,渠道,花费\n2024-03-05,抖音,1200.5\n2024-03-06,小红书𠮷,300\n"
JAPANESE = "名前,受付日\n山田さくら,2024/3/5\n高橋ケイコ,2024/3/6\n"
FRAME = pd.DataFrame({"日期": ["2024-03-05", None], "渠道": ["抖音", "小红书"], "花费": [1200.5, 300.0]})


def rows(data: bytes, name: str = "") -> list[list[object]]:
    return [list(row) for _line, row in open_table(data, name=name).rows]


def book(*lines: list[object]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = made.add_worksheet()
    for place, line in enumerate(lines):
        sheet.write_row(place, 0, line)
    made.close()
    return out.getvalue()


def book_of(**sheets: list[list[object]]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, lines in sheets.items():
        sheet = made.add_worksheet(name)
        for place, line in enumerate(lines):
            sheet.write_row(place, 0, line)
    made.add_chartsheet("图")
    made.close()
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_text_is_read_in_any_usual_encoding(encoding: str, separator: str) -> None:
    sheet = open_table(TEXT.replace(",", separator).encode(encoding), name="花费.csv")
    assert sheet.header == ("日期", "渠道", "花费")
    assert [line for line, _row in sheet.rows] == [2, 3]
    assert rows(TEXT.replace(",", separator).encode(encoding))[1] == ["2024-03-06", "小红书𠮷", "300"]


def test_a_separator_inside_quotes_or_amounts_does_not_count() -> None:
    assert separator_of('a;b\n"1,2,3";4\n') == ";"
    assert separator_of("项目;金额\n双眼皮;1,200\n隆鼻;3,400\n") == ";"


def test_a_workbook_tells_which_sheet_was_read_and_which_filled_ones_were_not() -> None:
    year: list[list[object]] = [["日期", "花费"], ["2024-03-05", 1]]
    sheet = open_table(
        book_of(封面=[["账目"]], 一月=year, 空=[], 二月=year, 三月=[["2024-03-05"]]), name="a.xlsx"
    )
    assert (sheet.name, list(sheet.others)) == ("一月", ["封面", "二月", "三月"])
    assert [list(row) for _line, row in sheet.rows] == [["2024-03-05", 1.0]]
    alone = open_table(book_of(一月=year, 空=[]))
    assert (alone.name, list(alone.others)) == ("一月", [])


def test_a_workbook_keeps_dates_and_numbers() -> None:
    data = book(["日期", "花费", "备注"], [date(2024, 3, 5), 12.5, "好"], [], [45357, "1,200", ""])
    assert rows(data, "a.xlsx") == [[date(2024, 3, 5), 12.5, "好"], [45357.0, "1,200", ""]]
    sheet = open_table(data)
    assert (sheet.kind, sheet.total) == (Kind.XLSX, 3), "the first line is none of the rows"


def test_files_of_statistics_programs(tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    frame = FRAME.assign(sex=[1.0, 2.0])
    labels = {"日期": "日期", "渠道": "渠道", "花费": "花费", "sex": "性别"}
    pyreadstat.write_sav(
        frame, str(path), column_labels=labels, variable_value_labels={"sex": {1: "女", 2: "男"}}
    )
    sheet = open_table(path.read_bytes(), name="x.sav")
    assert sheet.header == ("日期", "渠道", "花费", "性别")
    assert list(next(sheet.rows)[1]) == ["2024-03-05", "抖音", 1200.5, "女"]
    text = pd.StringDtype("python")
    rdata.write_rds(tmp_path / "x.rds", FRAME.astype({"日期": text, "渠道": text}))
    assert rows((tmp_path / "x.rds").read_bytes(), "x.rds")[1] == [None, "小红书", 300.0]
    FRAME.to_parquet(tmp_path / "x.parquet")
    assert rows((tmp_path / "x.parquet").read_bytes(), "x.parquet")[0] == ["2024-03-05", "抖音", 1200.5]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"0" * (8 << 20))
    return out.getvalue()


def far_away() -> bytes:
    """A workbook whose two cells span a box of a hundred million places."""
    out = io.BytesIO()
    cells = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='CV1048576'><v>1</v></c></row>"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (lambda: b"", "a.csv", "空的"),
        (lambda: b"  \n \n", "a.csv", "空的"),
        (lambda: ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "a.csv", "10000 列"),
        (lambda: book([f"c{n}" for n in range(10_000)], [1]), "a.xlsx", "列"),
        (lambda: "姓名,电话,姓名\n".encode(), "a.csv", "「姓名」出现了两次（第 1 列和第 3 列）"),
        (lambda: b"a,b\n" + "中文".encode() + b"\xff\xff\xff\n", "a.csv", "第 2 行的文字不是"),
        (lambda: TEXT.encode(), "a.xlsx", "内容却是 CSV"),
        (lambda: book(["a"], [1]), "a.csv", "内容却是 Excel"),
        (lambda: b"%PDF-1.7", "a.csv", "PDF"),
        (lambda: b"<html><table>", "a.xls", "网页"),
        (lambda: b"a,b\n", "a.docx", "不认识"),
        (bomb, "a.xlsx", "大得不合理"),
        (far_away, "a.xlsx", "散落"),
        (lambda: b"PK\x03\x04 not a zip", "a.xlsx", "损坏"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "a.xls", "损坏"),
        (lambda: b"$FL2 cut off", "a.sav", "损坏"),
        (lambda: b"\x1f\x8b cut off", "a.rds", "损坏"),
        (lambda: b"PAR1 cut off", "a.parquet", "损坏"),
        (lambda: b"a,b\x00\n1,2\n", "a.csv", "空字符"),
        (lambda: JAPANESE.encode("cp932"), "a.csv", "编码无法确定"),
        (lambda: "姓名,城市\n陳雅婷,臺北\n黃怡君,高雄\n".encode("cp950"), "a.csv", "编码无法确定"),
    ],
)
def test_a_trap_is_refused_in_words(make: Callable[[], bytes], name: str, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        rows(make(), name)


def test_a_quote_that_is_never_closed_names_its_line() -> None:
    with pytest.raises(RuleBroken, match="第 3 行"):
        rows(b'a,b\n1,2\n"3,4\n')


@pytest.mark.parametrize(
    ("places", "rough"),
    [
        (("A1", "E9"), (2, 99_999, 26)),
        (("Z99999", "AA2"), (2, 99_999, 27)),
        (("A100000", "100001"), (2, 100_001, 26)),
        (("ABC1234567",), (1, 1_234_567, 731)),
    ],
)
def test_a_box_is_never_taken_for_smaller_than_it_is(
    places: tuple[str, ...], rough: tuple[int, int, int]
) -> None:
    usual = "".join(f'<c r="{place}"/>' for place in places).encode()
    found, box = _roughly(usual), _exactly(usual)
    assert found == rough
    assert all(guess >= true for guess, true in zip(found, box, strict=True))
    unusual = usual.replace(b' r="', b"  r = '").replace(b'"/>', b"'/>")
    assert _roughly(unusual) == _exactly(unusual) == box


def test_an_honest_large_workbook_is_no_bomb() -> None:
    check_zip(book(["渠道", "花费"], *([f"抖音{n}", n] for n in range(5000))))


def test_a_workbook_of_excel_97_is_read() -> None:
    data = xls(["日期", "渠道", "花费"], [45356.0, "抖音𠮷", 1200.5], ["2024-03-06", "小红书", 300.0])
    assert open_table(data, name="旧.xls").header == ("日期", "渠道", "花费")
    assert rows(data, "旧.xls") == [[45356.0, "抖音𠮷", 1200.5], ["2024-03-06", "小红书", 300.0]]
    with pytest.raises(RuleBroken, match="出现了两次"):
        rows(xls(["a", "a"], [1.0, 2.0]), "旧.xls")


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_row_knows_its_line_with_quotes_in_the_file_and_without(quote: str) -> None:
    text = f"a,b\n\n1,{quote}x{quote}\r\n,\n\n2,y\n" + "3,z\n" * 2500
    found = list(open_table(text.encode()).rows)
    assert found[:3] == [(3, ["1", "x"]), (4, ["", ""]), (6, ["2", "y"])]
    assert found[-1] == (2506, ["3", "z"])
    long = f"a,b\n1,{quote}x{quote}\n" + "2,y\n" * 1500 + "3," + "z" * 200_000 + "\n"
    with pytest.raises(RuleBroken, match="第 1503 行有一格太长"):
        list(open_table(long.encode()).rows)


def test_letters_of_western_europe_do_not_become_chinese() -> None:
    """As the public table of missed appointments of Vitória has them, whole or appended to its UTF-8."""
    text = "PatientId,Neighbourhood\n1,ROMÃO\n2,RESISTÊNCIA\n3,JOANA D´ARC\n"
    whole = open_table(text.encode("cp1252"))
    assert whole.encoding == "cp1252"
    assert [cells[1] for _line, cells in whole.rows] == ["ROMÃO", "RESISTÊNCIA", "JOANA D´ARC"]
    more = open_table(text.encode() + "4,SÃO PEDRO\n".encode("cp1252"))
    assert more.encoding == "utf8+cp1252"
    assert [cells[1] for _line, cells in more.rows] == ["ROMÃO", "RESISTÊNCIA", "JOANA D´ARC", "SÃO PEDRO"]
    assert open_table("姓,城\n镕,杭\n喆,京\n".encode("gbk")).encoding == "gb18030"
    said = open_table(JAPANESE.encode("cp932"), encoding="cp932")
    assert (said.header, next(said.rows)[1][0]) == (("名前", "受付日"), "山田さくら")
    with pytest.raises(RuleBroken, match="第 2 行的文字不是所选的编码"):
        open_table("a\n李\n".encode("gbk"), encoding="utf-8")
    with pytest.raises(RuleBroken, match="第 3 行"):
        rows("日期,渠道\n2024-03-05,抖音短视频\n".encode() + "4,SÃO\xff\xff\n".encode("latin-1"))


def test_lines_of_two_encodings_are_told_apart_and_a_line_of_neither_is_named() -> None:
    two = "日期,渠道\n2024-03-05,抖音短视频\n".encode() + "2024-03-06,小红书\n".encode("gbk")
    assert rows(two) == [["2024-03-05", "抖音短视频"], ["2024-03-06", "小红书"]]
    signs = "日期,体温\n2024-03-05,38.5°C\n".encode() + "2024-03-06,37±1°C，正常\n".encode("gbk")
    assert [cells[1] for _line, cells in open_table(signs).rows] == ["38.5°C", "37±1°C，正常"]
    assert open_table("性别\n女\n男\n".encode("gbk")).encoding == "gb18030", (
        "女 alone looks like a Latin letter"
    )
    with pytest.raises(RuleBroken, match="第 3 行"):
        rows("日期,渠道\n2024-03-05,抖音短视频\n".encode() + b"\xff\xff\xff\n")
