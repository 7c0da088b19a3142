import pytest

from yimei.core.names import initials, mask, normalise


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  林 晓雨 ", "林 晓雨"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("𠮷田㛃", "𠮷田㛃"),
        ("e\u0301", "é"),
        ("王\u200b芳", "王芳"),
        ("Mary  Ann", "Mary Ann"),
    ],
)
def test_a_name_has_one_written_form(written: str, kept: str) -> None:
    assert normalise(written) == kept


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("林晓雨", "LXY"),
        ("单雄信", "SXX"),
        ("曾国藩", "ZGF"),
        ("仇英", "QY"),
        ("解缙", "XJ"),
        ("查良镛", "ZLY"),
        ("任盈盈", "RYY"),
        ("区志强", "OZQ"),
        ("朴正", "PZ"),
        ("欧阳娜娜", "OYNN"),
        ("单于丹", "CYD"),
        ("万俟卨", "MQX"),
        ("尉迟恭", "YCG"),
        ("𠮷㛃", "JJ"),
        ("阿依古丽·买买提", "AYGLMMT"),
        ("Mary Ann", "MA"),
        ("吕布", "LB"),
        ("", ""),
    ],
)
def test_initials_know_how_surnames_are_read(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_masked_name_shows_one_character() -> None:
    assert mask("林晓雨") == "林**"
    assert mask("王芳") == "王*"
    assert mask("阿依古丽·买买提") == "阿**"
    assert mask("王") == "*"
    assert mask("") == ""
