"""The gate of figures believes nobody: small, given away by the total, or with an identifier, none leaves."""

import pytest

from yimei.core.errors import RuleBroken
from yimei.privacy.rules.deidentify.figures import Figure, check_figures


def figure(people: int | None, word: str = "电话", *, is_hidden: bool = False) -> Figure:
    return Figure((word,), people, is_hidden)


HIDDEN = figure(None, "微信", is_hidden=True)


def check(*rows: Figure, total: int | None = 100, is_personal: bool = True) -> dict[str, int]:
    return check_figures(rows, figure(total, "到诊", is_hidden=total is None), is_personal=is_personal)


def test_what_is_large_or_hidden_in_company_passes_and_is_counted() -> None:
    assert check(figure(10), figure(0), HIDDEN, HIDDEN) == {"figures": 4, "hidden": 2, "least": 10}
    assert check(figure(10), HIDDEN, total=None)["hidden"] == 2
    assert check()["figures"] == 0


@pytest.mark.parametrize("people", [1, 9])
def test_a_small_figure_does_not_leave(people: int) -> None:
    for rows, total in (((figure(people),), 100), ((), people)):
        with pytest.raises(RuleBroken, match="不足 10 人"):
            check(*rows, total=total)
        check(*rows, total=total, is_personal=False)


def test_a_single_hidden_figure_is_given_away_by_its_total() -> None:
    with pytest.raises(RuleBroken, match="减出"):
        check(figure(90), HIDDEN)


@pytest.mark.parametrize("word", ["13800138000", "回访 138 0013 8000", "lin@example.com"])
def test_an_identifier_among_the_words_does_not_leave(word: str) -> None:
    with pytest.raises(RuleBroken, match="可识别个人"):
        check(figure(50, word), is_personal=False)
