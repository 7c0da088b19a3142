"""Each gate of booking and reception through the action and the screen: the same sentence, no trace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.hospital import ProcedureFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey.actions import bookings, handovers, waiting
from yimei.journey.enums import BookingKind, BookingStatus, Urgency
from yimei.journey.models import Booking
from yimei.journey.rules.waiting import Wish
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def front() -> Front:
    return Front()


@dataclass(frozen=True)
class Gate:
    """One refusal: how it comes to it, who asks when, by which action and by which address."""

    prepare: Callable[[Front], Any]
    act: Callable[[Front, Any, Staff, datetime], object]
    page: Callable[[Front, Any], tuple[str, dict[str, str]]]
    said: str
    by: str = "reception"
    at: datetime = TEN
    shown: str = ""
    """What the screen says where it does not even offer the step."""


def slot(front: Front, at: datetime, staff: int = 0, room: int = 0) -> str:
    return f"{at.isoformat()}|{front.consultants[staff].public_id}|{front.rooms[room].public_id}"


def moved(at: datetime, said: str, now: datetime = EIGHT) -> Gate:
    return Gate(
        lambda front: front.confirmed(),
        lambda front, one, by, now: bookings.reschedule(one.public_id, starts_at=at, by=by, now=now),
        lambda front, one: (url("booking-reschedule", one.public_id), {"slot": slot(front, at)}),
        said,
        at=now,
    )


def step(name: str, prepare: Callable[[Front], Any], said: str, **more: Any) -> Gate:
    verb = getattr(bookings, name)
    address = f"booking-{name.removeprefix('mark_').replace('_', '-')}"
    return Gate(
        prepare,
        lambda front, one, by, now: verb(one.public_id, by=by, now=now),
        lambda front, one: (url(address, one.public_id), {}),
        said,
        **more,
    )


def missed(front: Front) -> Booking:
    """Somebody who stayed away twice, asking again."""
    patient = front.patient()
    for days in (1, 2):
        known = front.confirmed(patient, starts_at=TEN + days * HALF_HOUR)
        bookings.mark_no_show(known.public_id, by=front.reception, now=TEN + timedelta(hours=3))
    return front.request(patient, starts_at=TEN + timedelta(hours=5))


def cancelled(front: Front) -> Booking:
    booking = front.confirmed()
    return bookings.cancel(booking.public_id, reason="改天", by=front.reception, now=EIGHT)


def unregistered(front: Front) -> Booking:
    booking = front.confirmed()
    booking.patient.file_no = booking.patient.registered_at = booking.patient.registered_by = None
    booking.patient.save()
    return booking


def no_consult(front: Front) -> Any:
    return front.patient(), ProcedureFactory(name="玻尿酸", grade=0, needs_consult_days=180, minutes_p50=30)


def asked_for(front: Front, made: Any, **more: Any) -> dict[str, str]:
    patient, procedure = made
    at, doctor, place = TEN.isoformat(), front.surgeons[0].public_id, front.treatment_room.public_id
    values = {
        "patient": str(patient.public_id),
        "procedure": str(procedure.public_id),
        "kind": "treatment",
        "slot": f"{at}|{doctor}|{place}",
    }
    return front.form(**values | more)


def asked_to(front: Front) -> Any:
    """A customer whose consultant has already asked somebody else to take over."""
    booking = front.arrived()
    handovers.ask(
        booking.case.public_id,
        to_staff_public_id=front.consultants[1].public_id,
        reason="休假",
        by=front.consultants[0],
        now=TEN,
    )
    return booking


def handed(front: Front, one: Any, by: Staff, now: datetime, to: int, reason: str) -> object:
    return handovers.ask(
        one.case.public_id, to_staff_public_id=front.consultants[to].public_id, reason=reason, by=by, now=now
    )


def handing(
    to: int, reason: str, said: str, prepare: Callable[[Front], Any] | None = None, shown: str = ""
) -> Gate:
    return Gate(
        prepare or (lambda front: front.arrived()),
        lambda front, one, by, now: handed(front, one, by, now, to, reason),
        lambda front, one: (
            url("case-handover", one.case.public_id),
            {"to_staff": str(front.consultants[to].public_id), "reason": reason},
        ),
        said,
        shown=shown,
    )


GATES = {
    "a cancelled one is not confirmed": step("confirm", cancelled, "不能从「已取消」变为", at=EIGHT),
    "who stayed away pays first": step("confirm", missed, "须收预约定金", at=TEN + timedelta(hours=4)),
    "not on another day": step("arrive", lambda front: front.confirmed(), "请先改期到今天", at=TEN + DAY),
    "not without a file": step("arrive", unregistered, "建档"),
    "not missed before half an hour": step("mark_no_show", lambda front: front.confirmed(), "30 分钟"),
    "not seen before she came": step("serve", lambda front: front.confirmed(), "不能从「待上门」变为"),
    "a cancellation has a reason": Gate(
        lambda front: front.confirmed(),
        lambda front, one, by, now: bookings.cancel(one.public_id, reason=" ", by=by, now=now),
        lambda front, one: (url("booking-cancel", one.public_id), {"reason": " ", "side": "customer"}),
        "请写明取消原因",
    ),
    "not moved into the past": moved(TEN, "已经过去", now=TEN + timedelta(minutes=5)),
    "not moved over midnight": moved(TEN + timedelta(hours=13, minutes=45), "跨过午夜"),
    "not moved after the shift": moved(TEN + timedelta(hours=8), "当天值班 09:00–18:00"),
    "not moved to a day off": moved(TEN + DAY, "6 月 17 日没有排班"),
    "not moved to where it is": moved(TEN, "都没有变"),
    "triage comes after the arrival": Gate(
        lambda front: front.confirmed(),
        lambda front, one, by, now: bookings.triage(
            one.public_id, staff_public_id=front.consultants[1].public_id, by=by, now=now
        ),
        lambda front, one: (
            url("booking-triage", one.public_id),
            {"staff": str(front.consultants[1].public_id), "room": str(front.rooms[0].public_id)},
        ),
        "到诊后才能分诊",
    ),
    "a swap needs two": Gate(
        lambda front: front.confirmed(),
        lambda front, one, by, now: bookings.swap(one.public_id, one.public_id, by=by, now=now),
        lambda front, one: (url("booking-swap", one.public_id), {"other": str(one.public_id)}),
        "两个不同的预约",
        at=EIGHT,
    ),
    "nobody takes back another's step": Gate(
        lambda front: front.arrived(),
        lambda front, one, by, now: bookings.undo(one.public_id, by=by, now=now),
        lambda front, one: (url("booking-undo", one.public_id), {}),
        "只能由本人撤销",
        by="director",
    ),
    "a step is taken back at once or not at all": Gate(
        lambda front: front.arrived(),
        lambda front, one, by, now: bookings.undo(one.public_id, by=by, now=now),
        lambda front, one: (url("booking-undo", one.public_id), {}),
        "已超过可撤销的时间",
        at=TEN + timedelta(minutes=2),
    ),
    "a treatment follows its consultation": Gate(
        no_consult,
        lambda front, made, by, now: front.request(
            made[0],
            procedure=made[1],
            kind=BookingKind.TREATMENT,
            staff=front.surgeons[0],
            room=front.treatment_room,
            by=by,
            now=now,
        ),
        lambda front, made: (url("booking-new"), asked_for(front, made)),
        "面诊 180 天内有效",
        at=EIGHT,
    ),
    "a consultant treats nobody": Gate(
        no_consult,
        lambda front, made, by, now: front.request(
            made[0],
            procedure=front.procedure,
            kind=BookingKind.TREATMENT,
            room=front.treatment_room,
            by=by,
            now=now,
        ),
        lambda front, made: (
            url("booking-new"),
            asked_for(
                front,
                (made[0], front.procedure),
                slot=f"{TEN.isoformat()}|{front.consultants[0].public_id}|{front.treatment_room.public_id}",
            ),
        ),
        "周蕾不能接",
        at=EIGHT,
    ),
    "a treatment needs its room": Gate(
        no_consult,
        lambda front, made, by, now: front.request(
            made[0],
            procedure=front.procedure,
            kind=BookingKind.TREATMENT,
            staff=front.surgeons[0],
            by=by,
            now=now,
        ),
        lambda front, made: (
            url("booking-new"),
            asked_for(
                front,
                (made[0], front.procedure),
                slot=f"{TEN.isoformat()}|{front.surgeons[0].public_id}|{front.rooms[0].public_id}",
            ),
        ),
        "诊室一不合适",
        at=EIGHT,
    ),
    "a hand-over has a reason": handing(1, " ", "请写明交接的原因"),
    "a hand-over goes to somebody else": handing(0, "休假", "本来就由周蕾负责", shown="请谁接手"),
    "one hand-over at a time": handing(1, "休假", "已有一次待接手的交接", asked_to, shown="等她答复"),
    "she waits once for one thing": Gate(
        lambda front: _waiting(front, front.patient(), front.reception, EIGHT),
        lambda front, one, by, now: _waiting(front, one.patient, by, now),
        lambda front, one: (f"{url('waiting-new')}?patient={one.patient.public_id}", _wish(front)),
        "已在候补名单上",
        at=EIGHT,
    ),
}


def _waiting(front: Front, patient: Any, by: Staff, now: datetime) -> Any:
    return waiting.enter(
        patient_public_id=patient.public_id,
        campus_public_id=front.campus.public_id,
        kind=BookingKind.CONSULT,
        procedure_public_id=front.procedure.public_id,
        staff_public_id=None,
        wish=Wish("01234", 9, 18, TEN.date(), TEN.date() + timedelta(days=7)),
        urgency=Urgency.NORMAL,
        by=by,
        now=now,
    )


def _wish(front: Front) -> dict[str, Any]:
    return {
        "procedure": str(front.procedure.public_id),
        "kind": "consult",
        "weekdays": ["0", "1"],
        "from_hour": "9",
        "to_hour": "18",
        "valid_from": "2026-06-16",
        "valid_to": "2026-06-20",
        "urgency": "0",
    }


@pytest.mark.parametrize("name", GATES)
def test_a_gate_holds_at_the_action_and_at_the_screen(front: Front, name: str) -> None:
    gate = GATES[name]
    made = gate.prepare(front)
    by = getattr(front, gate.by)
    client = front.client(by, gate.at)
    seen = Entry.objects.filter(action__startswith="journey").count()
    before = list(Booking.objects.order_by("pk").values())
    with pytest.raises((RuleBroken, Conflict)) as refused:
        gate.act(front, made, by, gate.at)
    words = [refused.value.message, *(f"{one.what}{one.why}" for one in refused.value.missing)]
    assert gate.said in " ".join(words)
    address, values = gate.page(front, made)
    with at_time(gate.at):
        response = client.post(address, values, headers=HTMX)
    assert response.status_code in {409, 422}
    assert (gate.shown or gate.said) in response.content.decode()
    assert list(Booking.objects.order_by("pk").values()) == before
    assert Entry.objects.filter(action__startswith="journey").count() == seen


def test_a_bad_key_or_status_never_reaches_a_booking(front: Front) -> None:
    booking = front.confirmed()
    client = front.client(front.reception)
    with at_time(EIGHT):
        for name in (
            "confirm",
            "arrive",
            "serve",
            "no-show",
            "cancel",
            "reschedule",
            "triage",
            "undo",
            "swap",
        ):
            assert client.post(url(f"booking-{name}", uuid4())).status_code == 404
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED
