"""Opens a table that somebody brought: by what it is, not by what its name says; refuses in words."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from yimei.insight.gateways.files import delimited, science, workbook
from yimei.insight.gateways.files.sheet import LARGEST_FILE, Kind, Sheet, refused

__all__ = ["Kind", "Sheet", "kind_of", "open_table"]

READERS: Mapping[Kind, Callable[[bytes], Sheet]] = {
    Kind.XLSX: workbook.read_xlsx,
    Kind.XLS: workbook.read_xls,
    Kind.SAV: science.read_sav,
    Kind.RDS: science.read_rds,
    Kind.PARQUET: science.read_parquet,
}
ENDINGS: Mapping[str, Kind] = {
    "csv": Kind.CSV,
    "txt": Kind.CSV,
    "tsv": Kind.CSV,
    "xlsx": Kind.XLSX,
    "xlsm": Kind.XLSX,
    "xls": Kind.XLS,
    "sav": Kind.SAV,
    "zsav": Kind.SAV,
    "rds": Kind.RDS,
    "parquet": Kind.PARQUET,
}
NAMES: Mapping[Kind, str] = {
    Kind.CSV: "CSV",
    Kind.XLSX: "Excel .xlsx",
    Kind.XLS: "Excel .xls",
    Kind.SAV: "SPSS .sav",
    Kind.RDS: "R .rds",
    Kind.PARQUET: "Parquet",
}
MARKS: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", Kind.XLSX),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.XLS),
    (b"$FL2", Kind.SAV),
    (b"$FL3", Kind.SAV),
    (b"PAR1", Kind.PARQUET),
    (b"\x1f\x8b", Kind.RDS),
    (b"BZh", Kind.RDS),
    (b"\xfd7zXZ", Kind.RDS),
    (b"X\n\x00\x00", Kind.RDS),
)
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
)


def open_table(data: bytes, *, name: str = "", encoding: str = "") -> Sheet:
    """Return the table of a file; a file that is not what its name says is refused."""
    if not data.strip():
        raise refused(_("文件是空的：第一行应是列名。"), "empty")
    if len(data) > LARGEST_FILE:
        most = LARGEST_FILE // 1024 // 1024
        raise refused(_("文件超过 %(most)d MB，请拆成几个文件。") % {"most": most}, "size")
    kind = kind_of(data)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending:
        said = ENDINGS.get(ending)
        if said is None:
            text = _("不认识 .%(ending)s 文件。可以导入 CSV、Excel、SPSS .sav、R .rds 和 Parquet。")
            raise refused(text % {"ending": ending[:10]}, "kind")
        if said != kind:
            words = {"ending": ending, "kind": NAMES[kind]}
            text = _("文件名以 .%(ending)s 结尾，内容却是 %(kind)s。请确认是不是要导入的文件，再改正后缀。")
            raise refused(text % words, "lies")
    return delimited.read(data, encoding) if kind == Kind.CSV else READERS[kind](data)


def kind_of(data: bytes) -> Kind:
    for mark, name in FOREIGN:
        if data.startswith(mark):
            raise refused(_("这是 %(name)s 文件，不是表格。") % {"name": name}, "kind")
    for mark, kind in MARKS:
        if data.startswith(mark):
            return kind
    if data[:2000].lstrip().lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        said = _("内容是网页（HTML 或 XML），不是表格。请用 Excel 打开后另存为 .xlsx。")
        raise refused(said, "kind")
    return Kind.CSV
