from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.core.ids import birth_date_of, check_digit, check_id_no, mask_id_no, sex_of

STANDARD = "11010519491231002X"
"""The example printed in GB 11643-1999."""


def test_the_standards_own_example_is_right() -> None:
    assert check_id_no(" 110105 19491231 002x ") == STANDARD
    assert birth_date_of(STANDARD) == date(1949, 12, 31)
    assert sex_of(STANDARD) == "F"
    assert sex_of("110105194912310011") == "M"


@given(place=st.integers(0, 16), digit=st.integers(0, 9))
def test_one_wrong_digit_is_always_caught(place: int, digit: int) -> None:
    wrong = STANDARD[:place] + str(digit) + STANDARD[place + 1 :]
    if wrong == STANDARD:
        assert check_id_no(wrong) == STANDARD
    else:
        with pytest.raises(RuleBroken, match="身份证号码"):
            check_id_no(wrong)


@pytest.mark.parametrize("text", ["", "1101051949123100", "11010519491231002Y", "01010519491231002X", "二十"])
def test_another_length_or_letter_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="18 位"):
        check_id_no(text)


def test_a_birth_date_that_never_was_is_refused() -> None:
    first17 = "11010519490229002"
    with pytest.raises(RuleBroken, match="出生日期"):
        check_id_no(first17 + check_digit(first17))


def test_a_masked_number_keeps_region_and_tail() -> None:
    assert mask_id_no(STANDARD) == "110***********002X"
    assert mask_id_no("123") == "***"
