"""The zip opens with its password and tells when it was changed."""

import struct
import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from yimei.core.documents import locked

AT = datetime(2026, 6, 16, 10, 0, 1)


@pytest.mark.parametrize("data", [b"", b"a", b"x" * 15, b"x" * 16, "名单".encode() * 5000])
def test_what_is_locked_opens_with_its_password_only(data: bytes) -> None:
    archive = locked.lock(data, name="名单.xlsx", password="correct", at=AT)
    assert locked.unlock(archive, "correct") == data
    with pytest.raises(ValueError, match="password"):
        locked.unlock(archive, "wrong")
    assert len(data) < 8 or data not in archive  # a byte alone is found in any noise


def test_a_changed_byte_is_found() -> None:
    archive = bytearray(locked.lock(b"x" * 100, name="a", password="p", at=AT))
    archive[70] ^= 1
    with pytest.raises(ValueError, match="changed"):
        locked.unlock(bytes(archive), "p")


def test_any_archiver_reads_what_is_inside() -> None:
    archive = locked.lock(b"y" * 100, name="名单.xlsx", password="p", at=AT)
    [entry] = zipfile.ZipFile(BytesIO(archive)).infolist()
    assert (entry.filename, entry.file_size, entry.flag_bits & 1) == ("名单.xlsx", 100, 1)
    assert entry.date_time == (2026, 6, 16, 10, 0, 0)
    assert struct.unpack("<HHH2sBH", entry.extra) == (0x9901, 7, 2, b"AE", 3, 8)
    assert archive[:4] == b"PK\3\4"
