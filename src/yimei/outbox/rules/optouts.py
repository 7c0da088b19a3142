"""What somebody means who answers an advertisement: only a plain no counts, but every plain no does."""

import re
import unicodedata

WORDS = frozenset({"R", "T", "TD", "N", "0000", "STOP", "UNSUBSCRIBE", "QX"})
"""Whole answers that refuse; R and TD are those that Chinese providers know."""
PARTS = ("退订", "退定", "拒收", "取消订阅", "不要再发", "别再发", "别发了", "不要发")
LONGEST = 40
"""A longer text may hold such a word and mean something else: a person reads it."""


def is_no(text: str) -> bool:
    """Whether an answer refuses further advertisements."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).upper()
    return plain in WORDS or (len(plain) <= LONGEST and any(part in plain for part in PARTS))
