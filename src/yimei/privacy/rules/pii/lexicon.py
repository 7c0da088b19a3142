"""What names are made of, and the everyday words they must not be mistaken for."""

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from yimei.core.names import COMPOUND_SURNAMES
from yimei.privacy.rules.pii.addresses import place_names

DATA = Path(__file__).resolve().parents[2] / "data" / "pii"
LONGEST_WORD = 5
COMPOUND_SHARE = -8.0
RAREST_GIVEN = -15.0
TRADE_COUNT = 4000
"""How often a word of the trade is taken to occur, in the scale of the dictionary."""


_reading = Lock()


@dataclass(frozen=True)
class Lexicon:
    """Natural logarithms of shares: of words, single characters, surnames and given characters."""

    words: dict[str, float]
    surnames: dict[str, float]
    given: dict[str, float]
    unknown: float
    by_first: dict[str, tuple[int, ...]]


def _lines(name: str) -> list[str]:
    text = (DATA / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _levels(name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in _lines(name):
        level, chars = line.split(" ", 1)
        for char in chars:
            found.setdefault(char, float(level))
    return found


def lexicon() -> Lexicon:
    """What names are found by; about a second of work once a process, whoever asks meanwhile waits for it."""
    with _reading:
        return _read()


@lru_cache(maxsize=1)
def _read() -> Lexicon:
    """Read the shipped lists and the dictionary of jieba (its file only, not its program)."""
    surnames = _levels("surnames.txt") | dict.fromkeys(COMPOUND_SURNAMES, COMPOUND_SHARE)
    ordinary = {word for line in _lines("ordinary.txt") for word in line.split()}
    counts: dict[str, int] = {}
    total = 0
    with (_jieba() / "dict.txt").open(encoding="utf-8") as file:
        for line in file:
            word, count, kind = line.split(" ")
            if len(word) > LONGEST_WORD:
                continue
            number = int(count)
            if kind.startswith("nr") and word not in ordinary and _may_be_a_name(word, surnames):
                continue
            total += number
            if number > 2 or len(word) == 1:
                counts[word] = number
    for word in ordinary | place_names():
        counts[word] = max(counts.get(word, 0), TRADE_COUNT)
    whole = math.log(total)
    words = {word: math.log(count) - whole for word, count in counts.items() if count}
    lengths: dict[str, set[int]] = defaultdict(set)
    for word in words:
        lengths[word[0]].add(len(word))
    return Lexicon(
        words=words,
        surnames=surnames,
        given=_levels("given.txt"),
        unknown=math.log(0.5) - whole,
        by_first={first: tuple(sorted(sizes)) for first, sizes in lengths.items()},
    )


def _may_be_a_name(word: str, surnames: dict[str, float]) -> bool:
    return len(word) > 1 and (word[0] in surnames or word[:2] in surnames)


def _jieba() -> Path:
    spec = find_spec("jieba")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("jieba is missing")
    return Path(next(iter(spec.submodule_search_locations)))
