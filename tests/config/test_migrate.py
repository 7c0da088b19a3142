"""`yimei migrate`: an empty database gets its tables at once, and nothing cut off stays half done."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIGHTS = "SELECT COUNT(*) FROM auth_permission"
LEAVES = "SELECT COUNT(*) FROM django_migrations WHERE name = '0001_tables'"

pytestmark = pytest.mark.long(reason="builds a database in a process of its own")


def migrate(folder: Path, *, refused: bool = False) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    done = subprocess.run(
        [sys.executable, "-m", "yimei.config", "migrate"],
        env={**kept, "PYTHONPATH": str(ROOT / "src"), "YIMEI_VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == refused, done.stderr
    return done.stderr if refused else done.stdout


def test_an_empty_database_is_built_whole_and_a_history_that_was_cut_off_is_written(
    migrated: Path, tmp_path: Path
) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "yimei.sqlite3") as file:
        [(written,)], [(rights,)] = file.execute(LEAVES), file.execute(RIGHTS)
        file.execute("DELETE FROM django_migrations")
        file.execute("DELETE FROM auth_permission")
    assert written == 11
    assert rights > 1000
    migrate(tmp_path)
    with sqlite3.connect(tmp_path / "yimei.sqlite3") as file:
        assert file.execute(LEAVES).fetchone() == (written,)
        assert file.execute(RIGHTS).fetchone() == (rights,), "what others write after the tables"
    assert "No migrations to apply" in migrate(tmp_path)


def test_a_database_of_an_earlier_version_goes_on_when_it_is_whole_and_is_left_alone_when_not(
    migrated: Path, tmp_path: Path
) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "yimei.sqlite3") as file:
        file.execute("DELETE FROM django_migrations WHERE app = 'audit'")
        add = "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', ?, '2026-11-01')"
        file.execute(add, ["0001_initial"])
    assert "audit 缺少 0002_seals" in migrate(tmp_path, refused=True)
    with sqlite3.connect(tmp_path / "yimei.sqlite3") as file:
        file.execute(add, ["0002_seals"])
    assert "No migrations to apply" in migrate(tmp_path)
