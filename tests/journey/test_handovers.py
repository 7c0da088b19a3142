"""A customer handed over: asked with a reason, taken by the other's word; late steps rise to the manager."""

from datetime import timedelta

import pytest

from tests.desk.front import Front, at_time, url
from tests.journey.clinic import TEN
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.actions import cases, handovers
from yimei.journey.enums import CaseStage, HandoverStatus
from yimei.journey.models import Booking, Case, Handover
from yimei.journey.queries import overdue, today
from yimei.journey.queries.cases import timeline
from yimei.outbox.models import Notification
from yimei.ui.registry import commands_for

pytestmark = pytest.mark.django_db
LATER = TEN + timedelta(minutes=30)


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def booking(front: Front) -> Booking:
    booking = front.arrived(front.patient(person__name="林晓月"))
    booking.patient.consultant = front.consultants[0]
    booking.patient.save(update_fields=["consultant"])
    return booking


def asked(front: Front, booking: Booking, **values: object) -> Handover:
    wanted = {"to_staff_public_id": front.consultants[1].public_id, "reason": "下午休假"} | values
    by = wanted.pop("by", front.consultants[0])
    return handovers.ask(booking.case.public_id, by=by, now=TEN, **wanted)  # type: ignore[arg-type]


def test_the_other_takes_her_with_everything_that_goes_with_her(front: Front, booking: Booking) -> None:
    old, new = front.consultants
    row = asked(front, booking)
    with pytest.raises(NotFound):
        timeline(by=new, now=TEN, case_id=booking.case.public_id)
    assert [item.where for item in today.items(new, TEN)] == [f"desk:handover:{row.public_id}"]
    handovers.accept(row.public_id, by=new, now=LATER)
    case = Case.objects.get(pk=booking.case_id)
    assert (case.consultant, case.next_owner, case.patient.consultant) == (new, new, new)
    said = [item.title for item in timeline(by=new, now=LATER, case_id=case.public_id)]
    assert "交接：周蕾 → 吴敏（已接手）" in said
    with pytest.raises(NotFound):
        timeline(by=old, now=LATER, case_id=case.public_id)
    assert set(Notification.objects.values_list("staff__name", flat=True)) == {"周蕾", "吴敏"}


def test_a_refusal_changes_nothing_and_may_be_asked_anew(front: Front, booking: Booking) -> None:
    row = asked(front, booking)
    with pytest.raises(RuleBroken, match="原因"):
        handovers.decline(row.public_id, answer=" ", by=front.consultants[1], now=LATER)
    handovers.decline(row.public_id, answer="今天满了", by=front.consultants[1], now=LATER)
    assert Case.objects.get(pk=booking.case_id).consultant == front.consultants[0]
    with pytest.raises(Conflict):
        handovers.accept(row.public_id, by=front.consultants[1], now=LATER)
    assert asked(front, booking).status == HandoverStatus.OPEN


def test_one_at_a_time_and_only_by_those_whom_it_concerns(front: Front, booking: Booking) -> None:
    row = asked(front, booking)
    with pytest.raises(Conflict, match="先收回"):
        asked(front, booking)
    for act in (
        lambda: handovers.accept(row.public_id, by=front.consultants[0], now=LATER),
        lambda: handovers.withdraw(row.public_id, by=front.consultants[1], now=LATER),
    ):
        with pytest.raises(RuleBroken):
            act()
    with pytest.raises(NotFound):
        handovers.accept(row.public_id, by=front.stranger, now=LATER)
    handovers.withdraw(row.public_id, by=front.consultants[0], now=LATER)
    with pytest.raises(Conflict):
        handovers.withdraw(row.public_id, by=front.consultants[0], now=LATER)


def test_who_may_ask_and_whom(front: Front, booking: Booking) -> None:
    with pytest.raises(NotFound):
        asked(front, booking, by=front.stranger)
    with pytest.raises(NotFound):
        asked(front, booking, to_staff_public_id=front.surgeons[0].public_id)
    with pytest.raises(RuleBroken, match="本来就由"):
        asked(front, booking, to_staff_public_id=front.consultants[0].public_id)
    with pytest.raises(RuleBroken, match="原因"):
        asked(front, booking, reason="")
    assert asked(front, booking, by=front.reception).asked_by == front.reception


def test_a_customer_who_went_elsewhere_meanwhile_is_not_taken(front: Front, booking: Booking) -> None:
    row = asked(front, booking)
    Case.objects.filter(pk=booking.case_id).update(consultant=None)
    with pytest.raises(RuleBroken, match="别人负责"):
        handovers.accept(row.public_id, by=front.consultants[1], now=LATER)


def test_the_pages_ask_and_answer(front: Front, booking: Booking) -> None:
    giver, taker = (front.client(one, TEN) for one in front.consultants)
    page = url("case-handover", booking.case.public_id)
    with at_time(TEN):
        assert "吴敏" in giver.get(page).text
        assert giver.post(page, {"reason": "休假"}).status_code == 422
        asked_for = {"to_staff": str(front.consultants[1].public_id), "reason": "休假"}
        assert giver.post(page, asked_for).status_code == 302
        row = Handover.objects.get()
        seen = taker.get(url("handover", row.public_id)).text
        assert giver.get(page).status_code == 200
        other = front.client(front.cashier, TEN).get(url("handover", row.public_id))
        taken = taker.post(url("handover-accept", row.public_id))
    assert "林**" in seen
    assert "林晓月" not in seen
    assert other.status_code == 404
    assert taken.headers["Location"] == url("case", booking.case.public_id)


def test_who_may_not_see_customers_is_not_told_that_nobody_waits(front: Front) -> None:
    marketing = front.staff("marketing", "宋凯")
    with at_time(TEN):
        assert front.client(marketing, TEN).get(url("overdue")).status_code == 404
        assert front.client(front.director, TEN).get(url("overdue")).status_code == 200
    found = {one: [act.url_name for act in commands_for(one)] for one in (marketing, front.director)}
    assert "desk:overdue" not in found[marketing]
    assert "desk:overdue" in found[front.director]


def test_what_is_late_rises_to_the_manager_who_presses(front: Front, booking: Booking) -> None:
    late = TEN + timedelta(days=3)
    assert [item.where for item in today.items(front.director, TEN)] == []
    [line] = today.items(front.director, late)
    assert (line.who, line.where) == ("周蕾", "desk:overdue")
    assert "1 位客户" in line.what
    client = front.client(front.director, late)
    with at_time(late):
        page = client.get(url("overdue")).text
        for _click in range(2):
            client.post(url("case-press", booking.case.public_id))
    assert "林**" in page
    assert Notification.objects.filter(staff=front.consultants[0]).count() == 1
    with pytest.raises(NotFound):
        cases.press(booking.case.public_id, by=front.reception, now=late)
    Case.objects.filter(pk=booking.case_id).update(next_due_at=None, next_owner=None)
    [row] = overdue.rows(by=front.director, now=late)
    assert row.late is None
    assert row.case.stage == CaseStage.ARRIVED
