"""k, l and t against published figures, figures worked out by hand, and plain counting.

pycanon itself is not in the environment; k and l are those of figures 2 and 3 of Machanavajjhala et al.
(l-Diversity, 2006), t is worked out by hand from the definition (equal distances) for the same two tables.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.privacy.rules.deidentify import anonymity

H, V, C = "Heart Disease", "Viral Infection", "Cancer"
FOUR_ANONYMOUS = {"130**|<30": [H, H, V, V], "1485*|>=40": [C, H, V, V], "130**|3*": [C, C, C, C]}
THREE_DIVERSE = {"1305*|<=40": [H, V, C, C], "1485*|>40": [C, H, V, V], "1306*|<=40": [H, V, C, C]}


@pytest.mark.parametrize(
    ("table", "figures", "closeness"),
    [(FOUR_ANONYMOUS, (4, 1, 3), Fraction(7, 12)), (THREE_DIVERSE, (4, 3, 3), Fraction(1, 6))],
    ids=["figure 2", "figure 3"],
)
def test_the_published_tables_have_the_published_figures(
    table: dict[str, list[str]], figures: tuple[int, int, int], closeness: Fraction
) -> None:
    rows = [(*group.split("|"), value) for group, values in table.items() for value in values]
    found = measured(rows)
    assert (found.k, found.l, found.classes) == figures
    assert found.t == pytest.approx(float(closeness))


ROW = st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from("1234"))


@given(st.lists(ROW, min_size=1))
@settings(max_examples=50, deadline=None)
def test_the_measures_are_those_of_plain_counting(rows: list[tuple[str, ...]]) -> None:
    classes: dict[tuple[str, ...], list[str]] = {}
    for *names, word in rows:
        classes.setdefault(tuple(names), []).append(word)
    whole = Counter(row[-1] for row in rows)
    far = [
        sum(abs(Fraction(held.count(word), len(held)) - Fraction(n, len(rows))) for word, n in whole.items())
        for held in classes.values()
    ]
    found = measured(rows)
    assert found.k == min(map(len, classes.values()))
    assert found.l == min(len(set(held)) for held in classes.values())
    assert found.t == pytest.approx(float(max(far) / 2))


def measured(rows: Sequence[tuple[str, ...]]) -> anonymity.Measure:
    *quasi, sensitive = ([row[place] for row in rows] for place in range(3))
    return anonymity.measure(quasi, {"condition": sensitive}, len(rows))
