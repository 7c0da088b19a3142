"""Tables in files: which encoding, which delimiter, header and rows, and where a fault lies."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LONGEST_CELL = 16 * 1024 * 1024
DELIMITERS = (",", "\t", ";", "|")


class BadInput(RuleBroken):
    """A file that cannot be read: one sentence with its name, line and column."""

    returncode = 2

    def __init__(self, what: str, *, file: str, line: int = 0, column: int = 0) -> None:
        where = file
        if line:
            where += _("，第 %(line)d 行") % {"line": line}
        if column:
            where += _("，第 %(column)d 列") % {"column": column}
        super().__init__(_("%(where)s：%(what)s") % {"where": where, "what": what}, code="input")


@dataclass(frozen=True)
class Table:
    """The text cells of one file, every row as wide as the header."""

    header: tuple[str, ...]
    rows: list[list[str]]
    encoding: str
    delimiter: str

    def column(self, name: str) -> list[str]:
        at = self.header.index(name)
        return [row[at] for row in self.rows]


def decode(data: bytes, *, file: str) -> tuple[str, str]:
    """Return the text and its encoding: by byte order mark, else UTF-8, else GB 18030 (GBK)."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding, file), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as first:
        if is_doubtful(data):
            said = _(
                "编码无法确定：可能是 GBK，也可能是 Big5（繁体）或 Shift-JIS（日文）。请另存为 UTF-8 再试。"
            )
            raise BadInput(said, file=file) from None
        try:
            return data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            raise _undecodable(data, first.start, file) from None


LOOKED_AT = 1 << 16
BEYOND = 0.5
"""So many characters of a text that GB 2312 does not know, and it is hardly written in Chinese."""
BEYOND_BIG5 = 0.2


def is_doubtful(data: bytes) -> bool:
    """Whether what is not UTF-8 may be Shift-JIS or Big5 as well as GBK: there they are rare characters."""
    sample = b"".join(line for line in data[: LOOKED_AT * 4].split(b"\n") if not line.isascii())[:LOOKED_AT]
    text = sample.decode("gb18030", errors="ignore")
    beyond = [char for char in text if char > "\x7f"]
    if not beyond:
        return False
    share = sum(not _in_gb2312(char) for char in beyond) / len(beyond)
    return share > BEYOND or (share > BEYOND_BIG5 and _is_big5(sample))


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _is_big5(sample: bytes) -> bool:
    """Whether nearly all characters are the frequent ones of Big5."""
    leads = [char.encode("cp950")[0] for char in sample.decode("cp950", errors="ignore") if char > "\x7f"]
    return sum(0xA1 <= lead <= 0xC6 for lead in leads) > 0.95 * len(leads)


def _decoded(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error.start, file) from None


def _undecodable(data: bytes, at: int, file: str) -> BadInput:
    before = data[:at]
    return BadInput(
        _("不是 UTF-8 也不是 GBK 编码的文本。"),
        file=file,
        line=before.count(b"\n") + 1,
        column=at - (before.rfind(b"\n") + 1) + 1,
    )


def read_table(data: bytes, *, file: str) -> Table:
    """Return the table of a delimited file; rows that are too long or too short are refused by their line."""
    text, encoding = decode(data, file=file)
    if "\0" in text:
        at = text.index("\0")
        raise BadInput(_("含有空字符，不是文本表格。"), file=file, line=text.count("\n", 0, at) + 1)
    if not text.strip():
        raise BadInput(_("文件是空的，至少应有一行表头。"), file=file, line=1)
    delimiter = _delimiter(text)
    lines = _parsed(text, delimiter, file)
    _line, header = next(lines)
    rows = []
    for line, row in lines:
        if len(row) != len(header):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header) and not any(row[len(header) :]):
                row = row[: len(header)]
            else:
                words = {"found": len(row), "wanted": len(header)}
                raise BadInput(
                    _("有 %(found)d 列，而表头是 %(wanted)d 列。") % words,
                    file=file,
                    line=line,
                    column=min(len(row), len(header)) + 1,
                )
        rows.append(row)
    return Table(tuple(header), rows, encoding, delimiter)


def _delimiter(text: str) -> str:
    """The header's most frequent delimiter outside quotes."""
    head = text[: text.find("\n")] if "\n" in text else text
    bare = "".join(piece for n, piece in enumerate(head.split('"')) if n % 2 == 0)
    return max(DELIMITERS, key=lambda each: (bare.count(each), -DELIMITERS.index(each)))


def _parsed(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(_csv_words(error), file=file, line=begin) from None
        yield begin, row
        begin = reader.line_num + 1


def _csv_words(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end" in said:
        return _("引号没有闭合。")
    if "field larger" in said:
        return _("单元格太大（超过 16 MiB）。")
    return _("引号用法不对：引号之后应是分隔符或行尾。")


def distinct(header: Sequence[str]) -> tuple[str, ...]:
    """Return the header with every name once: a second 电话 becomes 电话_2, a nameless column 列3."""
    made: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for place, raw in enumerate(header, 1):
        base = raw.strip() or _("列%(place)d") % {"place": place}
        name = base
        while name in taken:
            counts[base] = counts.get(base, 1) + 1
            name = f"{base}_{counts[base]}"
        taken.add(name)
        made.append(name)
    return tuple(made)


Cell = TypeVar("Cell")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula to a spreadsheet."""
HARMLESS = re.compile(r"[+-]+|[+-]?(\d[\d,]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s?[%‰]?")


def as_text(cell: Cell) -> Cell | str:
    """A text that a spreadsheet would reckon with begins with an apostrophe; what is no text stays."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def as_cell(text: str) -> str:
    """The same in a table that is all text, where a number or a sign is none to be kept from reckoning."""
    return text if HARMLESS.fullmatch(text) else as_text(text)


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]], *, delimiter: str = ",") -> str:
    """Return the rows as delimited text with plain line ends."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
