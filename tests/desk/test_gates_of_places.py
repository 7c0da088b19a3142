"""Nobody there, no room, too long, twice: refusals of booking and of her own links, by action and by page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from tests.desk.front import Front, url
from tests.desk.test_gates_of_booking import DAY, Try, assert_tried
from tests.factories.hospital import CampusFactory, ProcedureFactory
from tests.factories.journey import BookingFactory
from tests.factories.people import DutyFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from tests.journey.test_waiting import enter, fill, token_of
from yimei.journey.actions import arrivals, bookings, online, series, visits, waiting
from yimei.journey.actions.visits import Wanted
from yimei.journey.enums import BookingKind, VisitKind
from yimei.journey.models import Booking
from yimei.journey.rules import arrivals as arrival_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.slow(reason="signs in to post each refusal")
def test_anybody_must_be_somebody_who_is_there(front: Front) -> None:
    patient = front.patient()

    def anybody(said: str, kind: BookingKind, at: datetime = TEN) -> Try:
        return Try(
            said,
            lambda: front.request(patient, kind=kind, starts_at=at, staff=None, room=None),
            url("booking-new"),
            front.form(patient=str(patient.public_id), kind=kind.value, slot=f"{at.isoformat()}||"),
        )

    def no_room() -> Try:
        front.treatment_room.is_active = False
        front.treatment_room.save()
        return anybody("没有可用的治疗室", BookingKind.TREATMENT)

    def all_taken(kind: BookingKind, said: str) -> Callable[[], Try]:
        def make() -> Try:
            for surgeon, room in zip(front.surgeons, front.rooms, strict=True):
                front.request(staff=surgeon, room=room)
            return anybody(said, kind)

        return make

    def course_of_nothing() -> Try:
        surgeon, first = front.surgeons[0], TEN + DAY
        return Try(
            "疗程的每一次都没有约上：李医生 6 月 17 日没有排班",
            lambda: series.request(
                patient_public_id=patient.public_id,
                campus_public_id=front.campus.public_id,
                kind=BookingKind.TREATMENT,
                visit_kind=VisitKind.FIRST,
                procedure_public_id=front.procedure.public_id,
                first_at=first,
                sessions=3,
                every_days=7,
                staff_public_id=surgeon.public_id,
                room_public_id=None,
                note="",
                key=uuid4(),
                by=front.reception,
                now=EIGHT,
                as_many_as_fit=True,
            ),
            f"{url('course-new')}?patient={patient.public_id}",
            front.form(
                patient=str(patient.public_id),
                kind="treatment",
                day="2026-06-17",
                slot=f"{first.isoformat()}|{surgeon.public_id}|{front.treatment_room.public_id}",
                sessions="3",
                every_days="7",
                keeps_staff="on",
                as_many_as_fit="on",
            ),
        )

    assert_tried(
        front,
        lambda: anybody("没有值班的主诊医师", BookingKind.TREATMENT, TEN + DAY),
        no_room,
        all_taken(BookingKind.TREATMENT, "接诊人都已有安排"),
        all_taken(BookingKind.CONSULT, "诊室都已有安排"),
        course_of_nothing,
    )


@pytest.mark.slow(reason="signs in to post each refusal")
def test_what_is_too_long_too_far_apart_or_not_there_to_take_back(front: Front) -> None:
    patient = front.patient()

    def over_twelve_hours(act: str) -> Callable[[], Try]:
        def make() -> Try:
            long = ProcedureFactory(name="全身塑形", minutes_p50=240, minutes_p90=240)
            begins, surgeon, room = EIGHT, front.surgeons[0], front.treatment_room
            DutyFactory(
                staff=surgeon, starts_at=EIGHT - timedelta(hours=8), ends_at=EIGHT + timedelta(hours=16)
            )
            part = {"procedure": str(long.public_id), "kind": "treatment", "order": "after", "device": ""}
            rows = {f"part-{number}-{name}": value for number in range(4) for name, value in part.items()}
            named = f"{surgeon.public_id}|{room.public_id}|"
            step = timedelta(minutes=240)
            return Try(
                "不能超过 12 小时",
                lambda: visits.request(
                    patient_public_id=patient.public_id,
                    campus_public_id=front.campus.public_id,
                    wanted=[
                        Wanted(BookingKind.TREATMENT, long.public_id, number * step, surgeon.public_id)
                        for number in range(4)
                    ],
                    visit_kind=VisitKind.FIRST,
                    starts_at=begins,
                    note="",
                    key=uuid4(),
                    by=front.reception,
                    now=EIGHT,
                ),
                f"{url('visit-new')}?patient={patient.public_id}",
                rows
                | {f"part-{number}-staff": str(surgeon.public_id) for number in range(4)}
                | {"part-TOTAL_FORMS": 4, "part-INITIAL_FORMS": 0, "act": act, "key": str(uuid4())}
                | {"since": "2026-06-16", "until": "2026-06-20", "from_hour": "0", "to_hour": "24"}
                | {"visit_kind": "first", "note": "", "choice": f"{begins.isoformat()}" + f";{named}" * 4},
            )

        return make

    def across_campuses() -> Try:
        """Who looks after customers has their bookings wherever these are."""
        one, other = front.confirmed(), BookingFactory(case__campus=CampusFactory(), confirmed=True)
        for booking in (one, other):
            front.cares(front.online, booking.patient)
        return Try(
            "不在同一院区",
            lambda: bookings.swap(one.public_id, other.public_id, by=front.online, now=EIGHT),
            url("booking-swap", one.public_id),
            {"other": str(other.public_id)},
            by=front.online,
        )

    def without_a_step() -> Try:
        """No action leaves a booking without its first step: only a row from elsewhere could be so."""
        known = front.request()
        same = ("case", "patient", "campus", "kind", "procedure", "staff", "room", "starts_at", "ends_at")
        one = Booking.objects.create(
            **{name: getattr(known, name) for name in same},
            created_at=EIGHT,
            created_by=front.reception,
            key=uuid4(),
        )
        return Try(
            "没有可以撤销的步骤",
            lambda: bookings.undo(one.public_id, by=front.reception, now=EIGHT),
            url("booking-undo", one.public_id),
        )

    assert_tried(front, over_twelve_hours("find"), over_twelve_hours("book"), across_campuses, without_a_step)


@pytest.mark.slow(reason="signs in to post each refusal")
def test_her_own_links_answer_once(front: Front) -> None:
    code = arrival_rules.desk_code(settings.SECRET_KEY, front.campus.public_id, TEN.date())

    def here(said: str, prepare: Callable[[], Booking]) -> Callable[[], Try]:
        def make() -> Try:
            token = online.link(prepare(), now=EIGHT)
            return Try(
                said,
                lambda: arrivals.announce(token, code=code, now=TEN),
                f"/my/visit/{token}/",
                {"act": "here", "code": code},
                at=TEN,
            )

        return make

    def announced(**values: Any) -> Booking:
        one = front.confirmed(**values)
        arrivals.announce(online.link(one, now=EIGHT), code=code, now=TEN)
        return one

    def unregistered() -> Booking:
        one = front.confirmed()
        one.patient.file_no = one.patient.registered_at = one.patient.registered_by = None
        one.patient.save()
        arrivals.announce(online.link(one, now=EIGHT), code=code, now=TEN)
        return one

    def cancelled() -> Booking:
        return bookings.cancel(front.confirmed().public_id, reason="改天", by=front.reception, now=EIGHT)

    def answered(said: str, first: str, act: str, at: datetime = EIGHT) -> Callable[[], Try]:
        verbs: dict[str, Callable[[str], object]] = {
            "accept": lambda token: waiting.accept_by_link(token, now=at),
            "decline": lambda token: waiting.decline_by_link(token, now=at),
            "leave": lambda token: waiting.decline_by_link(token, now=at, leaves=True),
        }

        def make() -> Try:
            enter(front)
            token = token_of(fill(front)[0])
            if first:
                verbs[first](token)
            return Try(said, lambda: verbs[act](token), f"/my/offer/{token}/", {"act": act}, at=at)

        return make

    assert_tried(
        front,
        here("您已签到，请在休息区稍候", announced),
        here("您已签到，请在休息区稍候", unregistered),
        here("现在是「待确认」，请到前台登记", front.request),
        here("现在是「已取消」，请到前台登记", cancelled),
        answered("您已接受这个时间", "accept", "accept"),
        answered("您已接受这个时间", "accept", "decline"),
        answered("您已谢绝这个时间", "decline", "accept"),
        answered("您已谢绝这个时间", "leave", "leave"),
        answered("保留已到期", "", "accept", EIGHT + HALF_HOUR),
    )
