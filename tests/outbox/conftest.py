from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.factories import shipped
from tests.factories.outbox import TemplateFactory
from tests.factories.people import PatientFactory
from yimei.hospital.models import Campus
from yimei.outbox import registry
from yimei.outbox.enums import Channel
from yimei.outbox.gateways.base import Gateway
from yimei.outbox.models import Template
from yimei.people.models import Patient


class Channelled:
    """A channel in memory: keeps what it was given, or answers with the error that it was told to."""

    party = ""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.stops: list[str] = []
        self.error: BaseException | None = None

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        if self.error is not None:
            raise self.error
        self.sent.append((to, subject, body))
        self.stops.append(stop)
        return f"ref-{len(self.sent)}"


@pytest.fixture
def line() -> Iterator[Channelled]:
    """The line on which messages leave in these tests."""
    line = Channelled()
    before: Gateway = registry.use_gateway(Channel.FILE, line)
    yield line
    registry.use_gateway(Channel.FILE, before)


@pytest.fixture
def campus(db: None, now: datetime) -> Campus:
    """A campus with the register and the templates loaded."""
    return shipped.campus(now.replace(month=1))


@pytest.fixture
def patient(campus: Campus) -> Patient:
    return PatientFactory(campus=campus)


@pytest.fixture
def campaign(campus: Campus) -> Template:
    return TemplateFactory(marketing=True)
