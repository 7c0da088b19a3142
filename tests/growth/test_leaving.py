"""What somebody leaves behind goes on; whoever takes only what she likes is seen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.growth.actions import leads, leaving, owning
from yimei.growth.enums import EndReason, LeadLoss, Outcome, TouchKind
from yimei.growth.models import Draw, FlowTask, OwnerPeriod, Profile
from yimei.growth.queries import picking
from yimei.outbox.models import Notification
from yimei.people.actions import staff as accounts

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def house() -> House:
    return House()


def test_open_leads_of_somebody_who_left_go_on_and_their_owner_is_told(house: House) -> None:
    mine, lost = house.lead(), house.lead(phone="12900000002")
    leads.lose(lost.public_id, loss=LeadLoss.PRICE, by=house.online, now=EIGHT + HOUR)
    accounts.deactivate(house.online.public_id, by=house.staff("admin", "管理员"), at=EIGHT + HOUR)
    assert leaving.hand_on(now=EIGHT + 2 * HOUR) == 1
    assert leaving.hand_on(now=EIGHT + 3 * HOUR) == 0
    mine.refresh_from_db()
    lost.refresh_from_db()
    assert (mine.owner, lost.owner) == (house.second, house.online)
    old, new = OwnerPeriod.objects.filter(lead=mine)
    assert (old.ended_because, new.staff, new.until) == (EndReason.TRANSFERRED, house.second, None)
    assert Draw.objects.get(lead=mine).chosen == house.second
    assert Notification.objects.filter(staff=house.second).count() == 1


def test_where_nobody_is_left_the_pool_keeps_them(house: House) -> None:
    lead = house.lead()
    for one in (house.online, house.second):
        one.is_active = False
        one.save(update_fields=["is_active"])
    assert leaving.hand_on(now=EIGHT + HOUR) == 1
    lead.refresh_from_db()
    assert (lead.owner, lead.status, lead.next_due_at) == (None, "open", None)


def test_tasks_of_flows_go_on_as_well(house: House) -> None:
    lead = house.lead(by=house.second)
    profile = Profile.objects.create(campus=house.campus, lead=lead, read_at=EIGHT, known_on=EIGHT.date())
    task = FlowTask.objects.create(
        step_key="k", profile=profile, staff=house.online, text="打电话", due_at=EIGHT, created_at=EIGHT
    )
    house.online.is_active = False
    house.online.save(update_fields=["is_active"])
    assert leaving.hand_on(now=EIGHT + HOUR) == 1
    task.refresh_from_db()
    assert task.staff == house.second


def test_whoever_lets_leads_go_without_a_word_is_shown_to_the_manager(house: House) -> None:
    for n in range(12):
        for owner, talks in ((house.online, False), (house.second, True)):
            lead = house.lead(phone=f"129{n:04d}{owner.pk:04d}", by=owner)
            if talks:
                leads.touch(
                    lead.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.REACHED, note="",
                    next_due_at=days(1), by=owner, now=EIGHT + HOUR,
                )  # fmt: skip
            owning.release(lead.public_id, by=owner, now=EIGHT + 2 * HOUR)
    [sign] = picking.signs(by=house.manager, now=days(1))
    assert sign.staff == house.online
    assert "12/12" in sign.text
    with CaptureQueriesContext(connection) as captured:
        picking.signs(by=house.manager, now=days(1))
    assert len(captured) == 3
    assert picking.signs(by=house.manager, now=days(90)) == []
