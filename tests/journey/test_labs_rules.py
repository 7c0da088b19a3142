"""A laboratory's file as it comes: GBK or UTF-8, any separator, any order of columns, any nonsense."""

from datetime import UTC, datetime

import pytest

from yimei.core.errors import RuleBroken
from yimei.journey.rules import labs

HEAD = "档案号,姓名,检验项目,结果,单位,采样时间"
ROW = "ZX20260001,王芳,血红蛋白,132,g/L,2026-06-16 09:00"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (f"{HEAD}\n{ROW}\n".encode(), "utf-8"),
        (f"\ufeff{HEAD}\r\n{ROW}".encode(), "utf-8-sig"),
        (f"{HEAD}\n{ROW}\n".encode("gbk"), "gb18030"),
        (f"{HEAD}\n{ROW}\n\n,,\n".replace(",", "\t").encode("gbk"), "gb18030"),
        (f"{HEAD}\n{ROW}\n".replace(",", ";").encode(), "utf-8"),
        (f"{HEAD}\n{ROW}\n".encode("utf-16"), "utf-16"),
        (f"{HEAD}\n{ROW.replace('王芳', '𠮷芳')}".encode("gb18030"), "gb18030"),
    ],
)
def test_a_file_is_read_whatever_wrote_it(data: bytes, encoding: str) -> None:
    table = labs.read_table(data)
    assert table.encoding == encoding
    assert len(table.rows) == 1
    assert labs.guess(table.head) == {"file_no": 0, "name": 1, "test": 2, "value": 3, "unit": 4, "taken": 5}
    assert labs.cells_of(table.rows[0], labs.guess(table.head))["value"] == "132"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "没有结果"),
        (HEAD.encode(), "没有结果"),
        (b"PK\x03\x04whatever", "不是 CSV"),
        (b"a,b\n1,\x00", "不是 CSV"),
        (b"\xff\xff\xff,\n1,2", "编码"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 MB"),
        (f"{HEAD}\n".encode() + f"{ROW}\n".encode() * 1001, "1000 行"),
    ],
)
def test_what_is_no_file_of_results_says_so(data: bytes, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        labs.read_table(data)


def test_a_mapping_names_what_is_needed_and_no_column_twice() -> None:
    whole = {"file_no": 0, "name": 1, "test": 2, "value": 3, "taken": 5}
    labs.check_mapping(whole, columns=6)
    with pytest.raises(RuleBroken, match="姓名"):
        labs.check_mapping({k: v for k, v in whole.items() if k != "name"}, columns=6)
    for wrong in ({"value": 2}, {"value": 6}, {"value": -1}):
        with pytest.raises(RuleBroken, match="同一列"):
            labs.check_mapping(whole | wrong, columns=6)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-06-16 09:00", 1),
        ("2026/6/16 9:00", 1),
        ("2026-06-16T09:00:30", 1),
        ("202606160900", 1),
        ("20260616 0900", 1),
        ("2026年6月16日 09:00", 1),
        ("2026-06-16", 4),
    ],
)
def test_a_time_is_read_as_laboratories_write_it(text: str, hour: int) -> None:
    assert labs.read_taken(text) == datetime(2026, 6, 16, hour, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "昨天", "2026-13-01", "16/06/2026", "2026-06-16 25:00"])
def test_a_time_that_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="采样时间"):
        labs.read_taken(text)


@pytest.mark.parametrize(
    ("one", "other"), [("HGB-F", "hgb"), ("血红蛋白（女）", "血红蛋白"), ("WBC", " wbc "), ("ALT", "alt")]
)
def test_a_test_is_known_without_its_sex(one: str, other: str) -> None:
    assert labs.base_name(one) == labs.base_name(other)
