"""Persons of old books, as hard to tell apart as those of a public set that may not be had everywhere.

The set is `historical_50k` of Splink: persons of Wikidata, each some ten times with errors. What is published
of it (the notebook of Splink 4.0.10 on the set, the article of the R package irelink) was the model: records
and persons, how much is missing in a column, how many pairs agree in a column or two. How near they come, and
what Splink finds in both: `docs/files.md`.
"""

from datetime import date, timedelta
from random import Random

from yimei.privacy.rules.pii.text import listed
from yimei.rehearsal.rules.twins import (
    ENGLISH_FAMILY,
    ENGLISH_GIVEN,
    LATIN,
    NICKNAMES,
    TOWNS,
    Row,
    copied,
    other_day,
    typo,
)

HEADER = ("id", "given_name", "surname", "birth_date", "city", "postcode", "sex")
COPIES = (2, 5, 8, 10, 12, 14, 18)
MISSING = {"surname": 0.098, "birth_date": 0.248, "city": 0.15, "postcode": 0.248, "sex": 0.24}
"""Share of the copies; the first writing of a person is whole."""
TITLES = listed("sir lord admiral rev dr lady captain")
RANKS = listed("baronet baron earl viscount 1st 2nd esq")
PARTS = listed("bar den ham ton ley ford wick mar hol tre pen wes ash cran lang brad shel nor sut mor")
BORN = date(1600, 1, 1)
DAYS = 100_000
CAREFUL, CARELESS = 0.2, 1.0
"""How much of the usual errors one copy has."""


def _names(chance: Random, count: int, *endings: str) -> list[str]:
    """Some thousands of names of families or places, in any order."""
    made = sorted({"".join(chance.choices(PARTS, k=chance.choice((2, 2, 3)))) for _each in range(count)})
    chance.shuffle(made)
    return [name + chance.choice(endings) for name in made]


def _falling(count: int, start: float, power: float) -> list[float]:
    """How frequent the first, the second … word of a list is."""
    return [(place + start) ** -power for place in range(count)]


FAMILIES = [*ENGLISH_FAMILY, *_names(Random(1), 9000, "")]
FAMILY_WEIGHTS = _falling(len(FAMILIES), 30, 0.55)
GIVEN_WEIGHTS = _falling(len(ENGLISH_GIVEN), 4, 0.75)
PLACES = [*TOWNS, *_names(Random(2), 4000, "", "ton", "bury", "ford", "ham")]
PLACE_WEIGHTS = _falling(len(PLACES), 2, 0.55)
PLACE_WEIGHTS[0] = 0.08 * sum(PLACE_WEIGHTS[1:])
"""London."""


def historical(count: int, seed: int = 1) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return a header and rows; the first column names the person before its hyphen."""
    return copied(count, seed, HEADER, _person, _again, _relative, near_share=0.12, copies=COPIES)


def _person(chance: Random) -> Row:
    born = (BORN + timedelta(days=int(DAYS * chance.random() ** 0.5))).isoformat()
    town = chance.choices(PLACES, PLACE_WEIGHTS)[0]
    return {
        "given_name": chance.choices(ENGLISH_GIVEN, GIVEN_WEIGHTS)[0],
        "surname": chance.choices(FAMILIES, FAMILY_WEIGHTS)[0],
        "birth_date": _year_only(born) if chance.random() < 0.45 else born,
        "city": town,
        "postcode": _postcode(town, chance),
        "sex": "male" if chance.random() < 0.85 else "female",
    }


def _relative(row: Row, chance: Random) -> Row:
    """Somebody of the same surname and place, often of the same given name."""
    other = _person(chance) | {"surname": row["surname"], "city": row["city"]}
    if chance.random() < 0.5:
        other["postcode"] = row["postcode"]
    if chance.random() < 0.4:
        other["given_name"] = row["given_name"]
    return other


def _again(row: Row, chance: Random) -> Row:
    """One copy: given name, surname, birth date, place and postcode each with errors of their own."""
    care = CARELESS if chance.random() < 0.75 else CAREFUL
    again = dict(row)
    match _pick(chance, care, 0.13, 0.07, 0.07, 0.06):
        case 0:
            again["given_name"] = NICKNAMES.get(row["given_name"], row["given_name"][0])
        case 1:
            again["given_name"] = typo(row["given_name"], chance, LATIN)
        case 2:
            again["given_name"] = chance.choice(TITLES)
        case 3:
            again["given_name"] = chance.choices(ENGLISH_GIVEN, GIVEN_WEIGHTS)[0]
    match _pick(chance, care, 0.11, 0.07, 0.08):
        case 0:
            again["surname"] = typo(row["surname"], chance, LATIN)
        case 1:
            again["surname"] = chance.choice(RANKS)
        case 2:
            again["surname"] = chance.choices(FAMILIES, FAMILY_WEIGHTS)[0]
    match _pick(chance, care, 0.16, 0.3):
        case 0:
            again["birth_date"] = other_day(row["birth_date"], chance)
        case 1:
            again["birth_date"] = _year_only(row["birth_date"])
    if _pick(chance, care, 0.12) == 0:
        again["city"] = chance.choices(PLACES, PLACE_WEIGHTS)[0]
    match _pick(chance, care, 0.3, 0.04):
        case 0:
            again["postcode"] = f"{row['postcode'].split()[0]} {_inward(chance)}"
        case 1:
            again["postcode"] = _postcode(again["city"], chance)
    for name, share in MISSING.items():
        if chance.random() < share:
            again[name] = ""
    return again


def _pick(chance: Random, care: float, *shares: float) -> int | None:
    """Return which of several errors happens, if one does."""
    drawn = chance.random() / care
    for place, share in enumerate(shares):
        drawn -= share
        if drawn < 0:
            return place
    return None


def _year_only(day: str) -> str:
    """A year without a day, as such books write it."""
    return f"{day[:4]}-01-01"


def _postcode(town: str, chance: Random) -> str:
    return f"{town[:2]}{chance.randint(1, 20)} {_inward(chance)}"


def _inward(chance: Random) -> str:
    """The second half of a British postcode."""
    return f"{chance.randint(1, 9)}{chance.choice(LATIN)}{chance.choice(LATIN)}"
