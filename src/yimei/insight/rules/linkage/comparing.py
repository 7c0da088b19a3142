"""How alike two rows are in each column: a level, 0 for most alike; -1 when one of them is silent."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from yimei.insight.rules.linkage import han
from yimei.insight.rules.linkage.records import Ints, Records, Words, is_chinese

Levels = NDArray[np.int8]
BATCH = 120_000


@dataclass(frozen=True)
class Comparison:
    """One column compared: how many levels, and the SQL of the level of two different words a and b."""

    name: str
    columns: tuple[str, ...]
    levels: int
    sql: str
    uses_frequency: bool = False


JW = "jaro_winkler_similarity(a, b)"
NEAR = "damerau_levenshtein(a, b)"
# the cheap similarity goes first: most pairs are far apart, and CASE looks no further
NAME_SQL = (
    f"CASE WHEN {JW} >= 0.92 THEN 1 "
    "WHEN starts_with(a, b) OR starts_with(b, a) OR (length(least(a, b)) = 1 AND left(a, 1) = left(b, 1)) "
    "THEN 2 "
    f"WHEN {JW} < 0.7 THEN 3 WHEN length(a) > 3 AND {NEAR} <= 1 THEN 1 WHEN {JW} >= 0.8 THEN 2 ELSE 3 END"
)
DATE_SQL = (
    "CASE WHEN left(a, 4) = left(b, 4) AND substr(a, 5, 2) = substr(b, 7, 2) "
    "AND substr(a, 7, 2) = substr(b, 5, 2) THEN 1 "
    "WHEN jaro_similarity(a, b) < 0.7 THEN CASE WHEN left(a, 4) = left(b, 4) OR substr(a, 5) = substr(b, 5) "
    f"THEN 3 ELSE 4 END WHEN {NEAR} <= 1 THEN 1 WHEN left(a, 4) = left(b, 4) AND {NEAR} <= 2 THEN 2 "
    f"WHEN left(a, 4) = left(b, 4) OR substr(a, 5) = substr(b, 5) OR {NEAR} <= 2 THEN 3 ELSE 4 END"
)
CODE_SQL = (
    f"CASE WHEN jaro_similarity(a, b) < 0.7 THEN 3 WHEN {NEAR} <= 1 THEN 1 WHEN {NEAR} <= 2 THEN 2 ELSE 3 END"
)
SHORT_CODE_SQL = f"CASE WHEN abs(length(a) - length(b)) > 1 THEN 2 WHEN {NEAR} <= 1 THEN 1 ELSE 2 END"
TEXT_SQL = (
    f"CASE WHEN {JW} >= 0.94 THEN 1 WHEN contains(a, b) OR contains(b, a) THEN 2 WHEN {JW} < 0.75 THEN 3 "
    f"WHEN length(a) > 6 AND {NEAR} <= 2 THEN 1 WHEN {JW} >= 0.85 THEN 2 ELSE 3 END"
)
POSTCODE_SQL = (
    f"CASE WHEN abs(length(a) - length(b)) <= 1 AND {NEAR} <= 1 THEN 1 "
    "WHEN left(a, greatest(length(a) - 3, 2)) = left(b, greatest(length(b) - 3, 2)) THEN 2 ELSE 3 END"
)
PLAIN_SQL = "1"
MAIL_SQL = (
    f"CASE WHEN split_part(a, '@', 1) = split_part(b, '@', 1) THEN 1 WHEN {JW} < 0.8 THEN 3 "
    f"WHEN {NEAR} <= 1 THEN 1 WHEN {JW} >= 0.92 THEN 2 ELSE 3 END"
)

COMPARISONS = (
    Comparison("name", ("name", "pinyin"), 6, "", True),
    Comparison("given_name", ("given_name",), 4, NAME_SQL, True),
    Comparison("middle", ("middle",), 4, NAME_SQL),
    Comparison("surname", ("surname",), 4, NAME_SQL, True),
    Comparison("birth_date", ("birth_date",), 5, DATE_SQL),
    Comparison("id_no", ("id_no",), 4, CODE_SQL),
    Comparison("phone", ("phone",), 4, CODE_SQL),
    Comparison("email", ("email",), 4, MAIL_SQL),
    Comparison("wechat", ("wechat",), 3, SHORT_CODE_SQL),
    Comparison("address", ("address",), 4, TEXT_SQL, True),
    Comparison("street_number", ("street_number",), 3, SHORT_CODE_SQL),
    Comparison("suburb", ("suburb",), 4, TEXT_SQL, True),
    Comparison("city", ("city",), 4, TEXT_SQL, True),
    Comparison("postcode", ("postcode",), 4, POSTCODE_SQL, True),
    Comparison("state", ("state",), 2, PLAIN_SQL),
    Comparison("sex", ("sex",), 2, PLAIN_SQL),
)


def applicable(records: Records) -> list[Comparison]:
    return [each for each in COMPARISONS if each.columns[0] in records.columns]


def compare(records: Records, one: Ints, two: Ints, tell: Callable[[str], None]) -> dict[str, Levels]:
    """Return the level of every pair in every column."""
    found = {}
    with duckdb.connect(":memory:", config={"threads": 2}) as engine:
        for comparison in applicable(records):
            tell(comparison.name)
            column = records.columns[comparison.columns[0]]
            levels = _levels(engine, column, column.codes[one], column.codes[two], comparison)
            if comparison.name == "name":
                levels = _sounds(records, levels, one, two)
            found[comparison.name] = levels
        if {"given_name", "surname"} <= set(found):
            _swapped(records, found, one, two)
    return found


def _levels(
    engine: duckdb.DuckDBPyConnection, column: Words, left: Ints, right: Ints, comparison: Comparison
) -> Levels:
    result = np.zeros(len(left), np.int8)
    result[(left < 0) | (right < 0)] = -1
    differ = np.flatnonzero((left != right) & (left >= 0) & (right >= 0))
    if comparison.sql == PLAIN_SQL:
        result[differ] = 1
        return result
    if not len(differ):
        return result
    if comparison.name == "name":
        words, a, b = _in_use(column, left[differ], right[differ])
        result[differ] = han.name_levels(han.letters(words), a, b)
        return result
    if comparison.name == "address" and is_chinese(column.words):
        words, a, b = _in_use(column, left[differ], right[differ])
        result[differ] = han.address_levels(han.address_features(words), a, b)
        return result
    width = len(column.words)
    low, high = np.minimum(left[differ], right[differ]), np.maximum(left[differ], right[differ])
    pairs, place = np.unique(low * width + high, return_inverse=True)
    words = column.words.to_arrow()
    table = pa.table(
        {"a": words.take(pa.array(pairs // width)), "b": words.take(pa.array(pairs % width))}
    ).to_batches(max_chunksize=BATCH)
    wanted = pa.Table.from_batches(table)
    engine.register("wanted", wanted)
    said = engine.sql(f"SELECT CAST({comparison.sql} AS TINYINT) AS level FROM wanted").to_arrow_table()
    engine.unregister("wanted")
    levels = said["level"].to_numpy().astype(np.int8)
    result[differ] = levels[place.reshape(-1)]
    return result


def _in_use(column: Words, left: Ints, right: Ints) -> tuple[pl.Series, Ints, Ints]:
    """Return the words that are compared at all, and both sides as places among them."""
    used = np.zeros(len(column.words), np.bool_)
    used[left] = used[right] = True
    place = np.cumsum(used) - 1
    return column.words.filter(pl.Series(used)), place[left], place[right]


def _sounds(records: Records, levels: Levels, one: Ints, two: Ints) -> Levels:
    """Names of one sound but other characters: a level of their own, after equal ones."""
    sounds = records.columns.get("pinyin")
    if sounds is None:
        return levels
    same = (sounds.codes[one] == sounds.codes[two]) & (levels > 0)
    moved: Levels = np.where(levels > 0, levels + 1, levels).astype(np.int8)
    moved[same] = 1
    return moved


def _swapped(records: Records, found: dict[str, Levels], one: Ints, two: Ints) -> None:
    """Given name and surname in each other's place count as nearly alike."""
    given, family = records.columns["given_name"], records.columns["surname"]
    joint = pl.concat([given.words, family.words])
    numbers = {word: n for n, word in enumerate(joint.unique(maintain_order=True).to_list())}
    of_given = np.array([numbers[word] for word in given.words.to_list()] + [-1], np.int64)[given.codes]
    of_family = np.array([numbers[word] for word in family.words.to_list()] + [-2], np.int64)[family.codes]
    crossed = (of_given[one] == of_family[two]) & (of_family[one] == of_given[two])
    crossed &= (found["given_name"] > 0) & (found["surname"] > 0)
    found["given_name"][crossed] = 1
    found["surname"][crossed] = 1
