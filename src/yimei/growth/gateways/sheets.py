"""A table of enquiries in a file: CSV as Excel or WPS writes it, or .xlsx; whatever the file says it is."""

import csv
import io
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook

from yimei.core.errors import RuleBroken

LARGEST, UNPACKED, MOST = 2 * 1024 * 1024, 40 * 1024 * 1024, 500
HEADS = {"name": "称呼", "phone": "手机", "wechat": "微信", "interest": "咨询项目", "note": "备注"}
COLUMNS = {
    "name": {"姓名", "称呼", "客户", "客户姓名", "name"},
    "phone": {"电话", "手机", "手机号", "手机号码", "联系电话", "phone", "mobile", "tel"},
    "wechat": {"微信", "微信号", "wechat"},
    "interest": {"咨询项目", "意向项目", "项目", "interest"},
    "note": {"备注", "留言", "咨询内容", "note", "remark"},
}


def read(
    content: bytes,
    *,
    columns: Mapping[str, Collection[str]] = COLUMNS,
    needed: Collection[str] = ("name", "phone"),
    names: str = "",
    most: int = MOST,
    largest: int = LARGEST,
) -> list[tuple[int, dict[str, str]]]:
    """Return the lines with their numbers in the file; refuse what is no such table."""
    if len(content) > largest:
        raise RuleBroken(_("文件超过 %(n)d MB。") % {"n": largest // 1024 // 1024}, code="file")
    rows = _sheet(content, most) if content[:2] == b"PK" else _lines(content)
    head = next(rows, [])
    places = {name: at for at, word in enumerate(head) if (name := _column(word, columns))}
    if not set(needed) <= set(places):
        text = _("第一行须有这些列：%(names)s。")
        raise RuleBroken(text % {"names": names or _("「称呼」与「手机」")}, code="file")
    found = []
    for number, row in enumerate(rows, start=2):
        line = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        if any(line.values()):
            found.append((number, line))
        if len(found) > most:
            raise RuleBroken(_("一次最多导入 %(n)d 行，请分成几份。") % {"n": most}, code="file")
    if not found:
        raise RuleBroken(_("文件里没有一行内容。"), code="file")
    return found


def write(lines: Iterable[tuple[Mapping[str, str], str]]) -> bytes:
    """A sheet of lines to be mended, each with why it was not taken; a text stays a text, never a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADS.values(), _("未收下的原因")])
        for at, (line, why) in enumerate(lines, start=1):
            for column, name in enumerate(HEADS):
                sheet.write_string(at, column, line.get(name, ""))
            sheet.write_string(at, len(HEADS), why)
    return out.getvalue()


def _column(word: str, columns: Mapping[str, Collection[str]]) -> str:
    plain = word.strip().strip("*＊ ").lower()
    return next((name for name, words in columns.items() if plain in words), "")


def _lines(content: bytes) -> Iterator[list[str]]:
    text = _text(content)
    first = text.split("\n", 1)[0]
    try:
        yield from csv.reader(io.StringIO(text), delimiter="\t" if "\t" in first else ",", strict=True)
    except csv.Error:
        raise RuleBroken(_("文件不是完整的 CSV，请另存为 CSV 或 xlsx 再试。"), code="file") from None


def _text(content: bytes) -> str:
    """Excel writes GB18030 where the system speaks Chinese, and UTF-8 elsewhere."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RuleBroken(_("认不出文件的文字，请另存为 CSV（UTF-8）或 xlsx 再试。"), code="file")


def _sheet(content: bytes, most: int) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED:
                raise RuleBroken(_("文件展开后太大，请只留需要的列。"), code="file")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=most + 2)
    except (zipfile.BadZipFile, CalamineError, ValueError, IndexError, OSError):
        raise RuleBroken(_("文件不是完整的 xlsx，请用表格软件另存一份再试。"), code="file") from None
    for row in rows:
        yield [_cell(value) for value in row]


def _cell(value: object) -> str:
    """A telephone number that the sheet keeps as a number has no decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
