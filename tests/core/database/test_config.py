from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from yimei.core.database.config import database_from_url

DEFAULT = Path("/var/lib/yimei/yimei.sqlite3")


def test_no_address_means_the_embedded_file() -> None:
    database = database_from_url("", sqlite_path=DEFAULT)
    assert database["ENGINE"] == "yimei.core.database.sqlite"
    assert database["NAME"] == str(DEFAULT)
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////srv/a%20b.sqlite3", "/srv/a b.sqlite3"), ("sqlite:///here.sqlite3", "here.sqlite3"),
     ("sqlite://", str(DEFAULT))],
)  # fmt: skip
def test_a_file_may_be_named(url: str, name: str) -> None:
    assert database_from_url(url, sqlite_path=DEFAULT)["NAME"] == name


def test_a_server_is_read_with_its_options() -> None:
    database = database_from_url(
        "postgres://app:p%40ss@db.lan:5433/yimei?sslmode=require", sqlite_path=DEFAULT
    )
    assert database["ENGINE"] == "yimei.core.database.postgresql"
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("app", "p@ss", "db.lan")
    assert (database["PORT"], database["NAME"]) == ("5433", "yimei")
    assert database["OPTIONS"] == {"sslmode": "require"}
    assert database["CONN_HEALTH_CHECKS"] is True


def test_a_socket_folder_may_stand_for_the_host() -> None:
    database = database_from_url("postgresql:///yimei?host=/run/postgresql", sqlite_path=DEFAULT)
    assert (database["HOST"], database["OPTIONS"]) == ("/run/postgresql", {})


@pytest.mark.parametrize("url", ["mysql://x/y", "postgres://host/", "yimei"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database_from_url(url, sqlite_path=DEFAULT)
