"""Which pairs are worth comparing: rows that share a key, with skewed keys kept from exploding."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from yimei.insight.rules.linkage.records import Ints, Records

Numbers = NDArray[np.int32]
Rarity = NDArray[np.float32]
PER_ROW = 12
"""How many pairs a key may cost for each record, on average."""
FEW = 50_000
"""Smaller files compare every candidate."""
ABOVE_CHANCE = 2.0
WINDOW = 8
"""How many neighbours a row of an oversized block is compared with."""
SMALL, ENOUGH = 100_000, 1_000_000
BATCH, THREADS = 1_000_000, 2


def candidates(records: Records) -> tuple[Ints, Ints]:
    """Return the two row numbers of each pair, every pair once, the lower first."""
    count = len(records)
    frame = _frame(records)
    order = _order(frame)
    found = [_pairs(key, order, records.split) for key in _keys(frame)]
    pairs = _once(np.concatenate([np.empty(0, np.int64), *found]))
    if count < FEW:
        return pairs // max(count, 1), pairs % max(count, 1)
    rarities = _rarities(frame)
    parts = np.array_split(pairs, len(pairs) // BATCH + 1)
    with ThreadPoolExecutor(THREADS) as threads:
        hopeful = np.concatenate(list(threads.map(lambda part: _hopeful(rarities, count, part), parts)))
    pairs = pairs[hopeful]
    return pairs // count, pairs % count


def _once(pairs: Ints) -> Ints:
    """Return the numbers sorted, each once; for so many, sorting beats the hash table of ``np.unique``."""
    pairs.sort()
    once: Ints = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return once


def _hopeful(rarities: list[tuple[Numbers, Rarity]], count: int, pairs: Ints) -> NDArray[np.bool_]:
    """Say which pairs agree in enough, whole or in part, that they could be one person at all.

    An agreement in a word is worth at most the logarithm of how rare the word is; a pair must be able to
    outweigh the odds against any two of that many rows.
    """
    one, two = pairs // count, pairs % count
    worth = np.zeros(len(pairs), np.float32)
    for codes, rarity in rarities:
        left = codes[one]
        worth += rarity[left] * (left == codes[two])
    found: NDArray[np.bool_] = worth >= np.log(count) + ABOVE_CHANCE
    return found


def _rarities(frame: pl.DataFrame) -> list[tuple[Numbers, Rarity]]:
    """Return, for each whole or part, the number of each row's word and how rare each word is.

    A row without one has -1: the last rarity, which is zero.
    """
    c = pl.col
    parts: dict[str, list[pl.Expr]] = {
        "name": [c("name"), c("name").str.slice(0, 1), c("name").str.slice(1)],
        "given_name": [c("given_name"), c("given_name").str.slice(0, 3)],
        "surname": [c("surname"), c("surname").str.slice(0, 3)],
        "birth_date": [c("birth_date").str.slice(0, 4), c("birth_date").str.slice(4, 4)],
        "id_no": [c("id_no"), c("id_no").str.slice(0, 10), c("id_no").str.slice(-4)],
        "phone": [c("phone"), c("phone").str.slice(0, 6), c("phone").str.slice(-4)],
        "address": [c("address").str.slice(0, 12), c("address").str.slice(-5)],
        "postcode": [c("postcode"), c("postcode").str.head(-3)],
        **{
            each: [c(each)]
            for each in ("pinyin", "email", "wechat", "city", "suburb", "street_number", "sex")
        },
    }
    found = []
    for part in (part for name, of in parts.items() if name in frame.columns for part in of):
        codes = _numbered(frame, [part])
        counts = np.bincount(codes[codes >= 0])
        rarity = np.append(-np.log(counts / max(int(counts.sum()), 1)), 0).astype(np.float32)
        found.append((codes, rarity))
    return found


def _frame(records: Records) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: column.words.gather(np.maximum(column.codes, 0)).scatter(
                np.flatnonzero(column.codes < 0), None
            )
            for name, column in records.columns.items()
        }
    )


def _keys(frame: pl.DataFrame) -> Iterator[Numbers]:
    """Yield a number for each row and key; -1 where the row does not have it."""
    names = set(frame.columns)
    c = pl.col
    given, family = (
        ("given_name", "surname") if "surname" in names or "given_name" in names else ("name", "name")
    )
    born = c("birth_date")
    start, end = (5, 5) if _short(frame) else (14, 12)
    keys: list[tuple[set[str], list[pl.Expr]]] = [
        ({each}, [c(each)]) for each in ("id_no", "phone", "email", "wechat")
    ]
    if "birth_date" in names:
        year, rest = born.str.slice(0, 4), born.str.slice(4, 4)
        keys += [
            ({"birth_date"}, [born]),
            ({"birth_date", family}, [year, c(family)]),
            ({"birth_date", given}, [year, c(given)]),
            ({"birth_date", family}, [rest, c(family).str.slice(0, 2)]),
            ({"birth_date", given}, [rest, c(given).str.slice(0, 2)]),
            ({"birth_date", "postcode"}, [year, c("postcode")]),
            ({"birth_date", "pinyin"}, [year, c("pinyin")]),
            ({"birth_date", "pinyin"}, [rest, c("pinyin").str.split(" ").list.first()]),
            ({"birth_date", "city", family}, [year, c("city"), c(family).str.slice(0, 1)]),
        ]
    keys += [
        ({"given_name", "surname"}, [c("given_name"), c("surname")]),
        ({"given_name", "surname"}, [pl.concat_list("given_name", "surname").list.sort().list.join(" ")]),
        ({"given_name", "surname", "postcode"}, [c("surname").str.slice(0, 3), c("postcode")]),
        ({"given_name", "surname", "postcode"}, [c("given_name").str.slice(0, 3), c("postcode")]),
        ({"given_name", "surname", "suburb"}, [c("given_name"), c("suburb")]),
        ({"given_name", "surname", "suburb"}, [c("surname"), c("suburb")]),
        ({"given_name", "city", "surname"}, [c("surname"), c("city"), c("given_name").str.slice(0, 1)]),
        ({"given_name", "city"}, [c("given_name"), c("city")]),
        ({"given_name", "surname", "postcode"}, [c("surname"), c("postcode").str.head(-3)]),
        ({"given_name", "surname", "postcode"}, [c("given_name"), c("postcode").str.head(-3)]),
        ({"birth_date", "postcode"}, [c("birth_date").str.slice(4, 4), c("postcode").str.head(-3)]),
        ({"birth_date", "city"}, [c("birth_date").str.slice(4, 4), c("city")]),
        ({"name"}, [c("name")]),
        ({"pinyin"}, [c("pinyin")]),
        ({"pinyin", "address"}, [c("pinyin").str.split(" ").list.first(), c("address").str.slice(0, 12)]),
        ({"street_number", "postcode"}, [c("street_number"), c("postcode")]),
        ({"street_number", "address"}, [c("street_number"), c("address").str.slice(0, 8)]),
        ({"address"}, [c("address").str.replace_all(" ", "")]),
        ({"id_no"}, [c("id_no").str.len_chars(), c("id_no").str.slice(0, start)]),
        ({"id_no"}, [c("id_no").str.len_chars(), c("id_no").str.slice(-end)]),
        ({"phone", family}, [c("phone").str.slice(0, 7), c(family).str.slice(0, 1)]),
        ({"phone"}, [c("phone").str.slice(-7)]),
        ({"email"}, [c("email").str.split("@").list.first()]),
    ]  # fmt: skip
    for needed, parts in keys:
        if needed <= names:
            yield _numbered(frame, parts)


def _short(frame: pl.DataFrame) -> bool:
    if "id_no" not in frame.columns:
        return True
    middle = frame["id_no"].str.len_chars().median()
    return isinstance(middle, (int, float)) and middle < 14


def _numbered(frame: pl.DataFrame, parts: list[pl.Expr]) -> Numbers:
    """Return a number for each row, equal where all parts are; -1 where one is empty."""
    named = [part.alias(f"k{n}") for n, part in enumerate(parts)]
    empty = pl.any_horizontal([part.is_null() | (part.cast(pl.String) == "") for part in parts])
    hashed = frame.select(pl.when(empty).then(None).otherwise(pl.struct(named).hash(1))).to_series()
    codes: Numbers = pl.Series(hashed.to_arrow().dictionary_encode().indices).fill_null(-1).to_numpy()
    return codes


def _order(frame: pl.DataFrame) -> Ints:
    """Return the rows so that likely twins stand near each other, for the windows of oversized blocks."""
    by = [
        name
        for name in ("surname", "pinyin", "name", "given_name", "birth_date", "address")
        if name in frame.columns
    ]
    if not by:
        return np.arange(len(frame), dtype=np.int64)
    return frame.with_row_index("row").sort([*by, "row"], nulls_last=True)["row"].to_numpy().astype(np.int64)


def _pairs(key: Numbers, order: Ints, split: int | None) -> Ints:
    """Return pairs of rows with an equal key, as lower * count + higher."""
    count = len(order)
    ordered = key[order].astype(np.int64)
    spoken = np.flatnonzero(ordered >= 0)
    if not len(spoken):
        return np.empty(0, np.int64)
    together = np.sort(ordered[spoken] * count + spoken)
    keys, rows = together // count, order[together % count]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    sizes = np.diff(np.append(starts, len(keys)))
    largest = _largest(sizes, max(min(PER_ROW * count, ENOUGH + count // 2), SMALL))
    reach = np.where(sizes <= largest, sizes, np.minimum(sizes, WINDOW + 1))
    # of each row, how many rows of its block still follow within reach
    place = np.arange(len(rows)) - np.repeat(starts, sizes)
    left_over = np.minimum(np.repeat(sizes, sizes) - place, np.repeat(reach, sizes)) - 1
    active = np.flatnonzero(left_over > 0)
    made = []
    lag = 1
    while len(active):
        one, two = rows[active], rows[active + lag]
        if split is not None:
            apart = (one < split) != (two < split)
            one, two = one[apart], two[apart]
        made.append(np.minimum(one, two) * count + np.maximum(one, two))
        lag += 1
        active = active[left_over[active] >= lag]
    return np.concatenate(made) if made else np.empty(0, np.int64)


def _largest(sizes: Ints, budget: int) -> int:
    """Return the greatest block size that is compared whole, so that all of them together keep the budget."""
    order = np.sort(sizes)
    cost = np.cumsum(order * (order - 1) // 2)
    fits = int(np.searchsorted(cost, budget, side="right"))
    return int(order[fits - 1]) if fits else 1
