"""How much two identities speak for being one person: field by field, in bits, after Fellegi and Sunter.

The bits are defaults of the house (未在真实数据上核定), set so that a telephone that a couple shares proves
nothing; the nightly comparison over all files learns its own and puts them in their place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yimei.core import names
from yimei.people.enums import Compared, Likeness, Sex
from yimei.people.rules.identity import Identity

BITS: Mapping[Compared, Mapping[Likeness, float]] = {
    Compared.NAME: {Likeness.SAME: 10.0, Likeness.SOUND: 7.0, Likeness.NEAR: 3.0, Likeness.OTHER: -5.0},
    Compared.PHONE: {Likeness.SAME: 9.0, Likeness.NEAR: 4.0, Likeness.OTHER: -1.5},
    Compared.ID_NO: {Likeness.SAME: 20.0, Likeness.NEAR: 9.0, Likeness.OTHER: -12.0},
    Compared.BIRTH: {Likeness.SAME: 11.0, Likeness.NEAR: 4.0, Likeness.OTHER: -6.0},
    Compared.SEX: {Likeness.SAME: 1.0, Likeness.OTHER: -5.0},
}
PRIOR = -18.0
"""What speaks against any two files before they are looked at: about two in a hundred thousand pairs."""
OFFERED = 0.2
"""From this probability on, two files are put before somebody."""


@dataclass(frozen=True)
class Evidence:
    """One field: how alike, and what that is worth."""

    field: Compared
    level: Likeness
    bits: float


def compare(one: Identity, two: Identity) -> tuple[Evidence, ...]:
    """Compare two identities in every field; where one of them is silent, nothing follows."""
    levels = {
        Compared.NAME: _name(one.name, two.name),
        Compared.PHONE: _code(one.phone, two.phone),
        Compared.ID_NO: _code(one.id_no, two.id_no),
        Compared.BIRTH: _birth(one.birth_date, two.birth_date),
        Compared.SEX: _sex(one.sex, two.sex),
    }
    return tuple(Evidence(field, level, BITS[field].get(level, 0.0)) for field, level in levels.items())


def probability(found: Sequence[Evidence]) -> float:
    """Return how probable it is that both are one person."""
    return 1 / (1 + 2 ** -(PRIOR + sum(each.bits for each in found)))


def packed(found: Sequence[Evidence]) -> list[list[str | float]]:
    """Write evidence down without a word of anybody's."""
    return [[each.field.value, each.level.value, round(each.bits, 1)] for each in found]


def unpacked(rows: Sequence[Sequence[object]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(Compared(str(field)), Likeness(str(level)), float(str(bits))) for field, level, bits in rows
    )


def _name(one: str, two: str) -> Likeness:
    a, b = (names.normalise(name).casefold().replace(" ", "") for name in (one, two))
    if not a or not b:
        return Likeness.SILENT
    if a == b:
        return Likeness.SAME
    if names.sound(a) == names.sound(b):
        return Likeness.SOUND
    return Likeness.NEAR if max(len(a), len(b)) >= 3 and _is_near(a, b) else Likeness.OTHER


def _code(one: str, two: str) -> Likeness:
    if not one or not two:
        return Likeness.SILENT
    if one == two:
        return Likeness.SAME
    return Likeness.NEAR if _is_near(one, two) else Likeness.OTHER


def _birth(one: date | None, two: date | None) -> Likeness:
    if one is None or two is None:
        return Likeness.SILENT
    if one == two:
        return Likeness.SAME
    is_swapped = one.year == two.year and (one.month, one.day) == (two.day, two.month)
    near = is_swapped or _is_near(f"{one:%Y%m%d}", f"{two:%Y%m%d}")
    return Likeness.NEAR if near else Likeness.OTHER


def _sex(one: Sex, two: Sex) -> Likeness:
    if Sex.UNKNOWN in {one, two}:
        return Likeness.SILENT
    return Likeness.SAME if one == two else Likeness.OTHER


def _is_near(a: str, b: str) -> bool:
    """One sign other, left out, or two neighbours in each other's place."""
    if len(a) == len(b):
        at = [place for place, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        return len(at) == 1 or (
            len(at) == 2 and at[1] == at[0] + 1 and a[at[0]] == b[at[1]] and a[at[1]] == b[at[0]]
        )
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and any(
        long[:place] + long[place + 1 :] == short for place in range(len(long))
    )
