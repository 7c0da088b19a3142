"""The gate for extracts, against an oracle that counts by hand."""

from collections import Counter, defaultdict
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.privacy.rules import pii
from yimei.privacy.rules.deidentify import release
from yimei.privacy.rules.deidentify.release import Release, release_gate
from yimei.privacy.rules.deidentify.small_cells import suppress

TODAY = date(2026, 6, 16)
HEADER = ["病历号", "姓名", "手机", "性别", "年龄", "城市", "就诊日期", "诊断", "金额", "备注"]
CITIES = ["北京市", "上海市", "杭州市", "成都市", "广州市"]


def patients(count: int, seed: int = 1) -> list[list[str]]:
    chance = Random(seed)
    return [
        [
            f"ZX2026{n:06d}", "王芳", f"138{n:08d}", chance.choice("女女女男"), str(chance.randint(18, 97)),
            chance.choice(CITIES), f"2025-{chance.randint(1, 12):02d}-05",
            chance.choice(["单睑", "瘢痕", "其他"]),
            str(chance.randint(1, 99) * 100), f"王芳来电138{n:08d}，约{chance.choice(['周一', '周二'])}",
        ]
        for n in range(count)
    ]  # fmt: skip


def gate(header: list[str], rows: list[list[str]], profile: str = "pipl", k: int = 10) -> Release:
    return release_gate(header, rows, profile=profile, today=TODAY, key=b"k" * 32, k=k)


def oracle(result: Release) -> tuple[int, int]:
    """Count k and l of the output in the plainest way."""
    at = [result.header.index(name) for name in result.report["quasi_identifiers"]]
    groups = defaultdict(list)
    for row in result.rows:
        groups[tuple(row[place] for place in at)].append(row)
    least = min((len(rows) for rows in groups.values()), default=0)
    sensitive = [result.header.index(name) for name in result.report["sensitive"]]
    diverse = [len({row[place] for row in rows}) for rows in groups.values() for place in sensitive]
    return least, min(diverse, default=0)


@pytest.mark.parametrize("profile", ["pipl", "gdpr", "hipaa"])
def test_k_and_l_are_what_a_plain_count_finds(profile: str) -> None:
    result = gate(HEADER, patients(400), profile)
    assert oracle(result) == (result.report["k"], result.report["l"])
    assert result.report["k"] >= 10
    assert result.report["l"] >= 2
    assert result.report["rows_out"] == len(result.rows) >= 390
    assert result.report["residual_risk"]["prosecutor_max"] <= 0.1


@pytest.mark.parametrize("profile", ["pipl", "gdpr", "hipaa"])
def test_nobody_is_left_in_the_output(profile: str) -> None:
    result = gate(HEADER, patients(200), profile)
    text = "\n".join(",".join(row) for row in result.rows)
    assert "王芳" not in text
    assert "138000" not in text
    assert "ZX2026" not in text
    assert not {"姓名", "手机"} & set(result.header)
    assert ("备注" in result.header) == (profile != "hipaa")


def test_safe_harbor_leaves_years_states_and_one_open_age() -> None:
    header = ["patient_id", "age", "zip", "visit_date", "birth_date_of_mother", "city", "disease"]
    rows = [["P1", "95", "03601", "2025-03-04", "1930-01-01", "Boston", each] for each in ("flu", "cold") * 3]
    result = gate(header, rows, "hipaa", k=3)
    [row, *_rest] = result.rows
    cells = dict(zip(result.header, row, strict=True))
    assert "patient_id" not in cells
    assert (cells["age"], cells["zip"], cells["visit_date"], cells["city"]) == ("90+", "000**", "2025", "*")


def test_pseudonyms_join_rows_of_one_person_and_differ_by_key() -> None:
    rows = [["A1", "女", each] for each in ("单睑", "瘢痕", "其他") * 4] + [["B2", "女", "单睑"]] * 12
    first = release_gate(["患者编号", "性别", "诊断"], rows, profile="pipl", today=TODAY, key=b"1" * 32, k=2)
    other = release_gate(["患者编号", "性别", "诊断"], rows, profile="pipl", today=TODAY, key=b"2" * 32, k=2)
    assert len({row[0] for row in first.rows}) == 2
    assert not {row[0] for row in first.rows} & {row[0] for row in other.rows}
    assert first.report["k_persons"] == 2


