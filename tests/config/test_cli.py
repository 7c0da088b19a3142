import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management.base import BaseCommand, CommandError

from yimei.config import cli
from yimei.core.errors import RuleBroken


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh-hans"),
    ],
)
def test_the_locale_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert cli.language_of(environ) == language


def test_the_version_needs_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["version"]) == 0
    assert capsys.readouterr().out.startswith("yimei 0.")


@pytest.mark.slow(reason="loads every command of every part")
def test_the_overview_lists_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("up", "doctor", "test", "version"):
        assert sum(line.startswith(f"  {name} ") for line in lines) == 1
    assert any("makemigrations" in line for line in lines)


def test_an_unknown_command_is_a_bad_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["no-such-thing"]) == 2
    assert "no-such-thing" in capsys.readouterr().err


def test_a_bad_option_is_a_bad_argument(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.run(["up", "--port", "70000"])
    assert stopped.value.code == 2
    assert "65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CommandError("做不到。"), 1),
        (CommandError("第 3 行不对。", returncode=2), 2),
        (RuleBroken("库不是空的。"), 1),
    ],
)
def test_a_refusal_is_one_sentence(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(BaseCommand, "execute", refuse)
    assert cli.run(["check"]) == code
    assert capsys.readouterr().err == f"{error}\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/srv/var/run/up.lock"),
            "不能读写 /srv/var/run/up.lock",
        ),
        (OSError(errno.EROFS, "Read-only file system", "/srv/var"), "Cannot read or write /srv/var"),
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足"),
    ],
)
def test_a_disk_that_refuses_is_one_sentence_before_and_after_the_settings_are_read(
    error: OSError, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(BaseCommand, "execute", refuse)
        assert cli.run(["check"]) == 1
    monkeypatch.setattr(cli, "_start_light", refuse)
    assert cli.run(["check"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == second
    assert words in first


@pytest.mark.parametrize("under_the_file", ["", "x", "x/deeper"])
def test_a_working_folder_that_cannot_be_is_one_sentence(tmp_path: Path, under_the_file: str) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / under_the_file
    ended = start_in(place)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    (said,) = ended.stderr.splitlines()
    assert str(tmp_path / "file") in said
    assert "请把 YIMEI_VAR_DIR 改为" in said
    assert "set YIMEI_VAR_DIR to" in said


@pytest.mark.parametrize("place", ["/dev/null/x", f"{'a' * 300}/x", "loop/x"], ids=["device", "long", "loop"])
def test_a_working_folder_of_an_impossible_name_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    ended = start_in(tmp_path / place)
    assert ended.returncode == 1
    (said,) = ended.stderr.splitlines()
    assert "set YIMEI_VAR_DIR to" in said


def test_a_folder_that_refuses_to_hold_the_working_folder_is_one_sentence() -> None:
    ended = start_in(Path("/proc/nobody/x"))
    assert ended.returncode == 1
    (said,) = ended.stderr.splitlines()
    assert "/proc/nobody" in said


def start_in(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yimei.config", "doctor"],
        env={**os.environ, "YIMEI_VAR_DIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("missing", ["shipped.json", "/srv/yimei/files/a"])
def test_any_other_error_of_the_system_is_a_fault_of_ours(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file", missing)

    monkeypatch.setenv("YIMEI_VAR_DIR", "/srv/yimei")
    monkeypatch.setattr(BaseCommand, "execute", fail)
    with pytest.raises(FileNotFoundError):
        cli.run(["check"])


def test_help_for_one_command_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.run(["help", "doctor"])
    assert stopped.value.code == 0
    assert "--json" in capsys.readouterr().out
