"""A lead from the first question to a booking, a loss or the end of its time."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.factories import shipped
from tests.factories.hospital import CampusFactory
from tests.factories.people import PatientFactory, PersonFactory, StaffFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT, TEN
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.access import open_lead, own_lead
from yimei.growth.actions import erasing, leads, owning, reminding, visits
from yimei.growth.actions import settings as numbers
from yimei.growth.enums import AssignRule, EndReason, LeadLoss, LeadStatus, Outcome, TouchKind
from yimei.growth.models import Draw, Lead, OwnerPeriod, Touch
from yimei.growth.rules import draw
from yimei.outbox.models import Notification
from yimei.privacy.actions import erasure

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def talk(house: House, lead: Lead, *, at: Any, by: Any = None, **values: Any) -> Touch:
    asked = {
        "kind": TouchKind.CALL_OUT,
        "outcome": Outcome.REACHED,
        "note": "想了解双眼皮",
        "next_due_at": at + timedelta(days=2),
    } | values
    return leads.touch(lead.public_id, by=by or lead.owner, now=at, **asked)


def test_the_clock_runs_until_a_human_answers(house: House) -> None:
    lead = house.lead()
    assert (lead.owner, lead.first_response_at) == (house.online, None)
    assert lead.next_due_at == EIGHT + timedelta(minutes=5)
    bells = Notification.objects.filter(text__contains="首次回应时限")
    for minutes, told in ((5, 0), (6, 2), (7, 2)):
        reminding.late_answers(now=EIGHT + timedelta(minutes=minutes))
        assert bells.count() == told, "owner and manager, once"
    talk(house, lead, at=EIGHT + timedelta(minutes=8))
    lead.refresh_from_db()
    assert lead.first_response_at == EIGHT + timedelta(minutes=8)
    assert reminding.late_answers(now=EIGHT + timedelta(minutes=20)) == 0
    called = house.lead(phone="12900000002", kind=TouchKind.CALL_IN)
    assert called.first_response_at == EIGHT


def test_the_same_number_in_three_forms_is_one_lead_and_three_rows(house: House) -> None:
    first = house.lead()
    for text in ("129 0000 0001", "+86-129-0000-0001"):
        other = house.lead(phone=text, by=house.second, source="website", now=days(1))
        assert (other.status, other.duplicate_of) == (LeadStatus.LINKED, first)
    first.refresh_from_db()
    assert Lead.objects.count() == 3
    assert [one.source for one in first.touches.all()] == ["douyin", "website", "website"]
    assert first.owner == house.online
    assert Notification.objects.filter(staff=house.online).count() == 1


def test_somebody_who_asks_again_after_a_loss_is_open_again_with_her_owner(house: House) -> None:
    lead = house.lead()
    leads.lose(lead.public_id, loss=LeadLoss.THINKING, by=house.online, now=days(1))
    house.lead(by=house.second, now=days(2), rule=AssignRule.SELF)
    lead.refresh_from_db()
    assert (lead.status, lead.loss, lead.owner) == (LeadStatus.OPEN, "", house.online)
    assert lead.periods.filter(until=None).get().rule == AssignRule.ORIGINAL


def test_a_known_customer_stays_with_her_consultant(house: House) -> None:
    consultant = house.consultants[0]
    known = PatientFactory(
        campus=house.campus,
        consultant=consultant,
        person=PersonFactory(name="林晓雨", phone="+8612900000009"),
    )
    hers = house.lead(name="林晓雨", phone="12900000009", rule=AssignRule.ROUND_ROBIN)
    assert (hers.patient, hers.owner) == (known, consultant)
    assert hers.periods.get().rule == AssignRule.ORIGINAL
    relative = PatientFactory(
        campus=house.campus,
        online=house.second,
        person=PersonFactory(name="林妈妈", phone="+8612900000010"),
    )
    daughter = house.lead(name="林小妹", phone="12900000010")
    assert (daughter.patient, daughter.owner) == (None, relative.online)


def test_the_draw_goes_round_and_can_be_repeated_from_its_log(house: House) -> None:
    drawn = [
        house.lead(phone=f"1290000010{n}", rule=AssignRule.ROUND_ROBIN, now=EIGHT + timedelta(minutes=n))
        for n in range(4)
    ]
    owners = [lead.owner for lead in drawn]
    assert owners[0] != owners[1]
    assert owners[:2] == owners[2:]
    for row in Draw.objects.select_related("chosen"):
        assert row.chosen is not None
        assert draw.repeat(row.rule, row.candidates, row.seed) == str(row.chosen.public_id)


def test_an_open_lead_never_lacks_its_next_action(house: House) -> None:
    lead = house.lead()
    with pytest.raises(RuleBroken, match="下一次联系的时间"):
        talk(house, lead, at=days(1), next_due_at=None)
    with pytest.raises(RuleBroken, match="已经过去"):
        talk(house, lead, at=days(1), next_due_at=days(1))
    with pytest.raises(IntegrityError, match="lead_open_has_next_action"), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(next_due_at=None)
    assert lead.touches.count() == 1


def test_who_refuses_is_not_called_again(house: House) -> None:
    lead = house.lead()
    talk(house, lead, at=days(1), outcome=Outcome.REFUSED, next_due_at=None)
    lead.refresh_from_db()
    assert (lead.status, lead.loss) == (LeadStatus.LOST, LeadLoss.REFUSED)
    with pytest.raises(RuleBroken, match="不再联系"):
        leads.reopen(lead.public_id, by=house.online, now=days(2))
    with pytest.raises(RuleBroken, match="已结束"):
        talk(house, lead, at=days(2))


def test_nobody_reaches_another_ones_lead_and_the_pool_only_by_claim(house: House) -> None:
    lead = house.lead()
    stranger = StaffFactory(role="marketing", campus=CampusFactory())
    for reader in (house.second, house.consultants[0], stranger, house.surgeons[0]):
        with pytest.raises(NotFound):
            open_lead(lead.public_id, by=reader)
    assert own_lead(lead.public_id, by=house.manager) == lead
    owning.release(lead.public_id, by=house.online, now=days(1))
    assert open_lead(lead.public_id, by=house.second) == lead
    with pytest.raises(NotFound):
        own_lead(lead.public_id, by=house.second)
    with pytest.raises(NotFound):
        leads.reveal_phone(lead.public_id, purpose="booking", by=house.second, now=days(1))
    with pytest.raises(NotFound):
        owning.transfer(lead.public_id, to=house.second.public_id, by=house.second, now=days(1))
    with pytest.raises(NotFound):
        owning.claim(lead.public_id, by=stranger, now=days(1))


def test_what_was_claimed_today_and_what_one_holds_count_but_not_what_was_booked(house: House) -> None:
    limits = {"lead.claims_per_day": 1, "lead.holding_most": 2}
    for code, value in limits.items():
        numbers.set_number(
            code, value=value, reason="试一次", by=house.staff("director", "院长"), now=days(-2)
        )
    waiting = [house.lead(phone=f"1290000100{n}", now=days(-1)) for n in range(4)]
    for one in waiting:
        owning.release(one.public_id, by=house.online, now=days(-1))
    first, second, third, fourth = (one.public_id for one in waiting)
    owning.claim(first, by=house.second, now=EIGHT)
    with pytest.raises(RuleBroken, match="达到每日上限"):
        owning.claim(second, by=house.second, now=EIGHT)
    OwnerPeriod.objects.filter(staff=house.second).update(until=EIGHT, ended_because=EndReason.BOOKED)
    Lead.objects.filter(public_id=first).update(status=LeadStatus.BOOKED, next_due_at=None, ended_at=EIGHT)
    owning.claim(second, by=house.second, now=EIGHT)
    owning.claim(third, by=house.second, now=days(1))
    with pytest.raises(RuleBroken, match="达到上限。请先跟进"):
        owning.claim(fourth, by=house.second, now=days(2))


def test_one_takes_a_lead_and_the_next_is_told(house: House) -> None:
    lead = house.lead()
    owning.release(lead.public_id, by=house.online, now=EIGHT)
    with pytest.raises(RuleBroken, match="2026-06-19 起"):
        owning.claim(lead.public_id, by=house.online, now=days(1))
    owning.claim(lead.public_id, by=house.second, now=days(1))
    with pytest.raises(Conflict, match="刚被别人领走"):
        owning.claim(lead.public_id, by=house.online, now=days(4))
    period = lead.periods.get(until=None)
    period.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        period.save(force_insert=True)
    assert lead.periods.filter(until=None).count() == 1


def test_protection_is_lengthened_by_talking_and_recycled_when_over(house: House) -> None:
    lead = house.lead()
    assert lead.periods.get().due_on == days(10).date()
    talk(house, lead, at=days(5), outcome=Outcome.NO_ANSWER)
    talk(house, lead, at=days(9))
    assert lead.periods.get().due_on == days(12).date()
    assert owning.recycle(now=days(12)) == 0
    assert owning.recycle(now=days(13)) == 1
    assert owning.recycle(now=days(13)) == 0
    lead.refresh_from_db()
    period = lead.periods.get()
    assert (lead.owner, lead.next_due_at) == (None, None)
    assert period.ended_because == EndReason.EXPIRED
    assert Notification.objects.filter(staff=house.online, text__contains="回到公海").count() == 1
    with pytest.raises(IntegrityError, match="owner_period_append_only"), transaction.atomic():
        OwnerPeriod.objects.filter(pk=period.pk).update(staff=house.second)


def test_a_forgotten_lead_goes_back_before_its_protection_ends(house: House) -> None:
    lead = house.lead()
    assert [reminding.recycled_soon(now=days(n)) for n in range(4, 8)] == [0, 1, 0, 1]
    bells = Notification.objects.filter(staff=house.online, text__contains="天后回到公海")
    assert [one.text[8:11] for one in bells.order_by("pk")] == [" 3 ", " 1 "]
    assert owning.recycle(now=days(7)) == 0
    assert owning.recycle(now=days(8)) == 1
    assert lead.periods.get().ended_because == EndReason.IDLE


def test_a_manager_hands_a_lead_over_and_both_learn_of_it(house: House) -> None:
    lead = house.lead()
    owning.transfer(lead.public_id, to=house.second.public_id, by=house.manager, now=days(1))
    lead.refresh_from_db()
    assert lead.owner == house.second
    assert [one.ended_because for one in lead.periods.all()] == [EndReason.TRANSFERRED, ""]
    with pytest.raises(RuleBroken, match="在职员工"):
        owning.transfer(lead.public_id, to=house.surgeons[0].public_id, by=house.manager, now=days(1))
    line = Entry.objects.order_by("-seq").first()
    assert line is not None
    assert line.detail == {"from": str(house.online.public_id), "to": str(house.second.public_id)}


def test_a_lead_becomes_a_customer_with_a_time_once(house: House) -> None:
    lead = house.lead()
    key = uuid4()
    asked: dict[str, Any] = {
        "procedure_id": house.procedure.public_id,
        "starts_at": TEN,
        "staff_id": house.consultants[0].public_id,
        "room_id": house.rooms[0].public_id,
        "note": "",
        "key": key,
        "by": house.online,
        "now": EIGHT,
    }
    patient = visits.become_customer(lead.public_id, by=house.online, now=EIGHT)
    assert visits.become_customer(lead.public_id, by=house.online, now=EIGHT) == patient
    booking = visits.book(lead.public_id, **asked)
    assert visits.book(lead.public_id, **asked) == booking
    lead.refresh_from_db()
    assert (lead.status, lead.patient, lead.owner) == (LeadStatus.BOOKED, patient, house.online)
    assert (patient.online, patient.source) == (house.online, "douyin")
    with pytest.raises(RuleBroken, match="不能从"):
        visits.book(lead.public_id, **asked | {"key": uuid4()})


def test_a_deletion_takes_the_leads_and_their_words(house: House) -> None:
    shipped.register(EIGHT)
    lead = house.lead()
    talk(house, lead, at=EIGHT + timedelta(minutes=1))
    patient = visits.become_customer(lead.public_id, by=house.online, now=EIGHT)
    again = house.lead(now=days(1))
    erasure.carry_out(patient, now=days(2))
    for row in Lead.objects.select_related("vault_key"):
        assert (row.name, row.phone, row.phone_token, row.owner) == ("（已删除）", "（已删除）", None, None)
    assert {one.note for one in Touch.objects.select_related("lead__vault_key")} <= {"（已删除）"}
    for row in (lead, again):
        with pytest.raises(NotFound):
            open_lead(row.public_id, by=house.manager)
    new = house.lead(now=days(3))
    assert new.duplicate_of is None


def test_who_never_came_is_forgotten_after_two_years(house: House) -> None:
    shipped.register(EIGHT)
    lead = house.lead()
    assert erasing.erase_due(now=days(729)) == 0
    assert erasing.erase_due(now=days(732)) == 1
    assert erasing.erase_due(now=days(732)) == 0
    lead = Lead.objects.select_related("vault_key").get(pk=lead.pk)
    assert (lead.name, lead.loss, lead.phone_token) == ("（已删除）", LeadLoss.ERASED, None)


def test_a_restored_backup_brings_back_no_lead_that_was_forgotten(
    house: House, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    """The backup knows nothing of the night after it; the ledger's file beside the database does."""
    settings.VAR_DIR = tmp_path
    shipped.register(EIGHT)
    forgotten, kept = house.lead(), house.lead(now=days(30), phone="12900000009")
    backup = transaction.savepoint()
    with django_capture_on_commit_callbacks(execute=True):
        assert erasing.erase_due(now=days(732)) == 1
    transaction.savepoint_rollback(backup)
    assert Lead.objects.select_related("vault_key").get(pk=forgotten.pk).phone == "+8612900000001"
    assert erasure.reapply(now=days(733)) == 1
    assert erasure.reapply(now=days(733)) == 0
    gone = Lead.objects.select_related("vault_key").get(pk=forgotten.pk)
    assert (gone.name, gone.phone, gone.phone_token) == ("（已删除）", "（已删除）", None)
    assert Lead.objects.select_related("vault_key").get(pk=kept.pk).phone == "+8612900000009"
    assert Entry.objects.filter(action="privacy.erasure.reapplied").count() == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"phone": "不是号码"}, "电话号码不正确"),
        ({"name": " \u200b "}, "请填写称呼"),
        ({"name": "𠮷" * 61}, "不能超过"),
        ({"note": "字" * 501}, "不能超过 500 字"),
        ({"kind": TouchKind.CALL_OUT}, "怎样找来"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(house: House, values: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        house.lead(**values)
    assert not Lead.objects.exists()


def test_the_phone_is_shown_in_full_only_with_a_purpose_and_a_line(house: House) -> None:
    lead = house.lead()
    with pytest.raises(RuleBroken, match="用途"):
        leads.reveal_phone(lead.public_id, purpose="curiosity", by=house.online, now=EIGHT)
    assert (
        leads.reveal_phone(lead.public_id, purpose="booking", by=house.online, now=EIGHT) == "+8612900000001"
    )
    line = Entry.objects.order_by("-seq").first()
    assert line is not None
    assert (line.action, line.fields, line.purpose) == ("growth.lead.reveal", ["phone"], "booking")
