"""Views of a text, each as long as the text itself, so that places in one are places in the other."""

import unicodedata
from functools import lru_cache

CHINESE_DIGITS = {
    **dict(zip("〇一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("零壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    **dict(zip("○幺两貳參肆陸", "0122346", strict=True)),
}
SOUND_ALIKE = {
    char: digit
    for digit, chars in {
        "0": "灵另领林洞oOQ", "1": "要妖腰夭医依衣伊吆lI|", "2": "而尔儿耳", "3": "伞散仨珊山",
        "4": "似斯司死思寺", "5": "误舞吴武呜捂午", "6": "溜流留刘柳", "7": "起期器妻骑奇拐",
        "8": "巴吧爸扒叭芭", "9": "酒久就救勾",
    }.items()
    for char in chars
}  # fmt: skip
"""What people write for a digit when they do not want a number to be seen."""


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) == 1:
        return folded
    digit = unicodedata.digit(char, None)
    return str(digit) if digit is not None and digit < 10 else char


def plain(text: str) -> str:
    """Full-width, circled and styled characters as plain ones; as long as before."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _plain(char) for char in text)


_CHINESE = str.maketrans(CHINESE_DIGITS)
_SOUNDS = str.maketrans(SOUND_ALIKE | CHINESE_DIGITS)


def digits_read(text: str) -> str:
    """Chinese digits as digits."""
    return text.translate(_CHINESE)


def sounds_read(text: str) -> str:
    """Chinese digits, and words that sound like one, as digits."""
    return text.translate(_SOUNDS)


def is_han(char: str) -> bool:
    return "㐀" <= char <= "鿿" or "𠀀" <= char <= "\U0003ffff" or char == "〇"


def listed(words: str) -> tuple[str, ...]:
    """Return words that are written with blanks between them."""
    return tuple(words.split())
