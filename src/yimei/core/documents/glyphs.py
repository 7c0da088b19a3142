"""Which characters can be drawn, by which font, and what stands for the rest."""

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

OWN = Path(__file__).parent / "fonts"
FAMILY = "Yimei Sans SC"
SYSTEM_FAMILY = "Noto Sans CJK SC"
SYSTEM_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
)
SYSTEM_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf")


@dataclass(frozen=True)
class FontSet:
    """What one document is set in: families in order of choice, folders to read."""

    families: tuple[str, ...]
    paths: tuple[Path, ...]


def drawable(data: Mapping[str, Any]) -> tuple[dict[str, Any], FontSet]:
    """Return the data with every character drawable, and the fonts that draw them.

    The fonts in this package draw GBK and the standard name characters. A rarer one (𠮷) is drawn by
    Noto Sans CJK when this machine has it; what no font draws becomes a note of its code point, never an
    empty box.
    """
    missing = {char for char in set().union(*_texts(data)) if not _is_ours(char)}
    extra = system_font() if missing else None
    lent = {char for char in missing if extra is not None and ord(char) in coverage(extra)}
    table = {ord(char): _stand_in(char) for char in missing - lent}
    families, paths = (FAMILY,), (OWN,)
    if lent and extra is not None:
        return _translated(data, table), FontSet((*families, SYSTEM_FAMILY), (*paths, extra.parent))
    return _translated(data, table), FontSet(families, paths)


def _is_ours(char: str) -> bool:
    return char == "\n" or ord(char) in coverage(OWN / "YimeiSansSC-Regular.ttf")


def _stand_in(char: str) -> str:
    """Controls, joiners and variation selectors draw nothing by themselves; all else is named."""
    if char in "\t\r\u2028\u2029":
        return " "
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"} or unicodedata.name(char, "").startswith(
        "VARIATION SELECTOR"
    ):
        return ""
    return f"〔U+{ord(char):04X}〕"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for item in value:
            yield from _texts(item)


def _translated(value: Any, table: Mapping[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, Mapping):
        return {key: _translated(item, table) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_translated(item, table) for item in value]
    return value


@lru_cache(maxsize=1)
def system_font() -> Path | None:
    for folder in SYSTEM_FOLDERS:
        for name in SYSTEM_FILES:
            found = next(iter(sorted(folder.rglob(name))), None) if folder.is_dir() else None
            if found is not None:
                return found
    return None


class Coverage:
    """The code points of a font, as ranges from its format 12 character map."""

    def __init__(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _end in ranges]
        self._ends = [end for _start, end in ranges]

    def __contains__(self, code: int) -> bool:
        index = bisect_right(self._starts, code) - 1
        return index >= 0 and code <= self._ends[index]


@lru_cache(maxsize=4)
def coverage(path: Path) -> Coverage:
    """Read which characters a TrueType or OpenType file draws (OpenType specification: cmap, format 12)."""
    with path.open("rb") as file:
        data = memoryview(file.read())
    start = struct.unpack_from(">I", data, 12)[0] if bytes(data[:4]) == b"ttcf" else 0
    tables = {
        bytes(data[at : at + 4]): struct.unpack_from(">I", data, at + 8)[0] for at in _records(data, start)
    }
    cmap = tables[b"cmap"]
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        sub = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * index)[0]
        if struct.unpack_from(">H", data, sub)[0] == 12:
            count = struct.unpack_from(">I", data, sub + 12)[0]
            groups = (struct.unpack_from(">II", data, sub + 16 + 12 * group) for group in range(count))
            return Coverage([(first, last) for first, last in groups])
    raise ValueError(f"{path} has no full character map")


def _records(data: memoryview, start: int) -> range:
    count = struct.unpack_from(">H", data, start + 4)[0]
    return range(start + 12, start + 12 + 16 * count, 16)
