"""`yimei dedupe` as a program calls it."""

import csv
import json
from pathlib import Path

import pytest

from yimei.config import cli
from yimei.core.rules.tables import csv_text
from yimei.rehearsal.rules import twins


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_pairs_and_groups_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out, groups = (tmp_path / name for name in ("in.csv", "pairs.csv", "groups.csv"))
    source.write_text(csv_text(*twins.chinese(120)), "utf-8")
    arguments = ["dedupe", str(source), "--out", str(out), "--clusters", str(groups), "--json"]
    assert cli.run(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["records"], said["pairs"]) == (120, len(read(out)))
    assert set(read(out)[0]) == {"id_l", "id_r", "probability"}
    assert all(0.5 <= float(line["probability"]) <= 1 for line in read(out))
    assert len(read(groups)) == 120
    cluster = {line["id"]: line["cluster_id"] for line in read(groups)}
    assert all(cluster[line["id_l"]] == cluster[line["id_r"]] for line in read(out))


def test_two_files_are_linked_across(tmp_path: Path) -> None:
    header, rows = twins.english(400)
    one, two, out = (tmp_path / name for name in ("a.csv", "b.csv", "pairs.csv"))
    one.write_text(csv_text(header, [row for row in rows if row[0].endswith("-0")]), "utf-8")
    two.write_text(csv_text(header, [row for row in rows if row[0].endswith("-1")]), "utf-8")
    assert cli.run(["dedupe", str(one), "--link", str(two), "--out", str(out)]) == 0
    assert read(out)
    assert all(line["id_l"].endswith("-0") and line["id_r"].endswith("-1") for line in read(out))


@pytest.mark.parametrize(
    ("text", "extra", "sentence"),
    [
        ("name\n王芳\n", [], "缺少 id 列"),
        ("id,name\n1,王芳\n1,李娜\n", [], "第 3 行，第 1 列"),
        ("id,name\n1,王芳\n,李娜\n", [], "第 3 行，第 1 列"),
        ("id,x\n1,2\n", [], "没有可比较的列"),
        ("id,姓名,name\n1,a,b\n", [], "第 1 行，第 3 列"),
        ("id,name\n1,王芳\n", ["--threshold", "2"], "--threshold"),
        ("id,name\n1,王芳\n", ["--one-to-one"], "--link"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    text: str, extra: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, "utf-8")
    assert cli.run(["dedupe", str(source), "--out", str(out), *extra]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not out.exists()
