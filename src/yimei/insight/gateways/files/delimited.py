"""Text with separators: which encoding and which separator it is written in, found from the bytes."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import itemgetter

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.core.rules.tables import is_doubtful
from yimei.insight.enums import TextEncoding
from yimei.insight.gateways.files.sheet import Kind, Sheet, checked_header, refused

SEPARATORS = (",", "\t", ";", "|")
PIECE = 1 << 20
MIXED = "utf8+gb18030"
"""Lines of one and of the other, as when somebody appended one export to another."""
WESTERN = "cp1252"
WESTERN_MIXED = "utf8+cp1252"
FOREIGN = (TextEncoding.BIG5, TextEncoding.SHIFT_JIS, TextEncoding.EUC_KR)
LONGEST_CELL = 1 << 17
SAMPLE = 20
LOOKED_AT = 5000
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")


def read(data: bytes, encoding: str = "") -> Sheet:
    """Read a text in the encoding that somebody says, or in the one that its bytes tell."""
    if encoding in TextEncoding and (fault := _fault(data, encoding)) is not None:
        line = data[:fault].count(b"\n") + 1
        raise refused(_("第 %(line)d 行的文字不是所选的编码。") % {"line": line}, "encoding")
    encoding = encoding or encoding_of(data)
    if encoding in {MIXED, WESTERN_MIXED}:
        found = read(_as_one(data) if encoding == MIXED else _as_one_western(data))
        return replace(found, encoding=encoding)
    text = _stream(data, encoding)
    sample = text.read(1 << 16)
    if "\0" in sample:
        raise refused(_("含有空字符，不是文本表格。"), "binary")
    if not sample.strip():
        raise refused(_("文件是空的：第一行应是列名。"), "empty")
    separator = separator_of(sample)
    is_plain = b'"' not in data
    rows = (_plain_rows if is_plain else _rows)(_stream(data, encoding), separator)
    _line, first = next(rows)
    header = checked_header(first)
    return Sheet(Kind.CSV, header, rows, encoding, max(data.count(b"\n") - 1, 0))


def encoding_of(data: bytes) -> str:
    """By its mark, by the zeros of UTF-16, else whichever of UTF-8 and GB 18030 (GBK) reads it whole."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _must_read(data, name)
    head = data[:4000]
    if head[1::2].count(0) > len(head) / 5:
        return _must_read(data, "utf-16-le")
    if head[0::2].count(0) > len(head) / 5:
        return _must_read(data, "utf-16-be")
    if _fault(data, "utf-8") is None:
        return "utf-8"
    lines = data.split(b"\n")
    if (found := _western(lines)) is not None:
        return found
    return MIXED if any(map(_is_utf8, lines)) else _chinese(data)


def _chinese(data: bytes) -> str:
    """GBK, unless it would be as good a guess as another encoding: then only the reader can tell."""
    reads = _fault(data, "gb18030") is None
    others = any(_fault(data, name) is None for name in FOREIGN)
    if others and (not reads or is_doubtful(data)):
        said = _(
            "编码无法确定：可能是 GBK，也可能是 Big5（繁体）、Shift-JIS（日文）或 EUC-KR（韩文）。"
            "请在「文字编码」里选定，或在 Excel 里另存为「CSV UTF-8」再上传。"
        )
        raise refused(said, "encoding")
    return _must_read(data, "gb18030")


def _western(lines: Sequence[bytes]) -> str | None:
    """Whether the lines that are not UTF-8 are of Western Europe: one letter beyond ASCII stands alone there,
    where Chinese needs two bytes. A file that holds Chinese as well is none.
    """
    good, odd = [], []
    for line in lines:
        if not line.isascii():
            try:
                good.append(line.decode())
            except UnicodeDecodeError:
                odd.append(line)
    runs = _BEYOND_ASCII.findall(b"\n".join(odd[:LOOKED_AT]))
    alone = sum(len(run) == 1 for run in runs)
    if alone < 0.8 * len(runs) or any(char > "\u024f" for line in good for char in line):
        return None
    if any(_fault(line, WESTERN) is not None for line in odd):
        return None
    return WESTERN_MIXED if good else WESTERN


