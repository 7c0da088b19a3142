from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.vault.probes import Card, Owner
from yimei.vault import keys


@pytest.fixture(scope="session")
def probe_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Owner)
            editor.create_model(Card)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Card)
            editor.delete_model(Owner)


@pytest.fixture(autouse=True)
def fresh_system_secrets() -> Iterator[None]:
    keys.forget_system_secrets()
    yield
    keys.forget_system_secrets()
