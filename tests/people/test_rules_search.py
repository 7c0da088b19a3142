"""What a typed word means, and by which words somebody is found."""

import pytest

from yimei.people.enums import TokenKind as Kind
from yimei.people.rules.search import read_query, words_of


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("12000000001", Kind.PHONE, "+8612000000001"),
        ("+86 120-0000-0001", Kind.PHONE, "+8612000000001"),
        ("120 0000 0001", Kind.PHONE, "+8612000000001"),
        ("0001", Kind.LAST4, "0001"),
        ("zx2026000001", Kind.FILE_NO, "ZX2026000001"),
        ("11010519491231002x", Kind.ID_NO, "11010519491231002X"),
        ("林", Kind.NAME_PREFIX, "林"),
        (" 林晓雨 ", Kind.NAME_PREFIX, "林晓雨"),
        ("𠮷", Kind.NAME_PREFIX, "𠮷"),
        ("lxy", Kind.INITIALS, "LXY"),
        ("Anna Smith", Kind.NAME_PREFIX, "anna smith"),
    ],
)
def test_a_typed_word_has_one_meaning(text: str, kind: Kind, word: str) -> None:
    assert read_query(text) == (kind, word)


@pytest.mark.parametrize("text", ["", "   ", "12", "1234567", "林1", "x" * 5000, "\0", "%"])
def test_what_can_find_nobody_asks_nobody(text: str) -> None:
    word = read_query(text)
    assert word is None or word[0] == Kind.NAME_PREFIX


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("林晓雨", "林"),
        ("林晓雨", "林晓雨"),
        ("林晓雨", "l"),
        ("林晓雨", "LXY"),
        ("单雪", "sx"),
        ("欧阳娜娜", "oyn"),
        ("𠮷田", "𠮷"),
        ("林㛃", "林㛃"),
        ("阿依古丽·买买提", "阿依古丽·"),
        ("阿依古丽·买买提", "阿依古丽•买"),
        ("Anna Smith", "anna"),
        ("Anna Smith", "anna s"),
        ("Anna Smith", "as"),
        ("阿" * 30, "阿" * 25),
    ],
)
def test_a_name_is_found_by_its_beginning_and_by_its_initials(name: str, typed: str) -> None:
    assert read_query(typed) in set(words_of(name=name))


def test_the_middle_of_a_name_finds_nobody() -> None:
    assert read_query("晓雨") not in set(words_of(name="林晓雨"))
