"""Files of enquiries as people bring them: Excel's own encodings, numbers as numbers, and files that lie."""

import io
import zipfile

import pytest
import xlsxwriter

from yimei.core.errors import RuleBroken
from yimei.growth.gateways import sheets

LINES = "称呼,手机号,备注\n林女士,12900000001,想了解𠮷祥眼\n,,\n王女士,129 0000 0002,"
FOUND = [
    (2, {"name": "林女士", "phone": "12900000001", "note": "想了解𠮷祥眼"}),
    (4, {"name": "王女士", "phone": "129 0000 0002", "note": ""}),
]


def book(*rows: tuple[object, ...]) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    sheet = made.add_worksheet()
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, row)
    made.close()
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-8-sig"),
        LINES.encode("gb18030"),
        LINES.replace(",", "\t").encode(),
    ],
    ids=["UTF-8", "with a mark", "GB 18030", "tabs"],
)
def test_a_table_is_read_as_it_was_written(content: bytes) -> None:
    assert sheets.read(content) == FOUND


def test_a_number_in_a_sheet_has_no_decimals() -> None:
    content = book(("姓名*", "电话"), ("林女士", 12900000001), ("王女士", "12900000002"))
    assert [line["phone"] for _n, line in sheets.read(content)] == ["12900000001", "12900000002"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "称呼"),
        ("姓名,地址\n林,上海".encode(), "手机"),
        ("称呼,手机\n".encode(), "没有一行"),
        (b"PK\x03\x04 not a sheet", "xlsx"),
        (book(("称呼", "手机"), ("林", "1"))[:-200], "xlsx"),
        (b"\xff\xfe\x00\x00\x00", "文字"),
        (b"x" * (sheets.LARGEST + 1), "MB"),
        (("称呼,手机\n" + "林,1\n" * (sheets.MOST + 1)).encode(), "分成几份"),
        ('称呼,手机\n"林,1'.encode(), "CSV"),
    ],
    ids=[
        "empty",
        "no phone",
        "no line",
        "no sheet",
        "cut off",
        "no text",
        "too big",
        "too long",
        "open quote",
    ],
)  # the bytes as names would differ between two processes: a sheet keeps the second it was written in
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        sheets.read(content)


def test_a_file_that_unfolds_without_end_is_not_unfolded() -> None:
    with pytest.raises(RuleBroken, match="展开后太大"):
        sheets.read(bomb())
