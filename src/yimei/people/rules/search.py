"""Which words find a person, and what a typed word can mean."""

import re
from collections.abc import Iterator

from yimei.core import names, phone
from yimei.core.errors import RuleBroken
from yimei.people.enums import TokenKind

PREFIX_LIMIT = 20
"""Longer names are found by their first twenty characters."""

SELECTIVE = frozenset({TokenKind.PHONE, TokenKind.LAST4, TokenKind.ID_NO, TokenKind.NAME, TokenKind.FILE_NO})
"""Kinds that point at few people however large the hospital is."""

FILE_NO = re.compile(r"ZX\d{5,}")
ID_NO = re.compile(r"\d{17}[\dX]")
LATIN_INITIALS = re.compile(r"[A-Z]{1,20}")
LATIN_ONLY = re.compile(r"[^A-Za-z]")
"""A name in Latin letters is found by its beginning in the same box as initials."""


def words_of(
    *, name: str, phone_no: str = "", id_no: str = "", file_no: str = ""
) -> Iterator[tuple[TokenKind, str]]:
    """Yield every (kind, word) by which this person shall be found."""
    if phone_no:
        yield TokenKind.PHONE, phone_no
        yield TokenKind.LAST4, phone.last4(phone_no)
    if id_no:
        yield TokenKind.ID_NO, id_no
    if file_no:
        yield TokenKind.FILE_NO, file_no
    folded = fold(name)
    yield TokenKind.NAME, folded
    for end in range(1, min(len(folded), PREFIX_LIMIT) + 1):
        yield TokenKind.NAME_PREFIX, folded[:end]
    for letters in {names.initials(name)[:PREFIX_LIMIT], LATIN_ONLY.sub("", name).upper()[:PREFIX_LIMIT]}:
        for end in range(1, len(letters) + 1):
            yield TokenKind.INITIALS, letters[:end]


def read_query(text: str) -> tuple[TokenKind, str] | None:
    """Return the one kind of word a typed text is; None when it can find nobody."""
    compact = re.sub(r"\s", "", text).upper()
    if not compact or len(text) > 100:
        return None
    if FILE_NO.fullmatch(compact):
        return TokenKind.FILE_NO, compact
    if ID_NO.fullmatch(compact):
        return TokenKind.ID_NO, compact
    if re.fullmatch(r"\d{4}", compact):
        return TokenKind.LAST4, compact
    if re.search(r"\d", compact):
        return _phone(text)
    if LATIN_INITIALS.fullmatch(compact) and " " not in text.strip():
        return TokenKind.INITIALS, compact
    folded = fold(text)[:PREFIX_LIMIT]
    return (TokenKind.NAME_PREFIX, folded) if folded else None


def fold(name: str) -> str:
    """The written form of a name with case removed; 𠮷, 㛃 and · stay themselves."""
    return names.normalise(name).casefold()


def _phone(text: str) -> tuple[TokenKind, str] | None:
    try:
        return TokenKind.PHONE, phone.normalise(text)
    except RuleBroken:
        return None
