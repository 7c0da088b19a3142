"""A lecture on Tuesday afternoon with two places and a line of one, published by the director."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.factories import shipped
from tests.growth.house import House
from tests.journey.clinic import EIGHT, TEN
from yimei.growth.actions import events, seats
from yimei.growth.actions.events import Draft
from yimei.growth.enums.events import EventKind
from yimei.growth.models import Event, Seat
from yimei.people.models import Staff
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = TEN + DAY + 4 * HOUR
END = START + 2 * HOUR


class Gathering(House):
    def __init__(self, **values: Any) -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        self.director = self.staff("director", "院长")
        self.event = self.draft(**values)
        events.publish(self.event.public_id, by=self.director, now=TEN)
        self.event.refresh_from_db()

    def draft(self, *, event_id: UUID | None = None, by: Staff | None = None, **values: Any) -> Event:
        frame = {
            "kind": EventKind.LECTURE, "title": "防晒讲座", "words": "皮肤科医生讲防晒。", "venue": "三楼",
            "permit": "", "starts_at": START, "ends_at": END, "capacity": 2, "waits": 1,
        } | values  # fmt: skip
        return events.write(Draft(**frame), event_id=event_id, by=by or self.manager, now=TEN)

    def registers(self, n: int, *, now: datetime = TEN, **values: Any) -> Seat:
        notice = current_notice(seats.NOTICE, Audience.ADULT)
        assert notice is not None
        asked = {
            "name": f"客人{n}", "phone": f"1290000{n:04d}", "may_call": True, "may_news": False,
            "notice_id": notice.public_id, "ip": f"10.0.0.{n}", "now": now,
        } | values  # fmt: skip
        return seats.register(self.event.code, **asked)
