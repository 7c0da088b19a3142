"""Workbooks of Excel, looked over before they are opened: a small one may ask for all the memory there is."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.gateways.files.sheet import (
    LARGEST_OPENED,
    LARGEST_RATIO,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Kind,
    Sheet,
    check_size,
    checked_header,
    refused,
)

PIECE = 1 << 20
MOST_MEMBERS = 5000
SMALL = 1 << 20
SPARSE = 50
"""How many empty places may stand beside each filled one."""
EMPTY = ("", None)
Box = tuple[int, int, int]
"""How many places are filled, the last row and the last column."""
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,3}\d{1,10})["']""")
_USUAL_PLACE = re.compile(rb" r=\"([A-Z]{0,3}\d{1,10})\"")
"""The same as all usual programs write it: found five times as fast."""
_FAR_PLACE = re.compile(rb" r=\"(?:([A-Z]{2,3})(\d{1,10})|[A-Z]?(\d{6,10}))\"")
_UNUSUAL = (b"r =", b"r= ")
_UNUSUAL_MARKS = (b"'", b"\t", b"\n", b"\r")
"""Without one of these, which is soon seen, nothing else is unusual."""
_MORE_UNUSUAL = (b"r='", b"r=\t", b"r=\n", b"r=\r", b"\tr", b"\nr", b"\rr", b"r\t=", b"r\n=", b"r\r=")
_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"


def read_xlsx(data: bytes) -> Sheet:
    check_zip(data)
    return _read(data, Kind.XLSX)


def read_xls(data: bytes) -> Sheet:
    return _read(data, Kind.XLS)


def check_zip(data: bytes) -> None:
    """Refuse a bomb by what it says of itself, and by what comes out when it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names and "xl/workbook.bin" not in names:
                raise refused(_("这是一个压缩包，不是 Excel 工作簿。"), "kind")
            if any(member.flag_bits & 1 for member in members):
                raise refused(_("工作簿有密码，请去掉密码后再上传。"), "password")
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > LARGEST_OPENED:
                raise _bomb()
            for member in members:
                _open(archive, member)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError):
        raise _broken() from None


def _open(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Let one member out piece by piece, counting; of a sheet also measure the box that its cells span."""
    if not (member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")):
        for _piece in _pieces(archive, member):
            pass
    elif not _fits(*_box(_pieces(archive, member), _roughly)):
        cells, rows, columns = _box(_pieces(archive, member), _exactly)
        check_size(0, columns)
        if not _is_dense(cells, rows, columns):
            raise refused(_("表格里有散落在很远处的单元格，请删掉数据区以外的内容再上传。"), "sparse")
        check_size(rows, columns)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What comes out, while it is not more than a member of this size may hold."""
    size = 0
    with archive.open(member) as opened:
        while piece := opened.read(PIECE):
            size += len(piece)
            if size > LARGEST_OPENED or (size > SMALL and size > LARGEST_RATIO * (member.compress_size + 1)):
                raise _bomb()
            yield piece


def _box(pieces: Iterator[bytes], measure: Callable[[bytes], Box]) -> Box:
    """Add up cells, and take the last row and the last column of all pieces, none of them cut in a place."""
    cells = rows = columns = 0
    rest = b""
    for found in pieces:
        piece = rest + found
        more, row, column = measure(piece)
        cells, rows, columns = cells + more, max(rows, row), max(columns, column)
        rest = piece[-32:].rpartition(b">")[2]
    return cells, rows, columns


def _roughly(piece: bytes) -> Box:
    """Never too small: only places beyond 26 columns or 99,999 rows are looked at one by one."""
    if not _is_usual(piece):
        return _exactly(piece)
    far = _FAR_PLACE.findall(piece)
    return (
        piece.count(b' r="'),
        max([99_999, *{int(below or beside) for _letters, below, beside in far}]),
        max([26, *map(_column, {letters for letters, _below, _beside in far})]),
    )


def _exactly(piece: bytes) -> Box:
    places = (_USUAL_PLACE if _is_usual(piece) else _PLACE).findall(piece)
    rows = map(int, {place.lstrip(_LETTERS) for place in places})
    columns = map(_column, {place.rstrip(_DIGITS) for place in places})
    return len(places), max(rows, default=0), max(columns, default=0)


def _is_usual(piece: bytes) -> bool:
    if any(way in piece for way in _UNUSUAL):
        return False
    is_marked = any(mark in piece for mark in _UNUSUAL_MARKS)
    return not (is_marked and any(way in piece for way in _MORE_UNUSUAL))


def _fits(cells: int, rows: int, columns: int) -> bool:
    is_small = rows <= MOST_ROWS and columns <= MOST_COLUMNS and rows * columns <= MOST_CELLS
    return is_small and _is_dense(cells, rows, columns)


def _is_dense(cells: int, rows: int, columns: int) -> bool:
    return rows * columns <= max(200_000, SPARSE * cells)


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _read(data: bytes, kind: Kind) -> Sheet:
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height:
                check_size(sheet.total_height, sheet.total_width)
                return replace(_sheet(sheet, kind), name=name, others=_others(book, name))
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        if "assword" in type(error).__name__ + str(error):
            raise refused(_("工作簿有密码，请去掉密码后再上传。"), "password") from None
        raise _broken() from None
    raise refused(_("文件是空的：第一行应是列名。"), "empty")


def _others(book: Any, read: str) -> Iterator[str]:
    """Name the filled sheets that are not the one that is read; one that cannot be opened may be filled."""
    import python_calamine

    for name in book.sheet_names:
        try:
            if name != read and book.get_sheet_by_name(name).height:
                yield name
        except (python_calamine.CalamineError, ValueError, OSError):
            yield name


def _sheet(sheet: Any, kind: Kind) -> Sheet:
    lines = enumerate(sheet.iter_rows(), sheet.start[0] + 1 if sheet.start else 1)
    first: Sequence[object] = ()
    for _number, row in lines:
        if any(cell not in EMPTY for cell in row):
            first = row
            break
    header = checked_header(first)
    return Sheet(kind, header, _rows(lines, len(header)), "", max(sheet.height - 1, 0))


def _rows(
    lines: Iterator[tuple[int, Sequence[object]]], width: int
) -> Iterator[tuple[int, Sequence[object]]]:
    for number, row in lines:
        if (row and row[0] not in EMPTY) or any(cell not in EMPTY for cell in row):
            beyond = len(row) > width and any(cell not in EMPTY for cell in row[width:])
            yield number, row if beyond else row[:width]


def _bomb() -> Exception:
    return refused(_("这个压缩文件展开后大得不合理，没有打开它。请另存为新的工作簿或 CSV。"), "bomb")


def _broken() -> Exception:
    return refused(_("工作簿损坏，打不开。请在 Excel 里重新保存后再上传。"), "broken")
