"""The clinic of the booking tests, opened through its addresses at one fixed moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.hospital import CampusFactory, PriceFactory
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.journey.clinic import EIGHT, Clinic
from yimei.people.models import Staff

HTMX = {"HX-Request": "true"}


class Front(Clinic):
    """The clinic with a list price, a cashier, a director, and a reception of another campus."""

    def __init__(self) -> None:
        super().__init__()
        self.cashier = self.staff("cashier", "唐雯")
        self.director = self.staff("director", "郭院长")
        self.stranger = StaffFactory(role="reception", name="宁波前台", campus=CampusFactory())
        self.price = PriceFactory(procedure=self.procedure, campus=self.campus)

    def client(self, staff: Staff, at: datetime = EIGHT) -> Client:
        with at_time(at):
            return sign_in(Client(), staff)

    def form(self, **values: Any) -> dict[str, Any]:
        """A call as the page posts it, ten o'clock with the first consultant."""
        asked = {
            "procedure": str(self.procedure.public_id),
            "kind": "consult",
            "visit_kind": "first",
            "day": "2026-06-16",
            "source": "phone",
            "slot": self.slot(),
            "key": str(uuid4()),
            "note": "",
        }
        return asked | values

    def slot(self, at: str = "2026-06-16T10:00:00+08:00") -> str:
        return f"{at}|{self.consultants[0].public_id}|{self.rooms[0].public_id}"


@contextmanager
def at_time(instant: datetime) -> Iterator[None]:
    with time_machine.travel(instant, tick=False):
        yield


def url(name: str, *args: UUID) -> str:
    return reverse(f"desk:{name}", args=args)


def queries_of(client: Client, address: str, **values: Any) -> int:
    """How many queries one page takes, warm."""
    client.get(address, **values)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, **values).status_code == 200
    return len(captured)
