"""A signed-in customer books, moves and cancels what the hospital opened, by the desk's own engine."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.desk.front import sign_in
from tests.factories.hospital import ProcedureFactory
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import GuardianFactory, PersonFactory
from tests.journey.clinic import EIGHT, TEN, Clinic
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.enums import OnlineBooking
from yimei.hospital.models import Procedure
from yimei.journey.actions import offers, own
from yimei.journey.enums import BookingChannel, BookingKind, BookingStatus, CaseStage
from yimei.journey.models import Booking, BookingLink
from yimei.outbox.models import Message, Notification
from yimei.people.models import Patient
from yimei.people.rules.sessions import key_hash
from yimei.portal.views.door import COOKIE
from yimei.privacy.models import CentreSession

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECRET = "a-secret-of-her-own"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def clock(clinic: Clinic) -> Iterator[Any]:
    with time_machine.travel(EIGHT, tick=False) as clock:
        yield clock


@pytest.fixture
def laser() -> Procedure:
    return ProcedureFactory(
        name="光子嫩肤", grade=0, online="treatment", needs_consult_days=180, minutes_p50=30
    )


@pytest.fixture
def her(clinic: Clinic) -> Patient:
    return clinic.patient(person=PersonFactory(name="林小雨"), online=clinic.online)


def consulted(clinic: Clinic, patient: Patient, at: datetime = EIGHT - 30 * DAY) -> None:
    case = CaseFactory(patient=patient, stage=CaseStage.CONSULTED)
    BookingFactory(case=case, starts_at=at, status="served", visit_kind="first", arrived_at=at, served_at=at)


def operated(clinic: Clinic, patient: Patient, **values: Any) -> Any:
    return CaseFactory(
        patient=patient,
        procedure=clinic.procedure,
        stage=CaseStage.DISCHARGED,
        surgeon=clinic.surgeons[1],
        **values,
    )


def ask(patient: Patient, kind: BookingKind, procedure: Procedure, **values: Any) -> Booking:
    asked = {
        "starts_at": TEN,
        "channel": BookingChannel.MOBILE,
        "is_guardian": False,
        "key": uuid4(),
        "now": EIGHT,
    } | values
    return own.request(patient, kind=kind, procedure_id=procedure.public_id, **asked)


def signed_in(patient: Patient, **values: Any) -> Client:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Mobile/15E148")
    CentreSession.objects.create(
        patient=patient, key_hash=key_hash(SECRET), started_at=EIGHT, seen_at=EIGHT, **values
    )
    client.cookies[COOKIE] = SECRET
    return client


def address(kind: str, procedure: Procedure) -> str:
    return f"{reverse('portal:visit-new')}?what={kind}-{procedure.public_id}"


def slot(at: datetime = TEN, key: UUID | None = None) -> dict[str, str]:
    return {"at": at.strftime("%Y-%m-%dT%H:%M:%S%z"), "key": str(key or uuid4())}


# ---- the action ---------------------------------------------------------------------------------


def test_a_review_goes_to_the_one_who_operated(clinic: Clinic, her: Patient) -> None:
    case = operated(clinic, her)
    booking = ask(her, BookingKind.REVIEW, clinic.procedure)
    assert (booking.case, booking.staff, booking.visit_kind) == (case, clinic.surgeons[1], "review")
    assert (booking.status, booking.channel, booking.created_by) == ("confirmed", "mobile", None)
    assert booking.moves.order_by("pk")[0].note == "客户登录预约（手机）"
    assert Message.objects.filter(patient=her, template__code="booking.confirmed").exists()
    assert Notification.objects.filter(staff=clinic.online, where__endswith=str(booking.public_id)).exists()


def test_another_takes_the_review_when_her_surgeon_is_taken(clinic: Clinic, her: Patient) -> None:
    operated(clinic, her)
    clinic.request(
        staff=clinic.surgeons[1], room=clinic.rooms[1], kind=BookingKind.REVIEW, visit_kind="review"
    )
    assert ask(her, BookingKind.REVIEW, clinic.procedure).staff == clinic.surgeons[0]


def test_a_treatment_follows_a_consultation_in_date(clinic: Clinic, her: Patient, laser: Procedure) -> None:
    with pytest.raises(RuleBroken, match="面诊 180 天内有效"):
        ask(her, BookingKind.TREATMENT, laser)
    consulted(clinic, her)
    booking = ask(her, BookingKind.TREATMENT, laser)
    assert (booking.room, booking.status) == (clinic.treatment_room, "confirmed")


def test_a_second_click_is_the_same_booking(clinic: Clinic, her: Patient) -> None:
    key = uuid4()
    one = ask(her, BookingKind.CONSULT, clinic.procedure, key=key)
    assert ask(her, BookingKind.CONSULT, clinic.procedure, key=key) == one
    other = ask(clinic.patient(), BookingKind.CONSULT, clinic.procedure, key=key)
    assert other.patient != her, "a key that somebody else has used is none of hers"


def test_each_refusal_leaves_nothing_behind(clinic: Clinic, her: Patient, laser: Procedure) -> None:
    child = clinic.patient(person=PersonFactory(birth_date=date(2012, 1, 1)))
    operation = ProcedureFactory(name="吸脂", online=OnlineBooking.NONE)
    consult, treatment = BookingKind.CONSULT, BookingKind.TREATMENT
    day = {"starts_at": TEN + DAY}
    cases: list[tuple[Patient, BookingKind, Procedure, dict[str, Any], Any, str | None]] = [
        (her, treatment, clinic.procedure, {}, NotFound, None),
        (her, BookingKind.REVIEW, clinic.procedure, {}, NotFound, None),
        (her, consult, operation, {}, NotFound, None),
        (child, consult, clinic.procedure, {}, RuleBroken, "监护人"),
        (
            her,
            consult,
            clinic.procedure,
            {"starts_at": EIGHT + timedelta(minutes=90)},
            RuleBroken,
            "不能在网上",
        ),
        (
            her,
            consult,
            clinic.procedure,
            {"starts_at": TEN + timedelta(minutes=15)},
            RuleBroken,
            "不能在网上",
        ),
        (her, consult, clinic.procedure, {"starts_at": TEN + 14 * DAY}, RuleBroken, "最近 14 天"),
        (her, consult, clinic.procedure, day, RuleBroken, "没有值班"),
        (
            her,
            consult,
            clinic.procedure,
            {"starts_at": TEN + timedelta(hours=14)},
            RuleBroken,
            "跨过午夜|值班",
        ),
    ]
    for patient, kind, procedure, values, error, said in cases:
        with pytest.raises(error, match=said):
            ask(patient, kind, procedure, **values)
    assert not Booking.objects.exists()
    assert not Entry.objects.filter(action__startswith="journey").exists()


def test_two_times_to_come_are_enough_and_one_thing_is_booked_once(clinic: Clinic, her: Patient) -> None:
    ask(her, BookingKind.CONSULT, clinic.procedure)
    with pytest.raises(Conflict, match="您已约好 6 月 16 日 10:00"):
        ask(her, BookingKind.CONSULT, clinic.procedure, starts_at=TEN + timedelta(hours=1))
    ask(her, BookingKind.CONSULT, ProcedureFactory(name="隆鼻"), starts_at=TEN + timedelta(hours=1))
    with pytest.raises(RuleBroken, match="2 个还没到"):
        ask(her, BookingKind.CONSULT, ProcedureFactory(name="吸脂"), starts_at=TEN + timedelta(hours=2))


def test_booking_and_cancelling_in_turn_ends(clinic: Clinic, her: Patient) -> None:
    for _turn in range(6):
        booking = ask(her, BookingKind.CONSULT, clinic.procedure)
        booking.status = BookingStatus.CANCELLED
        booking.save(update_fields=["status"])
        booking.claims.update(released_at=EIGHT)
    with pytest.raises(RuleBroken, match="过于频繁"):
        ask(her, BookingKind.CONSULT, clinic.procedure)


def test_who_stayed_away_waits_for_the_desk(clinic: Clinic, her: Patient) -> None:
    case = CaseFactory(patient=her, procedure=clinic.procedure)
    for days in (3, 9):
        known = clinic.confirmed(clinic.patient(), staff=None, room=None)
        Booking.objects.filter(pk=known.pk).update(
            status=BookingStatus.NO_SHOW, patient=her, case=case, starts_at=EIGHT - days * DAY
        )
        known.claims.update(released_at=EIGHT)
    assert ask(her, BookingKind.CONSULT, clinic.procedure).status == BookingStatus.REQUESTED


def test_only_who_keeps_the_catalogue_opens_it(clinic: Clinic, laser: Procedure) -> None:
    asked: dict[str, Any] = {"online": OnlineBooking.NONE, "consult_days": 90, "now": EIGHT}
    with pytest.raises(NotFound):
        offers.set_terms(laser.public_id, by=clinic.reception, **asked)
    admin = clinic.staff("admin", "管理员")
    assert offers.set_terms(laser.public_id, by=admin, **asked).needs_consult_days == 90
    with pytest.raises(RuleBroken, match="手术不能在网上直接预约"):
        offers.set_terms(
            clinic.procedure.public_id,
            by=admin,
            online=OnlineBooking.TREATMENT,
            consult_days=None,
            now=EIGHT,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Procedure.objects.filter(pk=clinic.procedure.pk).update(online="treatment")


# ---- the screens --------------------------------------------------------------------------------


def test_on_her_phone_she_books_moves_and_cancels(
    clinic: Clinic, her: Patient, laser: Procedure, clock: Any
) -> None:
    consulted(clinic, her)
    operated(clinic, her)
    client = signed_in(her)
    page = client.get(reverse("portal:visits")).content.decode()
    assert "约复查" in page
    assert f"what=treatment-{laser.public_id}" in page
    key = uuid4()
    for _click in range(2):
        assert client.post(address("treatment", laser), slot(key=key)).status_code == 302
    booking = Booking.objects.get(created_by=None)
    page = client.get(reverse("portal:visits")).content.decode()
    assert "您已约好 6 月 16 日 10:00" in page
    assert "6月16日 周二 10:00" in page, "day and hour, however far away"
    opened = client.post(reverse("portal:visit-open", args=[booking.public_id]))
    assert "6月16日 周二 10:00–10:30" in client.get(opened.url).content.decode()
    moved = client.post(opened.url, {"act": "reschedule", "at": (TEN + timedelta(hours=1)).isoformat()})
    assert "已改期" in moved.content.decode()
    assert "已取消" in client.post(opened.url, {"act": "cancel"}).content.decode()
    booking.refresh_from_db()
    assert (booking.status, booking.starts_at) == ("cancelled", TEN + timedelta(hours=1))


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"at": "", "key": "x"}, 422, "请选择一个时间"),
        ({"at": "2026-06-16T10:15:00+0800"}, 422, "不能在网上预约"),
        ({"at": "2026-02-30T10:00:00+0800"}, 422, "请选择一个时间"),
        ({"at": "2026-06-16T23:30:00+0800"}, 422, "值班"),
        ({"at": "2020-06-16T10:00:00+0800"}, 422, "不能在网上预约"),
    ],
)
def test_a_bad_time_is_answered_and_nothing_is_lost(
    clinic: Clinic, her: Patient, clock: Any, values: dict[str, str], status: int, said: str
) -> None:
    response = signed_in(her).post(address("consult", clinic.procedure), slot() | values)
    assert (response.status_code, said in response.content.decode()) == (status, True)
    assert ">10:00<" in response.content.decode(), "the free times are still there"
    assert not Booking.objects.exists()


@pytest.mark.slow(reason="books and cancels six times")
def test_too_far_and_too_often_are_said_on_her_page(clinic: Clinic, her: Patient, clock: Any) -> None:
    client, page = signed_in(her), address("consult", clinic.procedure)
    far = client.post(page, slot(TEN + 14 * DAY))
    assert (far.status_code, "网上只能预约最近 14 天" in far.content.decode()) == (422, True)
    assert not Booking.objects.exists()
    for _turn in range(6):
        assert client.post(page, slot()).status_code == 302
        booking = Booking.objects.latest("pk")
        opened = client.post(reverse("portal:visit-open", args=[booking.public_id]))
        assert "已取消" in client.post(opened.url, {"act": "cancel"}).content.decode()
    often = client.post(page, slot())
    assert (often.status_code, "预约过于频繁，请在 09:00 之后再试" in often.content.decode()) == (422, True)
    assert ">10:00<" in often.content.decode(), "the free times are still there"
    assert Booking.objects.count() == 6


def test_a_taken_time_says_so(clinic: Clinic, her: Patient, clock: Any) -> None:
    for staff, room in zip(clinic.consultants, clinic.rooms, strict=True):
        clinic.request(staff=staff, room=room)
    response = signed_in(her).post(address("consult", clinic.procedure), slot())
    assert (response.status_code, "已有安排" in response.content.decode()) == (409, True)


def test_nobody_opens_what_is_not_hers(clinic: Clinic, her: Patient, clock: Any) -> None:
    theirs = clinic.confirmed()
    client = signed_in(her)
    assert client.post(reverse("portal:visit-open", args=[theirs.public_id])).status_code == 404
    assert client.get(f"{reverse('portal:visit-new')}?what=consult-1").status_code == 404
    assert (
        client.get(f"{reverse('portal:visit-new')}?what=treatment-{clinic.procedure.public_id}").status_code
        == 404
    )
    assert Client().get(reverse("portal:visits")).url == reverse("portal:centre-door")
    assert BookingLink.objects.exclude(booking=theirs).count() == 0


def test_a_guardian_books_for_a_minor(clinic: Clinic, clock: Any) -> None:
    child = clinic.patient(person=PersonFactory(birth_date=date(2012, 1, 1)), online=clinic.online)
    alone = signed_in(child)
    assert "由监护人登录后预约" in alone.get(address("consult", clinic.procedure)).content.decode()
    assert alone.post(address("consult", clinic.procedure), slot()).status_code == 422
    CentreSession.objects.update(guardian=GuardianFactory(patient=child))
    assert alone.post(address("consult", clinic.procedure), slot()).status_code == 302
    assert Booking.objects.get().moves.order_by("pk")[0].note == "监护人登录预约（手机）"


def test_the_settings_page_opens_and_closes_a_procedure(
    clinic: Clinic, laser: Procedure, client: Client
) -> None:
    sign_in(client, clinic.staff("admin", "管理员"))
    assert "光子嫩肤" in client.get(reverse("desk:online-terms")).content.decode()
    address = reverse("desk:online-terms-save", args=[laser.public_id])
    for values, status in (
        ({"online": "none", "consult_days": "90"}, 302),
        ({"online": "none", "consult_days": "三"}, 422),
        ({"online": "none", "consult_days": "0"}, 422),
        ({"online": "else", "consult_days": ""}, 422),
    ):
        assert client.post(address, values).status_code == status, values
    laser.refresh_from_db()
    assert (laser.online, laser.needs_consult_days) == ("none", 90)
    sign_in(client, clinic.reception)
    assert client.get(reverse("desk:online-terms")).status_code == 404
