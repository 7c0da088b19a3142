import multiprocessing
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction
from pytest_django import DjangoDbBlocker

from yimei.core.database.config import database_from_url
from yimei.core.database.sqlite.base import DatabaseWrapper
from yimei.core.database.sqlite.line import line_for

ALIAS = "embedded"


@pytest.fixture
def embedded(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """A fresh file of our engine beside the test database, whichever engine that one has."""
    file = tmp_path / "deep" / "down" / "yimei.sqlite3"
    settings = {
        **connections["default"].settings_dict,
        **database_from_url("", sqlite_path=file),
        "ATOMIC_REQUESTS": False,
    }
    settings["CONN_HEALTH_CHECKS"], settings["CONN_MAX_AGE"] = False, 0
    connections.settings[ALIAS] = settings
    with django_db_blocker.unblock():  # the file is this test's own
        _run("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0))")
        _run("INSERT INTO counter VALUES (1, 0)")
        yield file
        connections[ALIAS].close()
    del connections[ALIAS], connections.settings[ALIAS]


def _run(sql: str) -> Any:
    with connections[ALIAS].cursor() as cursor:
        return cursor.execute(sql).fetchall()


def _is_free(file: Path) -> bool:
    """Ask from another thread, for the one that holds the line may always pass."""
    line, answer = line_for(str(file)), []

    def ask() -> None:
        answer.append(line.acquire(0.01))
        if answer[0]:
            line.release()

    asker = threading.Thread(target=ask)
    asker.start()
    asker.join()
    return bool(answer[0])


def test_the_file_and_its_folder_appear_with_the_chosen_settings(embedded: Path) -> None:
    assert embedded.exists()
    assert _run("PRAGMA journal_mode") == [("wal",)]
    assert _run("PRAGMA secure_delete") == [(1,)]
    assert _run("PRAGMA foreign_keys") == [(1,)]


def test_the_line_is_held_for_the_outermost_transaction_only(embedded: Path) -> None:
    with transaction.atomic(using=ALIAS):
        assert not _is_free(embedded)
        with transaction.atomic(using=ALIAS):
            _run("UPDATE counter SET n = 1")
        assert not _is_free(embedded)
    assert _is_free(embedded)


@pytest.mark.parametrize("error", [ValueError, IntegrityError, KeyboardInterrupt])
def test_an_exception_gives_the_line_back(embedded: Path, error: type[BaseException]) -> None:

    @transaction.atomic(using=ALIAS)
    def act() -> None:
        _run("UPDATE counter SET n = 5")
        if error is IntegrityError:
            _run("UPDATE counter SET n = -1")
        raise error

    with pytest.raises(error):
        act()
    assert _is_free(embedded)
    assert _run("SELECT n FROM counter") == [(0,)]


def test_closing_in_the_middle_gives_the_line_back(embedded: Path) -> None:
    with transaction.atomic(using=ALIAS):
        connections[ALIAS].close()
        assert _is_free(embedded)
    assert _is_free(embedded)


def test_a_begin_that_fails_gives_the_line_back(embedded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections[ALIAS].transaction_mode = "NONSENSE"
    with pytest.raises(OperationalError), transaction.atomic(using=ALIAS):
        raise AssertionError("never reached")
    assert _is_free(embedded)


def test_a_second_connection_of_the_same_thread_fails_instead_of_hanging(embedded: Path) -> None:
    settings = {
        **connections.settings[ALIAS],
        "OPTIONS": {**connections.settings[ALIAS]["OPTIONS"], "timeout": 0.05},
    }
    second = DatabaseWrapper(settings, "second")
    connections["second"] = second
    try:
        with transaction.atomic(using=ALIAS):
            with pytest.raises(OperationalError, match="locked"), transaction.atomic(using="second"):
                raise AssertionError("never reached")
            assert not _is_free(embedded)
        with transaction.atomic(using="second"):
            second.cursor().execute("UPDATE counter SET n = n + 1")
        assert _is_free(embedded)
    finally:
        second.close()
        del connections["second"]


def test_no_update_is_lost_between_many_threads(embedded: Path) -> None:
    errors: list[Exception] = []

    def add() -> None:
        try:
            for _ in range(25):
                with transaction.atomic(using=ALIAS):
                    ((n,),) = _run("SELECT n FROM counter")
                    _run(f"UPDATE counter SET n = {n + 1}")
        except Exception as error:  # noqa: BLE001 - reported below
            errors.append(error)
        finally:
            connections[ALIAS].close()

    _in_threads(12, add)
    assert not errors
    assert _run("SELECT n FROM counter") == [(300,)]


def test_a_forked_child_starts_with_an_empty_line(embedded: Path) -> None:
    with transaction.atomic(using=ALIAS):
        context = multiprocessing.get_context("fork")
        result = context.Queue()
        child = context.Process(target=lambda: result.put(line_for(str(embedded)).acquire(0.01)))
        child.start()
        child.join(10)
        assert result.get(timeout=5) is True


def _in_threads(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_what_a_few_pages_ask_is_read_by_sqlite_once(embedded: Path) -> None:
    read: list[str] = []

    def ask() -> int:
        before = len(read)
        for number in range(400):
            _run(f"SELECT n + {number} FROM counter WHERE id = 1")
        return len(read) - before

    connections[ALIAS].ensure_connection()
    connections[ALIAS].connection.set_authorizer(lambda *told: read.append(str(told)) or sqlite3.SQLITE_OK)
    assert ask() >= 400
    assert ask() == 0
