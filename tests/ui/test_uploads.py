"""A file waits in memory or sealed while it is received; nothing lies in clear in a temporary folder."""

import os
from random import Random

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from yimei.ui.forms import uploads
from yimei.vault.files import Passing

DATA = "林晓彤,13900001111\n".encode() * 20_000


@override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_big_file_is_read_whole_and_its_bytes_on_disk_say_nothing() -> None:
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("花名册.csv", DATA)})
    sent = request.FILES["file"]
    assert (sent.name, sent.size) == ("花名册.csv", len(DATA))
    passing = sent.file.raw
    assert isinstance(passing, Passing)
    lying = os.pread(passing._file.fileno(), len(DATA), 0)
    assert len(lying) == len(DATA)
    assert b"13900001111" not in lying
    assert sent.read() == DATA
    assert b"".join(sent.chunks()) == DATA
    sent.seek(5)
    assert sent.read(7) == DATA[5:12]


def test_a_small_file_never_touches_the_disk() -> None:
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.csv", DATA[:500])})
    assert isinstance(request.FILES["file"], InMemoryUploadedFile)
    assert not any("Temporary" in name for name in settings.FILE_UPLOAD_HANDLERS)


def test_more_than_any_part_takes_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 1000)
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.csv", DATA)})
    with pytest.raises(RequestDataTooBig):
        request.FILES  # noqa: B018 - reading it is what is tried


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90)), max_size=6))
@hypothesis(max_examples=40, deadline=None)
def test_a_sealed_file_reads_as_it_was_written_from_any_place(
    size: int, reads: list[tuple[int, int]]
) -> None:
    data = Random(size).randbytes(size)
    with Passing() as file:
        for start in range(0, size, 37):
            file.write(data[start : start + 37])
        for place, length in reads:
            file.seek(place)
            assert file.read(length) == data[place : place + length]
            assert file.tell() == min(place + length, max(place, size))
