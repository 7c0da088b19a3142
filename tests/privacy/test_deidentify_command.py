"""`yimei deidentify` as a program calls it."""

import json
from pathlib import Path

import pytest

from yimei.config import cli

ROWS = "姓名,性别,年龄,诊断\n" + "".join(
    f"王芳,女,{30 + n % 3},{'单睑' if n % 2 else '瘢痕'}\n" for n in range(40)
)


def test_table_and_report_are_written_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out, report = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "r.json"
    evil = ROWS.replace("瘢痕", '"=HYPERLINK(""http://x"")"').replace("姓名,性别", "姓名,=性别")
    source.write_bytes(evil.encode("gbk"))
    assert (
        cli.run(["deidentify", str(source), "--out", str(out), "--profile", "pipl", "--report", str(report)])
        == 0
    )
    assert "k=" in capsys.readouterr().out
    assert out.read_text("utf-8").splitlines()[0] == "'=性别,年龄,诊断"
    assert "\"'=HYPERLINK(" in out.read_text("utf-8"), "no cell is left that a spreadsheet would run"
    said = json.loads(report.read_text("utf-8"))
    assert (said["profile"], said["rows_out"], said["k"] >= 10, said["l"]) == ("pipl", 40, True, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "r.json"]


@pytest.mark.parametrize(
    ("data", "extra", "sentence"),
    [
        (b"", [], "第 1 行"),
        (b"a,b\n1\n", [], "第 2 行，第 2 列"),
        (b"a\n1\n", ["--k", "0"], "--k"),
        (b"a\n1\n", ["--report", "missing/r.json"], "missing/r.json"),
    ],
)
def test_a_refusal_writes_nothing(
    data: bytes, extra: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(data)
    assert cli.run(["deidentify", str(source), "--out", str(out), "--profile", "hipaa", *extra]) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
