"""Scans of the door: sent whenever there is a network, in any order, twice if need be; each counts once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.growth.enums.events import ScanResult, SeatStatus
from yimei.growth.models import DoorScan, Event, Seat
from yimei.growth.queries import events as queries
from yimei.growth.rules import events as rules
from yimei.people.models import Staff

MOST = 500
"""Scans in one batch; the page sends more in several."""


@dataclass(frozen=True)
class Scan:
    """One code as a device read it."""

    key: UUID
    code: str
    at: datetime


def take(event_id: UUID, scans: Sequence[Scan], *, by: Staff, now: datetime) -> list[DoorScan]:
    """Keep a batch, each scan in a transaction of its own: a killed process loses none that was answered."""
    if len(scans) > MOST:
        raise RuleBroken(_("一次最多上传 %(n)d 次签到。") % {"n": MOST}, code="scans")
    return [_take(event_id, one, by=by, now=now) for one in scans]


@transaction.atomic
def _take(event_id: UUID, scan: Scan, *, by: Staff, now: datetime) -> DoorScan:
    event = queries.open_door(event_id, by=by, lock=True, now=now)
    known = DoorScan.objects.filter(event=event, key=scan.key).select_related("seat__vault_key").first()
    if known is not None:
        return known
    rules.check_door(starts_at=event.starts_at, now=now)
    seat = _seat(event, scan.code)
    result = rules.result_of(SeatStatus(seat.status)) if seat else ScanResult.UNKNOWN
    if seat is not None and result == ScanResult.CAME:
        seat.status = SeatStatus.CAME
        seat.came_at = rules.arrived_at(scan.at, starts_at=event.starts_at, ends_at=event.ends_at, now=now)
        seat.save(update_fields=["status", "came_at"])
    kept = DoorScan.objects.create(
        event=event, key=scan.key, seat=seat, result=result, said_at=scan.at, received_at=now, by=by
    )
    log.record(
        "growth.event.scan",
        at=now,
        by=by,
        target=event,
        subject=seat.vault_key if seat else None,
        result=result.value,
    )
    return kept


def _seat(event: Event, code: str) -> Seat | None:
    """The seat of a genuine code of this event; a forged, foreign or unreadable one is nobody's."""
    read = rules.read_ticket(code)
    if read is None:
        return None
    seat = Seat.objects.living().filter(event=event, public_id=read[0]).select_related("vault_key").first()
    return seat if seat and rules.is_genuine(read[1], queries.mark_of(seat)) else None
