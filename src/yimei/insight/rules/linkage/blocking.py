"""Which pairs are worth comparing: rows that share a key, with skewed keys kept from exploding."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from yimei.insight.rules.linkage.records import Ints, Records

PER_ROW = 12
"""How many pairs a key may cost for each record, on average."""
FEW = 50_000
"""Smaller files compare every candidate."""
ABOVE_CHANCE = 2.0
WINDOW = 8
"""How many neighbours a row of an oversized block is compared with."""
SMALL, ENOUGH = 100_000, 1_000_000


def candidates(records: Records) -> tuple[Ints, Ints]:
    """Return the two row numbers of each pair, every pair once, the lower first."""
    count = len(records)
    order = _rank(records)
    frame = _frame(records)
    found = [_pairs(records, key, order) for key in _keys(frame)]
    pairs = _once(np.concatenate([np.empty(0, np.int64), *found]))
    one, two = pairs // max(count, 1), pairs % max(count, 1)
    if count < FEW:
        return one, two
    hopeful = _hopeful(frame, one, two)
    return one[hopeful], two[hopeful]


def _once(pairs: Ints) -> Ints:
    """Return the numbers sorted, each once; for so many, sorting beats the hash table of ``np.unique``."""
    pairs.sort()
    once: Ints = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
    return once


def _hopeful(frame: pl.DataFrame, one: Ints, two: Ints) -> NDArray[np.bool_]:
    """Say which pairs agree in enough, whole or in part, that they could be one person at all.

    An agreement in a word is worth at most the logarithm of how rare the word is; a pair must be able to
    outweigh the odds against any two of that many rows.
    """
    names = set(frame.columns)
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
    worth = np.zeros(len(one), np.float32)
    for name in names & set(parts):
        for part in parts[name]:
            codes = _numbered(frame, [part])
            counts = np.bincount(codes[codes >= 0], minlength=int(codes.max(initial=0)) + 1)
            value = -np.log(np.maximum(counts, 1) / max(int(counts.sum()), 1)).astype(np.float32)
            left = codes[one]
            equal = np.flatnonzero((left == codes[two]) & (left >= 0))
            worth[equal] += value[left[equal]]
    found: NDArray[np.bool_] = worth >= np.log(len(frame)) + ABOVE_CHANCE
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


def _keys(frame: pl.DataFrame) -> Iterator[Ints]:
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


def _numbered(frame: pl.DataFrame, parts: list[pl.Expr]) -> Ints:
    named = [part.alias(f"k{n}") for n, part in enumerate(parts)]
    empty = pl.any_horizontal([part.is_null() | (part.cast(pl.String) == "") for part in parts])
    hashed = frame.select(pl.when(empty).then(None).otherwise(pl.struct(named).hash(1))).to_series()
    codes = np.unique(hashed.fill_null(0).to_numpy(), return_inverse=True)[1].reshape(-1).astype(np.int64)
    codes[hashed.is_null().to_numpy()] = -1
    return codes


def _rank(records: Records) -> Ints:
    """An order in which likely twins stand near each other, for the windows of oversized blocks."""
    frame = _frame(records)
    by = [
        name
        for name in ("surname", "pinyin", "name", "given_name", "birth_date", "address")
        if name in frame.columns
    ]
    if not by:
        return np.arange(len(records), dtype=np.int64)
    place = frame.with_row_index("row").sort([*by, "row"], nulls_last=True)["row"].to_numpy()
    rank = np.empty(len(records), np.int64)
    rank[place] = np.arange(len(records))
    return rank


def _pairs(records: Records, key: Ints, rank: Ints) -> Ints:
    """Return pairs of rows with an equal key, as lower * count + higher."""
    count = len(records)
    rows = np.flatnonzero(key >= 0)
    rows = rows[np.lexsort((rank[rows], key[rows]))]
    keys = key[rows]
    if not len(rows):
        return np.empty(0, np.int64)
    _values, starts, sizes = np.unique(keys, return_index=True, return_counts=True)
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
        if records.split is not None:
            apart = (one < records.split) != (two < records.split)
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
