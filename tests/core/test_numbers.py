"""What a form sends where a number is asked for."""

import pytest

from yimei.core.numbers import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("123456789", 123456789),
        ("1234567890", None),
        ("9" * 5000, None),
        ("²", None),
        ("٣", None),
        ("１", None),
        ("-1", None),
        ("1.0", None),
        (" 1", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_plain_whole_number_is_one(text: str | None, number: int | None) -> None:
    assert whole(text) == number
