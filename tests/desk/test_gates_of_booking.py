"""The rarer refusals of booking, waiting list, courses, reception and hand-over, each tried both ways.

Each group shares one clinic; what a gate prepares is rolled back before the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.hospital import DeviceFactory
from tests.factories.people import DutyFactory
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from tests.stories.hospital import footprint
from yimei.core.errors import NotFound, Refusal
from yimei.journey.actions import arrivals, bookings, cases, handovers, links, offers, online, series
from yimei.journey.actions import visits as visit_actions
from yimei.journey.actions import waiting as waiting_actions
from yimei.journey.actions.visits import Wanted
from yimei.journey.enums import BookingKind, LossReason, Urgency, VisitKind
from yimei.journey.models import Booking, Case
from yimei.journey.queries import arrivals as arrival_queries
from yimei.journey.rules.waiting import Wish
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = TEN.date()


@dataclass(frozen=True)
class Try:
    """One refusal: the action, and the address that a page posts to, by whom and when."""

    said: str
    act: Callable[[], object]
    address: str
    data: dict[str, Any] = field(default_factory=dict)
    by: Staff | None = None
    at: datetime = EIGHT
    shown: str = ""
    """What the page says where its form is the first to see it."""


def assert_tried(front: Front, *makers: Callable[[], Try]) -> None:
    """Expect the refusal of the action and of the page, in words, with no row written by either."""
    for make in makers:
        with transaction.atomic():
            one = make()
            client = front.client(one.by or front.reception, one.at)
            before = charted()
            with pytest.raises(Refusal, match=one.said), transaction.atomic():
                one.act()
            with at_time(one.at):
                response = client.post(one.address, one.data, headers=HTMX)
            assert response.status_code in {404, 409, 422}, (one.said, response.status_code)
            assert (one.shown or one.said) in response.text, one.said
            assert charted() == before, f"written though refused: {one.said}"
            transaction.set_rollback(True)


def charted() -> dict[str, int]:
    """Every row but those of the log and of sessions: a page that shows its form again was read."""
    return {name: rows for name, rows in footprint().items() if name not in {"Entry", "Session"}}


@pytest.fixture
def front() -> Front:
    return Front()


# ---- moves of a booking ---------------------------------------------------------------------------


@pytest.mark.slow(reason="signs several people in to post each refusal")
def test_moves_that_come_too_late_or_from_the_wrong_hands(front: Front) -> None:
    slot = f"{(TEN + HALF_HOUR).isoformat()}|{front.consultants[0].public_id}|{front.rooms[0].public_id}"
    elsewhere = front.consultants[1]
    DutyFactory(staff=front.director)

    def not_his() -> Try:
        one = front.arrived()
        return Try(
            "由接诊人本人或前台",
            lambda: bookings.serve(one.public_id, by=front.director, now=TEN),
            url("booking-serve", one.public_id),
            by=front.director,
            at=TEN,
        )

    def moved_after_arrival() -> Try:
        one = front.arrived()
        return Try(
            "不能再改时间",
            lambda: bookings.reschedule(
                one.public_id, starts_at=TEN + HALF_HOUR, by=front.reception, now=TEN
            ),
            url("booking-reschedule", one.public_id),
            {"slot": slot},
            at=TEN,
        )

    def undone_after_more() -> Try:
        one = front.arrived()
        case = Case.objects.get(pk=one.case_id)
        cases.move(case, to="consulted", by=front.consultants[0], now=TEN + timedelta(seconds=10))
        return Try(
            "之后已有新的记录",
            lambda: bookings.undo(one.public_id, by=front.reception, now=TEN + timedelta(seconds=30)),
            url("booking-undo", one.public_id),
            at=TEN + timedelta(seconds=30),
        )

    def swapped_with_parts() -> Try:
        one = front.confirmed()
        device = DeviceFactory(campus=front.campus, name="皮秒")
        other = visit_actions.request(
            patient_public_id=front.patient().public_id,
            campus_public_id=front.campus.public_id,
            wanted=[
                Wanted(
                    BookingKind.CONSULT,
                    front.procedure.public_id,
                    staff_public_id=elsewhere.public_id,
                    room_public_id=front.rooms[1].public_id,
                    device_public_id=device.public_id,
                )
            ],
            visit_kind=VisitKind.FIRST,
            starts_at=TEN,
            note="",
            key=uuid4(),
            by=front.reception,
            now=EIGHT,
        )
        return Try(
            "含多个项目或设备",
            lambda: bookings.swap(one.public_id, other.public_id, by=front.reception, now=EIGHT),
            url("booking-swap", one.public_id),
            {"other": str(other.public_id)},
        )

    def cancelled_without_end() -> Try:
        one = front.confirmed()
        return Try(
            "80 字以内",
            lambda: bookings.cancel(one.public_id, reason="长" * 81, by=front.reception, now=EIGHT),
            url("booking-cancel", one.public_id),
            {"reason": "长" * 81, "side": "customer"},
            shown="80 ",
        )

    def key_of_another() -> Try:
        key, patient = uuid4(), front.patient()
        front.request(starts_at=TEN + 2 * HALF_HOUR, key=key)
        return Try(
            "已用于另一个预约",
            lambda: front.request(patient, key=key),
            url("booking-new"),
            front.form(patient=str(patient.public_id), key=str(key)),
        )

    def lost_with_a_time() -> Try:
        one = front.confirmed()
        return Try(
            "还有未完成的预约",
            lambda: cases.lose(one.case.public_id, reason=LossReason.PRICE, by=front.reception, now=EIGHT),
            url("case-lose", one.case.public_id),
            {"reason": "price", "note": ""},
        )

    def pressed_without_owner() -> Try:
        one = front.confirmed()
        Case.objects.filter(pk=one.case_id).update(next_owner=None)
        return Try(
            "没有人负责下一步",
            lambda: cases.press(one.case.public_id, by=front.director, now=EIGHT),
            url("case-press", one.case.public_id),
            by=front.director,
        )

    assert_tried(
        front,
        not_his,
        moved_after_arrival,
        undone_after_more,
        swapped_with_parts,
        cancelled_without_end,
        key_of_another,
        lost_with_a_time,
        pressed_without_owner,
    )


# ---- hand-over -------------------------------------------------------------------------------------


@pytest.mark.slow(reason="signs several people in to post each refusal")
def test_hand_overs_have_their_people_and_their_moment(front: Front) -> None:
    first, second = front.consultants
    third = front.staff("consultant", "孙洁")

    def given(case: Case, by: Staff, to: Staff = second) -> Callable[[], object]:
        return lambda: handovers.ask(
            case.public_id, to_staff_public_id=to.public_id, reason="休假", by=by, now=TEN
        )

    def asking(said: str, change: dict[str, Any], by: Staff | None = None, shown: str = "") -> Try:
        case = front.arrived().case
        if by is not None:
            front.cares(by, case.patient)
        Case.objects.filter(pk=case.pk).update(**change)
        form = {"to_staff": str(second.public_id), "reason": "休假"}
        act, address = given(case, by or front.reception), url("case-handover", case.public_id)
        return Try(said, act, address, form, by=by, at=TEN, shown=shown)

    def answered(said: str, name: str, by: Staff, data: dict[str, str], **more: Any) -> Try:
        case = front.arrived().case
        row = handovers.ask(
            case.public_id, to_staff_public_id=second.public_id, reason="休假", by=front.reception, now=TEN
        )
        verb = getattr(handovers, name)
        words = {"answer": data["answer"]} if "answer" in data else {}
        if more.pop("taken", False):
            Case.objects.filter(pk=case.pk).update(consultant=third)
        if more.pop("twice", False):
            handovers.withdraw(row.public_id, by=front.reception, now=TEN)
        return Try(
            said,
            lambda: verb(row.public_id, **words, by=by, now=TEN),
            url(f"handover-{name}", row.public_id),
            data,
            by=by,
            at=TEN,
            **more,
        )

    ended = {"stage": "lost", "closed_at": TEN, "loss_reason": "price", "next_action": ""}
    nobody = {"next_due_at": None, "next_owner": None}
    assert_tried(
        front,
        lambda: asking("已经结束，不用交接", ended | nobody),
        lambda: asking("还没有现场咨询", {"consultant": None}),
        lambda: asking("只有负责她的现场咨询", {}, by=third),
        lambda: answered("由被请求接手的人本人答复", "accept", first, {}),
        lambda: answered("由被请求接手的人本人答复", "decline", first, {"answer": "忙"}),
        lambda: answered("请写明不能接手", "decline", second, {"answer": " "}),
        lambda: answered("由发起人或原负责人收回", "withdraw", second, {}),
        lambda: answered("已改由别人负责", "accept", second, {}, taken=True),
        lambda: answered("已经有了结果", "accept", second, {}, twice=True),
    )


# ---- waiting list, courses, several services ----------------------------------------------------------


def test_wishes_that_no_day_could_meet(front: Front) -> None:
    patient, other = front.patient(), date(2027, 6, 16)
    good = Wish("01234", 9, 18, TODAY, TODAY + DAY)
    form = {
        "procedure": str(front.procedure.public_id),
        "kind": "consult",
        "weekdays": ["0", "1"],
        "from_hour": "9",
        "to_hour": "18",
        "valid_from": "2026-06-16",
        "valid_to": "2026-06-20",
        "urgency": "0",
    }

    def wish(said: str, wanted: Wish, shown: str = "", **typed: Any) -> Callable[[], Try]:
        return lambda: Try(
            said,
            lambda: waiting_actions.enter(
                patient_public_id=patient.public_id,
                campus_public_id=front.campus.public_id,
                kind=BookingKind.CONSULT,
                procedure_public_id=front.procedure.public_id,
                staff_public_id=None,
                wish=wanted,
                urgency=Urgency.NORMAL,
                by=front.reception,
                now=EIGHT,
            ),
            f"{url('waiting-new')}?patient={patient.public_id}",
            form | typed,
            shown=shown,
        )

    assert_tried(
        front,
        wish("至少选择一个星期几", replace(good, weekdays=""), "必填", weekdays=[]),
        wish("结束须晚于开始", replace(good, from_hour=18, to_hour=10), from_hour="18", to_hour="10"),
        wish(
            "已经过去，或早于开始",
            replace(good, valid_from=TODAY + 2 * DAY),
            valid_from="2026-06-20",
            valid_to="2026-06-18",
        ),
        wish("最长登记 180 天", replace(good, valid_to=other), valid_to="2027-06-16"),
    )


def test_courses_are_counted_and_booked_whole_or_said_why_not(front: Front) -> None:
    patient = front.patient()
    slot = f"{TEN.isoformat()}|{front.surgeons[0].public_id}|{front.treatment_room.public_id}"

    def course(said: str, sessions: int, days: int, shown: str = "", **more: Any) -> Callable[[], Try]:
        return lambda: Try(
            said,
            lambda: series.request(
                patient_public_id=patient.public_id,
                campus_public_id=front.campus.public_id,
                kind=BookingKind.TREATMENT,
                visit_kind=VisitKind.FIRST,
                procedure_public_id=front.procedure.public_id,
                first_at=TEN,
                sessions=sessions,
                every_days=days,
                staff_public_id=front.surgeons[0].public_id,
                room_public_id=None,
                note="",
                key=uuid4(),
                by=front.reception,
                now=EIGHT,
            ),
            f"{url('course-new')}?patient={patient.public_id}",
            front.form(
                patient=str(patient.public_id),
                kind="treatment",
                slot=slot,
                sessions=str(sessions),
                every_days=str(days),
                keeps_staff="on",
                **more,
            ),
            shown=shown,
        )

    assert_tried(
        front,
        course("疗程须为 2 到 20 次", 1, 7, "等于2"),
        course("疗程须为 2 到 20 次", 21, 7, "等于20"),
        course("须隔 1 到 180 天", 2, 0, "等于1"),
        course("须隔 1 到 180 天", 2, 181, "等于180"),
        course("整个疗程都没有登记", 2, 7),
    )


@pytest.mark.slow(reason="signs several people in to post each refusal")
def test_services_that_cannot_be_done_together_are_named(front: Front) -> None:
    patient = front.patient()
    device = DeviceFactory(campus=front.campus, name="皮秒一号")
    surgeon = front.surgeons[0]

    def visit(
        said: str, *parts: tuple[str, str, Staff | None], device_at: tuple[int, ...] = (), shown: str = ""
    ) -> Callable[[], Try]:
        rows: dict[str, Any] = {"part-TOTAL_FORMS": len(parts), "part-INITIAL_FORMS": 0}
        wanted, begins, ends = [], timedelta(0), timedelta(0)
        for number, (kind, order, staff) in enumerate(parts):
            length = visit_actions.duration_of(BookingKind(kind), front.procedure.public_id)
            begins = begins if order == "with" else ends
            ends = max(ends, begins + length)
            has = number in device_at
            rows |= {
                f"part-{number}-procedure": str(front.procedure.public_id),
                f"part-{number}-kind": kind,
                f"part-{number}-order": order,
                f"part-{number}-staff": str(staff.public_id) if staff else "",
                f"part-{number}-device": str(device.public_id) if has else "",
            }
            wanted.append(
                Wanted(
                    BookingKind(kind),
                    front.procedure.public_id,
                    begins,
                    staff.public_id if staff else None,
                    device_public_id=device.public_id if has else None,
                )
            )
        dates = {"since": "2026-06-16", "until": "2026-06-20", "from_hour": "0", "to_hour": "24"}
        more = {"act": "find", "key": str(uuid4()), "visit_kind": "first", "note": ""}
        return lambda: Try(
            said,
            lambda: visit_actions.request(
                patient_public_id=patient.public_id,
                campus_public_id=front.campus.public_id,
                wanted=wanted,
                visit_kind=VisitKind.FIRST,
                starts_at=TEN,
                note="",
                key=uuid4(),
                by=front.reception,
                now=EIGHT,
            ),
            f"{url('visit-new')}?patient={patient.public_id}",
            rows | dates | more,
            shown=shown,
        )

    together = ("treatment", "after", surgeon), ("treatment", "with", surgeon)
    apart = ("treatment", "after", surgeon), ("treatment", "with", front.surgeons[1])
    assert_tried(
        front,
        visit("不能同时在两个房间", ("consult", "after", None), ("treatment", "with", None)),
        visit("不能由同一人进行", *together),
        visit("不能用同一台设备", *apart, device_at=(0, 1)),
        visit("请至少选择一个项目"),
        visit("最多安排 8 个项目", *[("consult", "after", None)] * 9, shown="最多"),
    )


# ---- arrivals, links and what a procedure asks for ------------------------------------------------------


@pytest.mark.slow(reason="signs several people in to post each refusal")
def test_codes_of_another_day_house_or_hand(front: Front) -> None:
    def scanned(said: str, code: str, by: Staff | None = None, at: datetime = TEN) -> Callable[[], Try]:
        def make() -> Try:
            one = front.confirmed()
            text = code or arrival_queries.pass_of(one)
            who = by or front.reception
            return Try(
                said,
                lambda: arrivals.scan(text, by=who, now=at),
                url("reception-scan"),
                {"code": text},
                by=who,
                at=at,
            )

        return make

    assert_tried(
        front,
        scanned("不是本院的到院码", "YM1.0.0"),
        scanned("其他院区的预约", "", by=front.stranger),
        scanned("请先改期到今天", "", at=TEN + DAY),
    )


def test_what_a_link_may_not_do(front: Front) -> None:
    def by_link(said: str, act: str, at: datetime = EIGHT, **typed: str) -> Callable[[], Try]:
        def make() -> Try:
            one = front.confirmed()
            token = online.link(one, now=EIGHT)
            if typed.pop("gone", ""):
                bookings.cancel(one.public_id, reason="改", by=front.reception, now=EIGHT)
            if typed.pop("here", ""):
                Booking.objects.filter(pk=one.pk).update(announced_at=TEN)
            deeds: dict[str, Callable[[], object]] = {
                "come": lambda: links.acknowledge(token, now=at),
                "cancel": lambda: links.cancel(token, now=at),
                "move": lambda: links.ask_to_move(token, wish=typed.get("wish", ""), now=at),
                "here": lambda: arrivals.announce(token, code=typed.get("code", ""), now=at),
            }
            return Try(said, deeds[act], f"/my/visit/{token}/", {"act": act, **typed}, at=at)

        return make

    assert_tried(
        front,
        by_link("不能再通过链接更改", "come", gone="yes"),
        by_link("不能再通过链接更改", "cancel", at=TEN + timedelta(minutes=1)),
        by_link("请写明您方便的时间", "move", wish=" "),
    )


def test_a_wrong_desk_code_is_counted_and_refused(front: Front) -> None:
    """A try stays written though it was refused, so that five are the most."""
    one = front.confirmed()
    token = online.link(one, now=EIGHT)
    with at_time(TEN):
        said = [
            Client().post(f"/my/visit/{token}/", {"act": "here", "code": "000000"}).text for _try in range(6)
        ]
    assert "到院码不对" in said[0]
    assert "试的次数太多" in said[5]
    with pytest.raises(Refusal, match="试的次数太多"):
        arrivals.announce(token, code="000000", now=TEN)
    one.refresh_from_db()
    assert one.announced_at is None


def test_how_long_a_consultation_counts_is_a_sane_number_on_its_page(front: Front) -> None:
    admin = front.staff("admin", "管理员")
    assert_tried(
        front,
        *(
            lambda days=days: Try(  # type: ignore[misc]
                "1 到 1095 之间",
                lambda: offers.set_terms(
                    front.procedure.public_id, online="consult", consult_days=days, by=admin, now=EIGHT
                ),
                url("online-terms-save", front.procedure.public_id),
                {"online": "consult", "consult_days": str(days)},
                by=admin,
            )
            for days in (0, 1096)
        ),
    )


def test_an_answer_that_comes_twice_to_an_offer_is_told(front: Front) -> None:
    with pytest.raises(NotFound):
        waiting_actions.accept_by_link("nobody's", now=EIGHT)
    assert Client().post("/my/offer/nobodys/", {"act": "accept"}).status_code == 404


def test_a_day_that_is_over_is_said_to_be_over(front: Front) -> None:
    client = front.client(front.reception)
    asked = {"procedure": str(front.procedure.public_id), "kind": "consult"}
    with at_time(EIGHT):
        over = client.get(url("slots"), asked | {"day": "2026-06-15"}).text
        free = client.get(url("slots"), asked | {"day": "2026-06-17"}).text
    assert "已经过去" in over
    assert "没有空闲时间" in free
