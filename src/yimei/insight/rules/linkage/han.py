"""Chinese names and addresses compared by characters and numbers, many pairs at once."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from yimei.insight.rules.linkage.records import Ints, encoded

Levels = NDArray[np.int8]
LONGEST = 5
NAME_LEVELS, ADDRESS_LEVELS = 4, 3
NUMBER = r"\d+"
ROAD = r"([^\d\s]{2,4})\s?\d"


def letters(words: pl.Series) -> NDArray[np.int32]:
    """Return the first characters of each word as numbers, filled up with zeros."""
    table: NDArray[np.int32] = np.array(words.to_list(), f"U{LONGEST}").view(np.int32)
    return table.reshape(-1, LONGEST)


def name_levels(table: NDArray[np.int32], left: Ints, right: Ints) -> Levels:
    """Return 1 nearly equal, 2 one of two characters other, 3 the same family name, 4 otherwise."""
    a, b = table[left], table[right]
    length_a, length_b = (a > 0).sum(1), (b > 0).sum(1)
    differ = (a != b).sum(1)
    same_length = length_a == length_b
    family = a[:, 0] == b[:, 0]
    shuffled = (np.sort(a, 1) == np.sort(b, 1)).all(1)
    longer = np.maximum(length_a, length_b)
    near = (longer >= 3) & same_length & (differ == 1)
    near |= (longer >= 3) & (np.abs(length_a - length_b) == 1) & _one_left_out(a, b, length_a, length_b)
    levels = np.full(len(a), 4, np.int8)
    levels[family] = 3
    levels[family & same_length & (differ == 1)] = 2
    levels[near | (shuffled & (length_a > 1))] = 1
    return levels


def _one_left_out(
    a: NDArray[np.int32], b: NDArray[np.int32], length_a: Ints, length_b: Ints
) -> NDArray[np.bool_]:
    swap = length_a < length_b
    long, short = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)
    found = np.zeros(len(a), np.bool_)
    for place in range(LONGEST):
        without = np.delete(long, place, 1)
        found |= (without == short[:, : LONGEST - 1]).all(1)
    return found


def address_features(words: pl.Series) -> tuple[Ints, Ints, Ints]:
    """Return a number for all house numbers together, for the first and last, for the road; -1 for none."""
    numbers = words.str.extract_all(NUMBER)
    first, last = numbers.list.first(), numbers.list.last()
    several = pl.when(numbers.list.len() > 1)
    road = words.str.extract(ROAD).str.tail(3) + first
    every = several.then(numbers.list.join("-"))
    ends = several.then(first + "-" + last)
    found = pl.select(every=every, ends=ends, road=road)
    return encoded(found["every"]).codes, encoded(found["ends"]).codes, encoded(found["road"]).codes


def address_levels(features: tuple[Ints, Ints, Ints], left: Ints, right: Ints) -> Levels:
    """Return 1 the same house and room, 2 the same road and number, 3 otherwise."""
    every, ends, road = ((each[left] == each[right]) & (each[left] >= 0) for each in features)
    levels = np.full(len(left), 3, np.int8)
    levels[road | ends] = 2
    levels[every] = 1
    return levels
