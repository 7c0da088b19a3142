import errno

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


def test_any_other_error_of_the_system_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file", "shipped.json")

    monkeypatch.setattr(BaseCommand, "execute", fail)
    with pytest.raises(FileNotFoundError):
        cli.run(["check"])


def test_help_for_one_command_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.run(["help", "doctor"])
    assert stopped.value.code == 0
    assert "--json" in capsys.readouterr().out
