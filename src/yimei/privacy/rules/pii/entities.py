"""What is found: a kind, a place in the original text, and how sure the program is."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    NAME = "NAME"
    PHONE = "PHONE"
    LANDLINE = "LANDLINE"
    ID_NO = "ID_NO"
    PASSPORT = "PASSPORT"
    HM_PERMIT = "HM_PERMIT"
    BANK_CARD = "BANK_CARD"
    EMAIL = "EMAIL"
    ADDRESS = "ADDRESS"
    WECHAT = "WECHAT"
    PLATE = "PLATE"
    RECORD_NO = "RECORD_NO"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"


@dataclass(frozen=True, order=True)
class Entity:
    """Characters ``start`` to ``end`` of the original text, as Python counts them."""

    start: int
    end: int
    kind: Kind
    text: str
    score: float


def without_overlaps(found: Iterable[Entity]) -> list[Entity]:
    """Keep the surest of each overlapping group, the longer one when equally sure; in order of place."""
    kept: list[Entity] = []  # in order of place, so that only its neighbours can overlap the next one
    for entity in sorted(found, key=lambda each: (-round(each.score, 1), each.start - each.end, each)):
        place = bisect_left(kept, entity.start, key=lambda each: each.start)
        is_after = not place or kept[place - 1].end <= entity.start
        if is_after and (place == len(kept) or entity.end <= kept[place].start):
            kept.insert(place, entity)
    return kept
