import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from django.test import override_settings
from pytest_django import Settings

from yimei.config import demo, up
from yimei.config.up import Options


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def options(**changes: object) -> Options:
    return Options(**{"host": "127.0.0.1", "port": 8000, "demo": True, "stand_ins": False, **changes})  # type: ignore[arg-type]


def test_a_taken_port_is_named_with_another_to_try(taken_port: int) -> None:
    with pytest.raises(CommandError, match=rf"端口 {taken_port} 已被占用.*--port {taken_port + 1}"):
        up.check_port("127.0.0.1", taken_port)


def test_a_host_nobody_knows_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.invalid"):
        up.check_port("nowhere.invalid", 8000)


def test_a_host_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandError, match=r"192\.0\.2\.1"):
        up.check_port("192.0.2.1", 8000)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="不能写入"):
        up.check_disk(tmp_path / "file" / "var")


def test_a_full_disk_is_refused_with_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(CommandError, match=r"磁盘空间不足.*只有 5 MB"):
        up.check_disk(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_else_is_named_before_anybody_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir()
    for name in ("yimei.sqlite3", "keys/django"):
        (tmp_path / name).touch()
    up.check_owner(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "yimei.sqlite3")  # root may do all
    with pytest.raises(PermissionError, match=r"Permission denied.*/yimei\.sqlite3"):
        up.check_owner(tmp_path)


def test_a_second_start_names_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "run" / "up.lock"
    with up.only_one(lock, "http://127.0.0.1:8000/"):
        with pytest.raises(CommandError, match=f"已经在运行.*{os.getpid()}.*8000"), up.only_one(lock, ""):
            pass
        assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert lock.read_text() == ""


def test_a_lock_whose_holder_was_killed_is_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "up.lock"
    lock.write_text('{"pid": 999999, "url": "http://127.0.0.1:8000/"}')
    with up.only_one(lock, "http://127.0.0.1:9000/") as is_taken_over:
        assert is_taken_over
        assert json.loads(lock.read_text()) == {"pid": os.getpid(), "url": "http://127.0.0.1:9000/"}
    assert "已接管" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("yimei.example", "http://yimei.example:8000/"),
    ],
)
def test_the_announced_address_is_one_a_browser_opens(host: str, url: str) -> None:
    assert options(host=host).url == url


def test_the_host_that_is_listened_on_may_be_asked_for() -> None:
    assert up.environment(options(host="10.0.0.5"))["YIMEI_HOSTS"].endswith(",10.0.0.5")
    assert "YIMEI_HOSTS" not in up.environment(options(host="127.0.0.1"))


def test_links_begin_with_the_address_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIMEI_PUBLIC_URL", raising=False)
    served = up.environment(options(host="0.0.0.0", port=8110))
    assert served["YIMEI_PUBLIC_URL"] == "http://127.0.0.1:8110"
    monkeypatch.setenv("YIMEI_PUBLIC_URL", "https://hospital.example")
    assert "YIMEI_PUBLIC_URL" not in up.environment(options(port=8110))


def test_what_the_rehearsal_writes_carries_the_address_that_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("YIMEI_PUBLIC_URL", raising=False)
    with override_settings():
        up.say_address(options(port=8110))
        assert settings.PUBLIC_URL == "http://127.0.0.1:8110"
        assert settings.VISIT_LINK == "http://127.0.0.1:8110/my/visit/{token}/"
    with override_settings():
        monkeypatch.setenv("YIMEI_PUBLIC_URL", "https://hospital.example")
        up.say_address(options(port=8110))
        assert ":8110" not in settings.VISIT_LINK


def test_stand_ins_keep_mail_on_this_machine() -> None:
    assert "filebased" in up.environment(options(stand_ins=True))["YIMEI_EMAIL_BACKEND"]
    assert "YIMEI_EMAIL_BACKEND" not in up.environment(options())


@pytest.fixture
def commands(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that `up` calls, noted instead of carried out."""
    settings.VAR_DIR = tmp_path
    (tmp_path / "run").mkdir()
    called: list[str] = []
    monkeypatch.setattr(up, "call_command", lambda name, **options: called.append(name))
    return called


@pytest.mark.django_db
def test_an_empty_database_gets_the_small_hospital_once(commands: list[str], tmp_path: Path) -> None:
    up.fill_when_empty()
    assert commands == ["rehearse"]
    assert not (tmp_path / "run" / "rehearsal.unfinished").exists()


@pytest.mark.django_db
def test_a_database_with_staff_is_left_as_it_is(commands: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "is_empty", lambda: False)
    up.fill_when_empty()
    assert commands == []


@pytest.mark.django_db
def test_a_rehearsal_cut_off_is_remembered(
    commands: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(name: str, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(up, "call_command", killed)
    with pytest.raises(KeyboardInterrupt):
        up.fill_when_empty()
    assert (tmp_path / "run" / "rehearsal.unfinished").exists()


def test_what_a_cut_off_rehearsal_left_is_put_aside_not_deleted(
    commands: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "yimei.sqlite3"
    database.write_text("half")
    fake = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": str(database)})
    monkeypatch.setattr(up, "connection", fake)
    monkeypatch.setattr(up, "connections", SimpleNamespace(close_all=lambda: None))
    monkeypatch.setattr(up, "migrate", lambda: commands.append("migrate"))
    (tmp_path / "run" / "rehearsal.unfinished").touch()
    up.fill_when_empty()
    assert commands == ["migrate", "rehearse"]
    assert (tmp_path / "unfinished-yimei.sqlite3").read_text() == "half"
    assert not database.exists()


def test_demo_sign_ins_line_up_under_chinese_titles(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    account = {"role": "院长", "name": "林晓", "username": "director", "password": "pass-word", "totp": ""}
    file.write_text(json.dumps({"accounts": [account]}), "utf-8")
    title, row = demo.lines(file, "http://127.0.0.1:8000/")
    assert title == "角色  姓名  用户名    密码       动态码密钥"
    assert row == "院长  林晓  director  pass-word  —"
    customer = {
        "name": "林青",
        "phone": "12000000001",
        "birth_date": "19950308",
        "id_no": "990000199503080021",
    }
    file.write_text(json.dumps({"accounts": [account], "customers": [customer]}), "utf-8")
    said, _title, row = demo.lines(file, "http://127.0.0.1:8000/")[2:]
    assert "http://127.0.0.1:8000/my/data/" in said
    assert str(settings.VAR_DIR / "outbox" / "messages.jsonl") in said
    assert row == "林青  12000000001  19950308  990000199503080021"


def test_no_rehearsal_means_no_sign_ins(tmp_path: Path) -> None:
    assert demo.lines(tmp_path / "demo.json", "http://127.0.0.1:8000/") == []
