"""A figure of few people is hidden, and so is what would give it away."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.insight.rules.small_cells import LEAST, hidden, hidden_in_any, total_is_hidden


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        ({"a": 30, "b": 40}, set()),
        ({"a": 3, "b": 40, "c": 50}, {"a", "b"}),
        ({"a": 3, "b": 4, "c": 50}, {"a", "b", "c"}),
        ({"a": 6, "b": 7, "c": 50}, {"a", "b"}),
        ({"a": 0, "b": 40}, set()),
        ({"a": 9}, {"a"}),
        ({"a": 10}, set()),
    ],
)
def test_one_line(counts: dict[str, int], gone: set[str]) -> None:
    assert hidden({(name,): count for name, count in counts.items()}) == {(name,) for name in gone}


def test_a_total_of_few_is_hidden_and_one_that_lays_a_line_open() -> None:
    assert total_is_hidden({}, 9)
    assert not total_is_hidden({}, 0)
    assert total_is_hidden({("a",): 3}, 3)
    assert not total_is_hidden({("a",): 3, ("b",): 40, ("c",): 50}, 93)
    assert total_is_hidden({("a",): 3, ("b",): 0}, 12)


@given(st.lists(st.integers(0, 60), min_size=6, max_size=12))
@settings(max_examples=50, deadline=None)
def test_no_line_of_a_table_gives_a_small_cell_away(counts: list[int]) -> None:
    """From a line's total and its shown cells, nothing under the limit can be computed."""
    cells = dict(zip(product("abc", "wxyz"), counts, strict=False))
    gone = hidden(cells)
    assert all(cell in gone for cell, count in cells.items() if 0 < count < LEAST)
    for place in (0, 1):
        for value in {cell[place] for cell in cells}:
            line = [cell for cell in cells if cell[place] == value]
            inside = [cell for cell in line if cell in gone]
            shown = [cell for cell in line if cell not in gone and cells[cell]]
            if inside and shown:
                assert len(inside) > 1
                assert sum(cells[cell] for cell in inside) >= LEAST


@pytest.mark.parametrize(
    ("shares", "gone"),
    [
        ({"a": (20, 30), "b": (20, 40)}, set()),
        ({"a": (3, 30), "b": (20, 40), "c": (30, 50)}, {"a", "b"}),
        ({"a": (0, 30), "b": (20, 40)}, set()),
        ({"a": (4, 30), "b": (7, 40), "c": (30, 50)}, {"a", "b"}),
        ({"a": (0, 5), "b": (20, 40), "c": (30, 50)}, {"a", "b"}),
        ({"a": (3, 30), "b": (0, 40)}, {"a"}),
    ],
)
def test_a_share_is_hidden_by_either_of_its_parts(shares: dict[str, tuple[int, int]], gone: set[str]) -> None:
    parts = [{(name,): counts[part] for name, counts in shares.items()} for part in (0, 1)]
    assert hidden_in_any(parts) == {(name,) for name in gone}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=6, max_size=12))
@settings(max_examples=50, deadline=None)
def test_no_part_of_a_share_gives_a_small_cell_away(counts: list[tuple[int, int]]) -> None:
    cells = list(product("abc", "wxyz"))
    parts = [
        {cell: some + more * part for cell, (some, more) in zip(cells, counts, strict=False)}
        for part in (0, 1)
    ]
    gone = hidden_in_any(parts)
    for people in parts:
        assert all(cell in gone for cell, count in people.items() if 0 < count < LEAST)
        for place in (0, 1):
            for value in {cell[place] for cell in people}:
                line = [cell for cell in people if cell[place] == value and people[cell]]
                inside = [cell for cell in line if cell in gone]
                if any(people[cell] < LEAST for cell in inside) and len(inside) < len(line):
                    assert len(inside) > 1
                    assert sum(people[cell] for cell in inside) >= LEAST
