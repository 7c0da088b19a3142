"""Files of statistics programs: SPSS .sav, R .rds, Parquet."""

import bz2
import gzip
import io
import lzma
import os
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.gateways.files.sheet import (
    LARGEST_OPENED,
    Kind,
    Sheet,
    check_size,
    checked_header,
    refused,
)

PIECE = 1 << 20
BATCH = 20_000
PACKERS: tuple[tuple[bytes, Callable[[io.BytesIO], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ", lzma.open),
)


def read_sav(data: bytes) -> Sheet:
    """Read a file of SPSS; values with labels come as their labels. Its library opens files only by name:
    it gets one that lies in memory and on no disk."""
    import pyreadstat

    handle = os.memfd_create("sav")
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(data)
        path = f"/proc/self/fd/{handle}"
        _frame, about = pyreadstat.read_sav(path, metadataonly=True)
        check_size(max(about.number_rows or 0, 0), about.number_columns or 0)
        frame, about = pyreadstat.read_sav(path, apply_value_formats=True, dates_as_pandas_datetime=False)
    except (pyreadstat.ReadstatError, ValueError, OSError, UnicodeDecodeError):
        raise _broken("SPSS") from None
    finally:
        os.close(handle)
    labels = about.column_names_to_labels
    names = [labels.get(name) or name for name in about.column_names]
    if len(set(names)) < len(names):
        names = list(about.column_names)
    return _of_frame(frame, names, Kind.SAV)


def read_rds(data: bytes) -> Sheet:
    """Read one data frame saved by R; what is packed is let out within limits first."""
    import pandas as pd
    import rdata

    opened = _unpacked(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = rdata.conversion.convert(rdata.parser.parse_data(opened))
    except (ValueError, RuntimeError, EOFError, KeyError, TypeError, IndexError):
        raise _broken("R") from None
    if isinstance(found, dict) and len(found) == 1:
        found = next(iter(found.values()))
    if not isinstance(found, pd.DataFrame):
        raise refused(_("这个 R 文件里不是一张数据表（data.frame）。"), "kind")
    check_size(len(found), len(found.columns))
    return _of_frame(found, [str(name) for name in found.columns], Kind.RDS)


def read_parquet(data: bytes) -> Sheet:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        about = file.metadata
        check_size(about.num_rows, about.num_columns)
        size = sum(about.row_group(n).total_byte_size for n in range(about.num_row_groups))
    except (pa.ArrowException, ValueError, OSError):
        raise _broken("Parquet") from None
    if size > LARGEST_OPENED:
        raise refused(_("这个文件展开后大得不合理，没有打开它。"), "bomb")
    header = checked_header(list(file.schema_arrow.names))
    return Sheet(Kind.PARQUET, header, _batches(file), "", about.num_rows)


def _batches(file: Any) -> Iterator[tuple[int, Sequence[object]]]:
    number = 1
    for batch in file.iter_batches(batch_size=BATCH):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield number, [_flat(value) for value in row]


def _unpacked(data: bytes) -> bytes:
    for mark, opener in PACKERS:
        if data.startswith(mark):
            try:
                with opener(io.BytesIO(data)) as packed:
                    return _within(packed)
            except (OSError, EOFError, zlib.error, lzma.LZMAError):
                raise _broken("R") from None
    return data


def _within(packed: Any) -> bytes:
    out = bytearray()
    while piece := packed.read(PIECE):
        out += piece
        if len(out) > LARGEST_OPENED // 2:
            raise refused(_("这个压缩文件展开后大得不合理，没有打开它。"), "bomb")
    return bytes(out)


def _of_frame(frame: Any, names: Sequence[str], kind: Kind) -> Sheet:
    import pandas as pd

    header = checked_header(names)
    rows = (
        (number, [None if pd.isna(value) else _native(value) for value in row])
        for number, row in enumerate(frame.itertuples(index=False, name=None), 2)
    )
    return Sheet(kind, header, rows, "", len(frame))


def _native(value: Any) -> object:
    """Python's own kind of a number or a time of NumPy and pandas."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _flat(value: object) -> object:
    """Lists and bytes within a cell are no values here; they are read as the text they look like."""
    return str(value) if isinstance(value, list | dict | bytes) else value


def _broken(name: str) -> Exception:
    return refused(_("%(name)s 文件损坏或格式不对，打不开。") % {"name": name}, "broken")
