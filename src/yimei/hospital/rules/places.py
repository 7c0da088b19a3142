"""Places of the hospital by name."""

import re
from collections.abc import Sequence

BRACKETED = re.compile(r"[（(]([^（()）]+)[）)]\s*$")


def brief(names: Sequence[str]) -> list[str]:
    """Return what tells campuses apart where there is little room: what stands in brackets at the end.

    「颐美整形外科医院（杭州院区）」 is 「杭州院区」. A name without brackets stays whole, and
    all stay when two would be called the same.
    """
    short = [found[1] if (found := BRACKETED.search(name)) else name for name in names]
    return short if len(set(short)) == len(short) else list(names)
