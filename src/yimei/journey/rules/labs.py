"""Reading a file of results: its encoding, its columns, and what one row says."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.core.rules import tables

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 1000
MAX_CELL = 200

FIELDS: Mapping[str, str | Promise] = {
    "file_no": gettext_lazy("档案号"),
    "name": gettext_lazy("姓名"),
    "id_no": gettext_lazy("证件号"),
    "sex": gettext_lazy("性别"),
    "test": gettext_lazy("检查项目"),
    "value": gettext_lazy("结果"),
    "unit": gettext_lazy("单位"),
    "taken": gettext_lazy("采样时间"),
}
NEEDED = ("file_no", "name", "test", "value", "taken")
"""Without these nobody can say whose result it is, of what, and from when."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "file_no": ("档案号", "病历号", "病案号", "门诊号", "患者编号", "file_no", "patient_id"),
    "name": ("姓名", "患者姓名", "病人姓名", "name"),
    "id_no": ("证件号", "身份证号", "身份证", "id_no"),
    "sex": ("性别", "sex", "gender"),
    "test": ("项目代码", "检查项目", "检验项目", "项目名称", "项目", "test", "code", "item"),
    "value": ("结果", "检验结果", "结果值", "value", "result"),
    "unit": ("单位", "unit"),
    "taken": ("采样时间", "采样日期", "采集时间", "标本时间", "taken", "collected"),
}
SEX = {"女": "F", "f": "F", "female": "F", "男": "M", "m": "M", "male": "M"}
TIMES = (
    re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2}):?(\d{2})(?::?\d{2})?)?"),
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?"),
)


@dataclass(frozen=True)
class Table:
    """The head of a file and its rows as text."""

    encoding: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(data: bytes) -> Table:
    """Return the rows of a CSV file, in UTF-8 or GBK, whatever separates its cells."""
    if len(data) > MAX_BYTES:
        raise RuleBroken(_("文件超过 5 MB，请分成几个文件。"), code="file")
    text, encoding = _decode(data)
    sample = text[:4096].splitlines()[0] if text.strip() else ""
    separator = max(",;\t", key=sample.count)
    rows = [
        tuple(cell.strip()[:MAX_CELL] for cell in row)
        for row in csv.reader(io.StringIO(text), delimiter=separator)
        if any(cell.strip() for cell in row)
    ]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise RuleBroken(_("文件里没有结果：第一行须是列名，下面每行一个结果。"), code="file")
    if len(rows) - 1 > MAX_ROWS:
        raise RuleBroken(_("一个文件最多 %(most)d 行，请分成几个文件。") % {"most": MAX_ROWS}, code="file")
    return Table(encoding, rows[0], tuple(rows[1:]))


def guess(head: Sequence[str]) -> dict[str, int]:
    """Return which column holds which field, by the words of the head."""
    plain = [_plain(cell) for cell in head]
    found: dict[str, int] = {}
    for field, words in WORDS.items():
        column = next((plain.index(_plain(word)) for word in words if _plain(word) in plain), None)
        if column is not None and column not in found.values():
            found[field] = column
    return found


def check_mapping(mapping: Mapping[str, int], *, columns: int) -> None:
    lacking = [str(FIELDS[field]) for field in NEEDED if field not in mapping]
    if lacking:
        raise RuleBroken(_("还没有指定这些列：%(what)s。") % {"what": "、".join(lacking)}, code="mapping")
    used = list(mapping.values())
    if len(used) != len(set(used)) or not all(0 <= column < columns for column in used):
        raise RuleBroken(_("同一列不能当作两种内容。"), code="mapping")


def cells_of(row: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """Return what one row says, by field; a short row has empty cells."""
    return {field: row[column] if column < len(row) else "" for field, column in mapping.items()}


def check_whole(cells: Mapping[str, str]) -> None:
    lacking = [str(FIELDS[field]) for field in NEEDED if not cells.get(field)]
    if lacking:
        raise RuleBroken(_("缺少：%(what)s。") % {"what": "、".join(lacking)})


def read_taken(text: str) -> datetime:
    """Return when a sample was taken; a day alone counts as its noon."""
    for pattern in TIMES:
        found = pattern.fullmatch(text.strip())
        if found:
            year, month, day, hour, minute = found.groups()
            try:
                return datetime(
                    int(year), int(month), int(day), int(hour or 12), int(minute or 0), tzinfo=SHANGHAI
                )
            except ValueError:
                break
    raise RuleBroken(_("采样时间「%(text)s」看不懂，请写成 2026-06-16 09:00。") % {"text": text[:20]})


def read_sex(text: str) -> str:
    return SEX.get(text.strip().lower(), "")


def base_name(text: str) -> str:
    """Return a test's name or code without what only tells the sexes apart."""
    plain = _plain(text)
    return re.sub(r"(-[fm]|[（(][女男][）)])$", "", plain)


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _decode(data: bytes) -> tuple[str, str]:
    no_table = RuleBroken(_("这不是 CSV 文件；表格请先另存为 CSV（UTF-8 或 GBK）。"), code="file")
    if data[:4] == b"PK\x03\x04":
        raise no_table
    try:
        text, encoding = tables.decode(data, file=_("文件"))
    except tables.BadInput:
        raise RuleBroken(_("文件的编码看不懂，请另存为 UTF-8 的 CSV 再上传。"), code="file") from None
    if "\0" in text:
        raise no_table
    return text, encoding