def _as_one_western(data: bytes) -> bytes:
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        if not line.isascii() and _fault(line, "utf-8") is not None:
            lines[number] = line.decode(WESTERN).encode()
    return b"\n".join(lines)


def _is_utf8(line: bytes) -> bool:
    """Whether a line in a file that is not UTF-8 is so all the same: Chinese text reads as Chinese.

    A few characters of GBK may look like Latin letters of UTF-8, but not like characters of three bytes; and
    the signs of measuring would be 掳, 卤 and 虏, which stand in no table.
    """
    if line.isascii():
        return False
    try:
        return all(char < "\x80" or char > "\u2000" or char in "°±²" for char in line.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _as_one(data: bytes) -> bytes:
    """Bring lines of two encodings into one; a line of neither is refused."""
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        if not line.isascii() and not _is_utf8(line):
            try:
                lines[number] = line.decode("gb18030").encode()
            except UnicodeDecodeError:
                raise _no_encoding(number + 1) from None
    return b"\n".join(lines)


def _must_read(data: bytes, name: str) -> str:
    fault = _fault(data, name)
    if fault is not None:
        line = data[:fault].count(b"\n") + 1
        raise _no_encoding(line)
    return name


def _no_encoding(line: int) -> RuleBroken:
    said = _("第 %(line)d 行的文字不是 UTF-8、GBK 或 UTF-16 编码；请在 Excel 里另存为「CSV UTF-8」。")
    return refused(said % {"line": line}, "encoding")


def _fault(data: bytes, name: str) -> int | None:
    """Return about where the bytes stop being text of this encoding; piece by piece, to spare memory."""
    decoder = codecs.getincrementaldecoder(name)()
    view = memoryview(data)
    for start in range(0, len(data), PIECE):
        try:
            decoder.decode(view[start : start + PIECE], final=start + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def separator_of(sample: str) -> str:
    """Return the separator that splits the first lines alike, and into the most columns."""
    lines = sample.splitlines()[:SAMPLE]
    lines = lines[:-1] if len(lines) == SAMPLE else lines

    def score(separator: str) -> tuple[float, int]:
        reader = csv.reader(lines, delimiter=separator)
        widths = []
        try:
            for row in reader:
                widths.append(len(row))
        except csv.Error:
            pass
        if not widths or widths[0] < 2:
            return (0.0, 0)
        alike = sum(width == widths[0] for width in widths) / len(widths)
        return (alike, widths[0])

    return max(SEPARATORS, key=lambda one: (*score(one), -SEPARATORS.index(one)))


def _stream(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _rows(text: io.TextIOWrapper, separator: str) -> Iterator[tuple[int, Sequence[object]]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refused(_words(str(error), line), "csv") from None
        if row:
            yield line, row
        line = reader.line_num + 1


def _plain_rows(text: io.TextIOWrapper, separator: str) -> Iterator[tuple[int, Sequence[object]]]:
    """The same of a text without quotes, where each line is a row: a thousand at a time."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=separator, strict=True)
    filled = filter(itemgetter(1), enumerate(reader, 1))
    while True:
        try:
            rows = list(islice(filled, 1000))
        except csv.Error as error:
            raise refused(_words(str(error), reader.line_num), "csv") from None
        if not rows:
            return
        yield from rows


def _words(said: str, line: int) -> str:
    where = {"line": line}
    if "unexpected end" in said:
        return _("第 %(line)d 行开始的引号没有闭合。") % where
    if "field larger" in said:
        return _("第 %(line)d 行有一格太长，多半是引号没有闭合。") % where
    return _("第 %(line)d 行的引号用法不对：引号之后应是分隔符或行尾。") % where
