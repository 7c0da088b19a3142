from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.core import probes


@pytest.fixture(scope="session")
def probe_tables(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), probes.tables(probes.Line, probes.Draft, probes.Slot):
        yield
