import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from yimei.config import doctor
from yimei.config.doctor import Finding, Level
from yimei.core.database import refusals

FULL = "django==5.2.19 \\\n    --hash=sha256:00\nwindows-only==1.0 ; sys_platform == 'win32' \\\n"


def test_packages_are_compared_with_the_lock(tmp_path: Path) -> None:
    import django

    lock = tmp_path / "app.txt"
    lock.write_text(FULL.replace("5.2.19", django.__version__))
    assert doctor.packages(lock)[0] is Level.OK
    lock.write_text(FULL.replace("5.2.19", "0.1"))
    level, text = doctor.packages(lock)
    assert level is Level.FAIL
    assert f"django {django.__version__} ≠ 0.1" in text
    lock.write_text("no-such-package==1.0 \\\n")
    assert doctor.packages(lock)[0] is Level.FAIL


def test_a_package_locked_twice_is_compared_with_the_version_for_this_python(tmp_path: Path) -> None:
    import django

    lock = tmp_path / "app.txt"
    lines = [
        f"django=={django.__version__} ; python_full_version < '3.99'",
        "django==9.9 ; python_version >= '3.99'",
    ]
    lock.write_text("\n".join(lines))
    assert doctor.packages(lock)[0] is Level.OK
    lock.write_text(lines[1].replace(">=", "<"))
    assert doctor.packages(lock)[0] is Level.FAIL


def test_a_key_that_others_can_read_must_be_fixed(tmp_path: Path) -> None:
    key = tmp_path / "master"
    key.write_bytes(b"k")
    key.chmod(0o600)
    assert doctor.keys(tmp_path)[0] is Level.OK
    key.chmod(0o640)
    level, text = doctor.keys(tmp_path)
    assert level is Level.FAIL
    assert "master" in text


def test_no_key_yet_is_a_warning(tmp_path: Path) -> None:
    assert doctor.keys(tmp_path / "keys")[0] is Level.WARN


def test_a_year_without_holidays_is_a_warning() -> None:
    assert doctor.holidays(2026)[0] is Level.OK
    assert doctor.holidays(2090)[0] is Level.WARN


def test_a_worker_is_judged_by_its_heartbeat(tmp_path: Path) -> None:
    heartbeat = tmp_path / "worker.alive"
    assert doctor.worker(heartbeat)[0] is Level.WARN
    heartbeat.touch()
    assert doctor.worker(heartbeat)[0] is Level.OK
    os.utime(heartbeat, (time.time() - 300, time.time() - 300))
    assert doctor.worker(heartbeat)[0] is Level.FAIL


def test_a_hospital_may_not_be_as_open_as_a_demonstration(settings: Settings) -> None:
    settings.DEVELOPMENT = True
    assert doctor.production()[0] is Level.WARN
    settings.DEVELOPMENT = False
    settings.DEBUG = True
    level, text = doctor.production()
    assert level is Level.FAIL
    assert all(name in text for name in ("YIMEI_DEBUG", "YIMEI_HTTPS", "YIMEI_HOSTS"))
    settings.DEBUG = False
    settings.SESSION_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS = ["yimei.example"]
    assert doctor.production()[0] is Level.OK


def test_a_mail_server_that_does_not_answer_must_be_fixed(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert doctor.mail()[0] is Level.FAIL


@pytest.mark.django_db
def test_every_refusal_of_the_models_is_in_the_database() -> None:
    for level, text in (doctor.database(), doctor.migrations(), doctor.refusals()):
        assert level is Level.OK, text


WHOLE = (
    'CREATE TRIGGER "t" BEFORE UPDATE ON "x" FOR EACH ROW WHEN (1 = 1 AND (OLD."id" IS NOT NEW."id"'
    ' OR OLD."a" IS NOT NEW."a" OR OLD."b_id" IS NOT NEW."b_id"))'
    " BEGIN SELECT RAISE(ABORT, 't'); END"
)


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("", "", True),
        (
            'OLD."a" IS NOT NEW."a" OR OLD."b_id" IS NOT NEW."b_id"',
            'OLD."b_id" IS NOT NEW."b_id" OR OLD."a" IS NOT NEW."a"',
            True,
        ),
        (' OR OLD."a" IS NOT NEW."a"', "", False),
        ("1 = 1", "1 = 0", False),
        ("UPDATE", "DELETE", False),
        ("RAISE(ABORT, 't')", "1", False),
    ],
)
def test_a_trigger_is_compared_by_what_it_refuses(old: str, new: str, is_same: bool) -> None:
    assert refusals.says_the_same(WHOLE, WHOLE.replace(old, new)) is is_same


def drop(trigger: str, table: str) -> None:
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger}"{on}')


@pytest.mark.django_db
def test_one_trigger_that_was_dropped_is_missed() -> None:
    drop("audit_entry_append_only_u", "audit_entry")
    assert doctor.refusals() == (Level.FAIL, "数据库里缺少约束：audit_entry_append_only_u")


@pytest.mark.django_db
def test_a_trigger_made_harmless_under_its_own_name_is_missed() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute('ALTER TABLE audit_entry DISABLE TRIGGER "audit_entry_append_only_d"')
        else:
            drop("audit_entry_append_only_d", "audit_entry")
            cursor.execute(
                'CREATE TRIGGER "audit_entry_append_only_d" BEFORE DELETE ON audit_entry BEGIN SELECT 1; END'
            )
    assert doctor.refusals() == (Level.FAIL, "数据库里缺少约束：audit_entry_append_only_d")


@pytest.mark.django_db
def test_doctor_reports_each_check_and_fails_when_one_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = list(doctor.examine(now=datetime(2026, 6, 16, tzinfo=UTC)))
    assert {"python", "packages", "database", "migrations", "refusals", "audit", "worker"} <= {
        finding.check for finding in findings
    }
    broken = Finding("disk", Level.FAIL, "满了")
    monkeypatch.setattr("yimei.config.management.commands.doctor.examine", lambda now: iter([broken]))
    with pytest.raises(CommandError, match="1 项"):
        call_command("doctor", json=True)
    report = json.loads(capsys.readouterr().out)
    assert report == {"ok": False, "checks": [{"check": "disk", "level": "fail", "text": "满了"}]}
