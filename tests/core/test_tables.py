"""Delimited files in the encodings people have, and faults named by line and column."""

import re

import pytest

from yimei.core.rules.tables import BadInput, as_cell, csv_text, distinct, read_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_is_read_whatever_wrote_it(encoding: str, delimiter: str) -> None:
    text = f'姓名{delimiter}备注\r\n王芳{delimiter}"他说：""好""\n第二行"\r\n\r\n'
    table = read_table(text.encode(encoding), file="a.csv")
    assert table.header == ("姓名", "备注")
    assert table.rows == [["王芳", '他说："好"\n第二行']]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "第 1 行"),
        (b" \n", "第 1 行"),
        (b"a,b\n1,2\n3\n", "第 3 行，第 2 列"),
        (b"a,b\n1,2,3\n", "第 2 行，第 3 列"),
        (b'a,b\n1,"2\n3', "第 2 行"),
        (b'a,b\n1,"2"x\n', "第 2 行"),
        (b"a,b\n\xff\xff,1\n", "第 2 行，第 1 列"),
        ("名前,日\n山田さくら,1\n".encode("cp932"), "编码无法确定"),
        (b"a,b\n1,\x002\n", "第 2 行"),
    ],
)
def test_a_fault_is_named_by_line_and_column(data: bytes, where: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_table(data, file="a.csv")
    assert re.match(f"a.csv[，：]{where}", str(refused.value))
    assert refused.value.returncode == 2


def test_every_column_gets_a_name_of_its_own() -> None:
    assert distinct(["电话", "电话", "", " 电话 ", "电话_2"]) == (
        "电话",
        "电话_2",
        "列3",
        "电话_3",
        "电话_2_2",
    )


def test_what_a_spreadsheet_would_run_is_written_as_text_and_numbers_are_left() -> None:
    for cell in ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+A1", "\t=1", "+86 138"):
        assert as_cell(cell) == f"'{cell}"
    for cell in ("-5", "+3.2", "-1,200.50", "-3.5%", "1e-5", "-", "++", "", "a=b", "阳性(+)"):
        assert as_cell(cell) == cell


def test_written_text_reads_back() -> None:
    rows = [["a,b", 'say "hi"\nthere'], ["", "𠮷"]]
    assert read_table(csv_text(["x", "y"], rows).encode(), file="-").rows == rows
