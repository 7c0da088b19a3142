import pytest

from yimei.core.errors import RuleBroken
from yimei.core.phone import last4, mask, normalise


@pytest.mark.parametrize(
    "text",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "+86 138 0000 0000",
        "008613800000000",
        "8613800000000",
        "１３８００００００００",
        " 13800000000\n",
    ],
)
def test_every_way_to_write_a_mobile_is_one_number(text: str) -> None:
    assert normalise(text) == "+8613800000000"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("010-62345678", "+861062345678"),
        ("(0571) 8765 4321", "+8657187654321"),
        ("+852 5123 4567", "+85251234567"),
        ("+1 212 555 0123", "+12125550123"),
    ],
)
def test_landlines_and_numbers_abroad_are_accepted(text: str, number: str) -> None:
    assert normalise(text) == number


@pytest.mark.parametrize(
    "text", ["", "138", "1380000000", "138000000000", "微信同号", "+86138", "+", "+9999", "😀13800000000"]
)
def test_what_nobody_could_dial_is_refused_in_words(text: str) -> None:
    with pytest.raises(RuleBroken, match="电话号码不正确"):
        normalise(text)


def test_a_masked_number_shows_its_ends_only() -> None:
    assert mask("+8613812345678") == "138****5678"
    assert mask("+85251234567") == "852****4567"
    assert mask("+1234") == "****"
    assert last4("+8613812345678") == "5678"
