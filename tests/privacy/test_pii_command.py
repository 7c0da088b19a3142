"""`yimei pii` as a program calls it."""

import io
import json
from pathlib import Path

import pytest

from yimei.config import cli


def test_a_file_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes("患者王芳\n电话13800138000".encode("gbk"))
    assert cli.run(["pii", str(file)]) == 0
    found = json.loads(capsys.readouterr().out)["entities"]
    assert [(each["type"], each["start"], each["end"]) for each in found] == [
        ("NAME", 2, 4),
        ("PHONE", 7, 18),
    ]


def test_each_line_is_an_object_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("王芳来院\r\n\n住院号123456\n".encode())))
    assert cli.run(["pii", "-", "--lines"]) == 0
    lines = [json.loads(line)["entities"] for line in capsys.readouterr().out.splitlines()]
    assert [len(found) for found in lines] == [1, 0, 1]
    assert lines[2][0]["start"] == 3


@pytest.mark.parametrize(
    ("data", "sentence"), [(None, "没有这个文件"), (b"ok\n\xff\xff", "第 2 行，第 1 列")]
)
def test_bad_input_is_one_sentence(
    data: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "note.txt"
    if data is not None:
        file.write_bytes(data)
    assert cli.run(["pii", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert str(file) in said.err
    assert sentence in said.err
