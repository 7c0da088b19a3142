"""`./yimei` on machines that lack something; each test builds the machine out of a folder of programs."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ["sh", "dirname", "cat", "mkdir", "rm", "sleep", "date", "tail", "df", "awk", "id"]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout and a bin folder with the usual tools and no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        if found := shutil.which(tool):
            (programs / tool).symlink_to(found)
    shutil.copy(ROOT / "yimei", tmp_path / "yimei")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def start(machine: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "bin"), "HOME": str(machine)}
    return subprocess.run(
        ["sh", machine / "yimei", "version"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def add_python(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_no_python_is_said_in_both_languages_with_how_to_get_it(machine: Path) -> None:
    done = start(machine)
    assert done.returncode == 1
    assert "没有找到 Python" in done.stderr
    assert "Python was not found" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_named(machine: Path) -> None:
    old = 'case "$*" in *version_info\\ *) exit 1;; *print*) echo 3.9;; esac'
    add_python(machine, "python3", old)
    done = start(machine)
    assert done.returncode == 1
    assert "Python 是 3.9" in done.stderr
    assert "needs 3.11" in done.stderr


def test_a_python_without_venv_is_told_the_package(machine: Path) -> None:
    add_python(machine, "python3.12", 'case "$*" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac')
    done = start(machine)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (machine / ".venv").exists()


def test_a_full_disk_is_said_before_anything_is_built(machine: Path) -> None:
    add_python(machine, "python3.12", 'case "$*" in *print*) echo 3.12;; esac')
    (machine / "bin" / "mkdir").unlink()
    add_python(machine, "mkdir", f'{shutil.which("mkdir")} "$@" && ln -s /dev/full "$1/pid"')
    (machine / "bin" / "ln").symlink_to(shutil.which("ln") or "")
    done = start(machine)
    assert done.returncode == 1
    assert "磁盘已满" in done.stderr
    assert "the disk is full" in done.stderr
    assert "I/O error" not in done.stderr
    assert not (machine / ".venv.lock").exists()


def test_a_lock_of_a_killed_builder_does_not_stop_the_next(machine: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (machine / ".venv.lock").mkdir()
    (machine / ".venv.lock" / "pid").write_text(f"{gone.pid}\n")
    add_python(machine, "python3.12", 'case "$*" in *print*) echo 3.12;; *-m\\ venv*) exit 1;; esac')
    done = start(machine)
    assert done.returncode == 1
    assert "虚拟环境没有建成" in done.stderr
    assert not (machine / ".venv.lock").exists()
