"""Records as columns: cells brought into one written form, each distinct word a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
COLUMNS = (
    "name", "given_name", "surname", "sex", "phone", "id_no", "birth_date", "address", "street_number",
    "suburb", "city", "postcode", "state", "email", "wechat",
)  # fmt: skip
SAMPLE = 2000
"""So many words tell what a column is written in."""
EMPTY_WORDS = ("", "na", "n/a", "null", "none", "nan", "未知", "无", "不详", "-", "unknown", "缺失")
SEXES = {"男": "m", "男性": "m", "male": "m", "1": "m", "女": "f", "女性": "f", "female": "f", "2": "f"}


@dataclass
class Words:
    """One column: a number for each row (-1 when empty) and the word of each number."""

    codes: Ints
    words: pl.Series

    def counts(self) -> Ints:
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.words)).astype(np.int64)

    def mapped(self, words: pl.Series | Sequence[str | None]) -> "Words":
        """Return the column with each word said otherwise."""
        other = encoded(words if isinstance(words, pl.Series) else pl.Series(words, dtype=pl.String))
        codes = (
            np.where(self.codes >= 0, other.codes[np.maximum(self.codes, 0)], -1)
            if len(words)
            else self.codes
        )
        return Words(codes, other.words)


@dataclass
class Records:
    """All rows of one or two files; the second begins at ``split``."""

    ids: list[str]
    columns: dict[str, Words] = field(default_factory=dict)
    split: int | None = None

    def __len__(self) -> int:
        return len(self.ids)


def encoded(series: pl.Series) -> Words:
    if series.null_count() == len(series):
        return Words(np.full(len(series), -1, np.int64), pl.Series([], dtype=pl.String))
    array = series.to_arrow().cast(pa.large_string()).dictionary_encode()
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(codes, pl.Series(array.dictionary, dtype=pl.String))


def make(header: Sequence[str], rows: Sequence[Sequence[str]], split: int | None = None) -> Records:
    """Return records of the columns that are known; empty words count as missing."""
    at = {name.strip().lower(): place for place, name in enumerate(header)}
    records = Records([row[at["id"]] for row in rows], split=split)
    for name in COLUMNS:
        if name in at:
            cells = encoded(pl.Series(list(map(itemgetter(at[name]), rows)), dtype=pl.String))
            column = cells.mapped(_plain(cells.words, name)) if len(cells.words) else cells
            if len(column.words):
                records.columns[name] = column
    _derive(records)
    return records


def _plain(cells: pl.Series, name: str) -> pl.Series:
    plain = cells.str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    plain = pl.select(pl.when(plain.is_in(EMPTY_WORDS)).then(None).otherwise(plain)).to_series()
    match name:
        case "phone":
            digits = plain.str.replace_all(r"\D", "").str.replace(r"^0086|^86(1\d{10})$", "${1}")
            return _or_null(digits, digits.str.len_chars() >= 5)
        case "id_no" | "postcode":
            return _or_null(short := plain.str.replace_all(r"[\s\-]", ""), short.str.len_chars() > 0)
        case "birth_date":
            return _dates(plain)
        case "sex":
            return plain.replace(SEXES).str.slice(0, 1)
        case "email" | "wechat":
            return plain.str.replace_all(r"\s", "")
        case "street_number":
            return plain.str.strip_chars_start("0")
        case _:
            return plain.str.replace_all(r"[\s,，.。;；'\"\-_/()（）#]+", " ").str.strip_chars()


def _or_null(series: pl.Series, keep: pl.Series) -> pl.Series:
    return pl.select(pl.when(keep).then(series).otherwise(None)).to_series()


def _dates(plain: pl.Series) -> pl.Series:
    """Write a date as eight digits where it is one; American order when the year stands last."""
    digits = plain.str.replace_all(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*$", "${1}-0${2}-0${3}")
    digits = digits.str.replace_all(r"-\d*(\d{2})", "-${1}")
    digits = digits.str.replace(r"^(\d{1,2})/(\d{1,2})/(\d{4})$", "${3}-0${1}-0${2}").str.replace_all(
        r"-\d*(\d{2})", "-${1}"
    )
    digits = digits.str.replace_all(r"\D", "")
    return _or_null(digits, digits.str.len_chars() >= 4)


def _derive(records: Records) -> None:
    """Add what names sound like, and whole names where only parts were given."""
    columns = records.columns
    if "name" not in columns and {"given_name", "surname"} <= set(columns):
        _join_chinese(records)
    if "name" in columns:
        names = columns["name"]
        if is_chinese(names.words):
            columns.pop("given_name", None)
            columns.pop("surname", None)
            columns["name"] = names.mapped(names.words.str.replace_all(" ", "", literal=True))
            columns["pinyin"] = columns["name"].mapped(
                [sound(text) for text in columns["name"].words.to_list()]
            )
        elif {"given_name", "surname"} <= set(columns):
            del columns["name"]
        else:
            parts = [text.split() for text in names.words.to_list()]
            columns["given_name"] = names.mapped([part[0] if part else None for part in parts])
            columns["surname"] = names.mapped([part[-1] if len(part) > 1 else None for part in parts])
            columns["middle"] = names.mapped([" ".join(part[1:-1]) or None for part in parts])
            del columns["name"]


def is_chinese(words: pl.Series) -> bool:
    sample = words.head(SAMPLE)
    return int(sample.str.contains(HAN.pattern).sum()) > 0.3 * len(sample)


def _join_chinese(records: Records) -> None:
    """Write 姓 and 名 in two columns as one name."""
    family, given = records.columns["surname"], records.columns["given_name"]
    if not is_chinese(family.words):
        return
    families, givens = [*family.words.to_list(), ""], [*given.words.to_list(), ""]
    whole = [
        families[a] + givens[b] or None
        for a, b in zip(family.codes.tolist(), given.codes.tolist(), strict=True)
    ]
    records.columns["name"] = encoded(pl.Series(whole, dtype=pl.String))


HAN = re.compile(r"[㐀-鿿𠀀-\U0003ffff]")


class _Syllables(dict[str, str]):
    """What each character sounds like, looked up once."""

    def __missing__(self, char: str) -> str:
        from pypinyin import Style, lazy_pinyin

        said: str = lazy_pinyin(char, style=Style.NORMAL, strict=False)[0] if HAN.match(char) else char
        self[char] = said
        return said


SYLLABLES = _Syllables()


def sound(name: str) -> str:
    """Return a name's syllables with a blank between: 王芳 → wang fang; Latin letters stay."""
    if name.isascii():
        return name.replace(" ", "")
    return " ".join([SYLLABLES[char] for char in name])