def test_rows_of_one_person_are_no_crowd() -> None:
    rows = [["A1", "女", each] for each in ("单睑", "瘢痕") * 20]
    assert gate(["患者编号", "性别", "诊断"], rows, k=5).rows == []


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_people_leave_no_row(count: int) -> None:
    result = gate(HEADER, patients(count))
    assert result.rows == []
    assert result.report["suppressed_rows"] == count


def test_a_sensitive_value_that_all_share_does_not_leave() -> None:
    result = gate(["性别", "诊断"], [["女", "梅毒"]] * 30)
    assert result.header == ["性别"]


def test_an_identifier_where_nobody_expects_it_is_taken_out() -> None:
    rows = [["女", "渠道A", "单睑"], ["女", "渠道A", "瘢痕"]] * 10 + [["女", "张三13912345678", "单睑"]]
    result = gate(["性别", "来源", "诊断"], rows)
    assert Counter(row[1] for row in result.rows) == {"渠道A": 20, "〔已遮盖〕": 1}


def test_what_is_left_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release.pii, "mask", lambda text: text)
    rows = [["女", "请打13912345678找她", each] for each in ("单睑", "瘢痕") * 10]
    with pytest.raises(RuleBroken, match="「备注」列第 2 行"):
        gate(["性别", "备注", "诊断"], rows)


def test_headers_that_say_nothing_are_judged_by_their_cells() -> None:
    chance = Random(3)
    rows = [[f"1{n:010d}"[:1] + f"38{n:08d}", f"a{n}@qq.com", chance.choice("男女"), "x"] for n in range(40)]
    result = gate(["c1", "c2", "sex", "c4"], rows)
    assert result.header == ["sex", "c4"]


def test_ten_thousand_columns_and_equal_names_are_taken() -> None:
    header = ["年龄", "年龄", *["c"] * 998]
    result = gate(header, [["30", "30", *["1"] * 998] for _ in range(12)])
    assert len(result.header) == len(set(result.header)) == 1000


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["男", "女", ""]),
            st.integers(0, 110).map(str),
            st.sampled_from(["北京市", "上海市", "杭州市", "??"]),
            st.sampled_from(["甲", "乙", ""]),
        ),
        max_size=60,
    ),
    st.integers(1, 6),
)
def test_any_table_leaves_anonymous_or_not_at_all(rows: list[tuple[str, str, str, str]], k: int) -> None:
    result = gate(["性别", "年龄", "城市", "诊断"], [list(row) for row in rows], k=k)
    least, diverse = oracle(result)
    assert least >= k or not result.rows
    assert diverse >= 2 or not result.rows or not result.report["sensitive"]
    assert (least, len(result.rows)) == (result.report["k"], result.report["rows_out"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=12))
def test_no_total_gives_a_small_cell_away(numbers: list[int]) -> None:
    counts = {
        (row, column): numbers[i * 4 + j] for i, row in enumerate("abc") for j, column in enumerate("wxyz")
    }
    hidden = suppress(counts)
    assert all(cell in hidden for cell, count in counts.items() if 0 < count < 10)
    for axis, labels in ((0, "abc"), (1, "wxyz")):
        for label in labels:
            line = [cell for cell in counts if cell[axis] == label]
            assert sum(cell in hidden for cell in line) != 1


def test_nothing_is_hidden_without_a_reason() -> None:
    assert suppress({("a", "x"): 10, ("a", "y"): 0, ("b", "x"): 30, ("b", "y"): 11}) == set()


def test_masked_text_still_reads() -> None:
    result = gate(HEADER, patients(40))
    [text] = {row[-1][-4:] for row in result.rows} - {"，约周二"}
    assert text == "，约周一"
    assert all(pii.find(row[-1]) == [] for row in result.rows)
