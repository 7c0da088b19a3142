"""Files of others are what we say they are: listed with version, licence and sha256, and named in NOTICE."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.house.checkers import ROOT, SOURCE

LISTS = sorted(SOURCE.rglob("VENDORED.json"))
NEEDED = {"name", "version", "licence", "source", "file", "sha256", "licence_file"}


def faults(folder: Path, entries: list[dict[str, Any]]) -> list[str]:
    """Compare a folder of vendored files with its list."""
    found = [
        f"{entry.get('file')}: says no {key}" for entry in entries for key in sorted(NEEDED - entry.keys())
    ]
    listed = {"VENDORED.json"}
    for entry in entries:
        for file, digest in (("file", "sha256"), ("licence_file", "licence_sha256")):
            path = folder / entry.get(file, "")
            listed.add(str(entry.get(file)))
            if not path.is_file():
                found.append(f"{entry.get(file)}: is not there")
            elif digest in entry and hashlib.sha256(path.read_bytes()).hexdigest() != entry[digest]:
                found.append(f"{entry[file]}: is another file than the list says")
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found + [f"{name}: stands in no list" for name in sorted(present - listed)]


def test_every_vendored_file_is_the_listed_one() -> None:
    assert LISTS
    assert [
        fault for path in LISTS for fault in faults(path.parent, json.loads(path.read_text("utf-8")))
    ] == []


def test_the_notice_names_everything_vendored() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    entries = [entry for path in LISTS for entry in json.loads(path.read_text("utf-8"))]
    assert [e["name"] for e in entries if f"{e['name']} {e['version']}" not in notice] == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"sha256": "0" * 64}, "another file"),
        ({"file": "gone.js"}, "is not there"),
        ({"licence_file": "gone"}, "is not there"),
    ],
)
def test_a_changed_vendored_file_is_found(tmp_path: Path, changes: dict[str, str], fault: str | None) -> None:
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "LICENSE").write_text("MIT")
    entry = dict.fromkeys(NEEDED, "x") | {"file": "a.js", "licence_file": "LICENSE"}
    entry |= {"sha256": hashlib.sha256(b"1").hexdigest(), **changes}
    found = faults(tmp_path, [entry])
    assert any(fault in text for text in found) if fault else found == []
