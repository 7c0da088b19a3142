"""Logs of the exchange: read as people write them, each call once, whose number it is by blind index."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.journey import BookingFactory
from tests.factories.people import PersonFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import calls, erasing, leads, visits
from yimei.growth.enums import EraseReason, Outcome, TouchKind
from yimei.growth.models import CallFile, CallRecord, Lead
from yimei.growth.queries import calls as queries
from yimei.growth.rules import calls as rules
from yimei.journey.models import Booking
from yimei.outbox.models import Notification
from yimei.people.models import Patient
from yimei.privacy.actions import erasure
from yimei.privacy.actions import reference as privacy

HEAD = "通话编号,对方号码,方向,开始时间,时长,结果,坐席"
NOW = datetime(2026, 6, 17, tzinfo=UTC)


def line(**changes: str) -> dict[str, str]:
    return {
        "number": "129 0000 0001",
        "way": "呼出",
        "start": "2026-06-16 09:00:00",
        "length": "95",
    } | changes


@pytest.mark.parametrize(
    ("changes", "way", "seconds", "answered"),
    [
        ({}, "out", 95, True),
        ({"way": "Inbound", "length": "1:35"}, "in", 95, True),
        ({"length": "00:01:35", "result": "ANSWERED"}, "out", 95, True),
        ({"length": "20", "result": "无人接听"}, "out", 0, False),
        ({"length": "", "result": ""}, "out", 0, False),
        ({"start": "2026/6/16 9:00"}, "out", 95, True),
        ({"start": "2026年6月16日 09:00:00"}, "out", 95, True),
        ({"number": "+86 129-0000-0001"}, "out", 95, True),
    ],
)
def test_a_line_is_read_as_people_write_it(
    changes: dict[str, str], way: str, seconds: int, answered: bool
) -> None:
    call = rules.read(line(**changes), now=NOW)
    assert (call.number, call.way, call.seconds, call.is_answered) == (
        "+8612900000001",
        way,
        seconds,
        answered,
    )
    assert call.started_at == datetime(2026, 6, 16, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"number": "不是号码"}, "号码"),
        ({"way": "转接"}, "方向"),
        ({"start": "昨天"}, "开始时间读不懂"),
        ({"start": "2027-06-16 09:00:00"}, "将来"),
        ({"length": "很久"}, "时长读不懂"),
        ({"length": "99:99:99"}, "超过一天"),
        ({"result": "也许"}, "结果"),
        ({"ref": "9" * 65}, "64"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(changes: dict[str, str], says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        rules.read(line(**changes), now=NOW)


def test_without_a_number_of_its_own_the_same_call_is_the_same() -> None:
    one, two = (rules.read(line(length=length), now=NOW).ref for length in ("95", "96"))
    assert one == two
    assert one != rules.read(line(start="2026-06-16 09:00:01"), now=NOW).ref


@pytest.fixture
def house(db: None) -> House:
    return House()


def log_of(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode("utf-8-sig")


def bring(house: House, content: bytes, **values: Any) -> CallFile:
    return calls.bring_in(content, **{"by": house.manager, "now": days(1)} | values)


TWO = log_of(
    "a1,12900000001,呼出,2026-06-16 08:04,95,接通,网电小陈",
    "a2,12900000009,呼入,2026-06-16 08:05,,未接,",
    "a3,坏号码,呼入,2026-06-16 08:06,,未接,",
)


def test_each_call_is_kept_once_and_matched_by_its_number(house: House) -> None:
    lead = house.lead()
    file = bring(house, TWO)
    assert (file.rows, file.matched, file.unmatched, file.known) == (3, 1, 1, 0)
    assert file.refused == [[4, file.refused[0][1]]]
    with pytest.raises(RuleBroken, match="已经导入过"):
        bring(house, TWO)
    again = bring(house, TWO + b"\na4,12900000001,\xe5\x91\xbc\xe5\x87\xba,2026-06-16 09:00,10,,")
    assert (again.matched, again.known) == (1, 2)
    assert CallRecord.objects.count() == 3
    lead.refresh_from_db()
    assert lead.first_response_at == EIGHT + timedelta(minutes=4)
    [late, first] = queries.of_lead(lead)
    assert (first.length, first.call.staff, late.number) == ("1:35", house.online, "129****0001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM growth_callrecord")
        assert all(b"12900000001" not in bytes(value) for (value,) in cursor.fetchall())


def test_a_customer_is_found_but_never_guessed_among_a_family(house: House) -> None:
    house.patient(person=PersonFactory(name="林晓雨", phone="+8612900000009"))
    assert bring(house, TWO).matched == 1
    house.patient(person=PersonFactory(name="林妈妈", phone="+8612900000009"))
    file = bring(house, log_of("b1,12900000009,呼入,2026-06-16 10:00,5,接通,"))
    assert (file.matched, file.unmatched) == (0, 1)


def test_who_called_and_is_unknown_becomes_a_lead_and_who_was_called_does_not(house: House) -> None:
    bring(house, TWO)
    bring(house, log_of("c1,12900000008,呼出,2026-06-16 10:00,5,接通,"))
    calls_in = CallRecord.objects.get(ref="a2")
    for by in (house.online, house.reception):
        with pytest.raises(NotFound):
            calls.become_lead(calls_in.public_id, name="来电客户", by=by, now=days(1))
    lead = calls.become_lead(calls_in.public_id, name="来电客户", by=house.manager, now=days(1))
    assert (lead.phone, lead.owner is not None) == ("+8612900000009", True)
    with pytest.raises(RuleBroken, match="打进来"):
        calls.become_lead(
            CallRecord.objects.get(ref="c1").public_id, name="谁", by=house.manager, now=days(1)
        )
    with pytest.raises(NotFound):
        calls.become_lead(calls_in.public_id, name="来电客户", by=house.manager, now=days(1))


def test_calls_go_with_the_lead_and_after_their_time(house: House) -> None:
    lead = house.lead()
    bring(house, TWO)
    erasing.erase(lead.public_id, why=EraseReason.ASKED, by=house.manager, now=days(2))
    gone = CallRecord.objects.select_related("vault_key").get(ref="a1")
    assert (gone.vault_key.is_destroyed, gone.phone_token) == (True, None)
    assert [one.call.ref for one in queries.unmatched(by=house.manager)] == ["a2"]
    privacy.load(EIGHT)
    assert erasing.erase_due(now=days(800)) == 0
    assert queries.unmatched(by=house.manager) == []
    assert Lead.objects.get().erased_at is not None


def test_a_long_log_takes_no_more_queries_for_each_matched_call(house: House) -> None:
    house.lead()
    counts = []
    for n in (5, 40):
        content = log_of(*(f"{n}-{k},12900000001,呼出,2026-06-16 0{n % 9}:{k:02d},5,接通," for k in range(n)))
        with CaptureQueriesContext(connection) as captured:
            bring(house, content)
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_calls_of_another_campuss_people_become_a_file_of_that_campus(house: House) -> None:
    """One exchange for the group: what belongs elsewhere is there with its owner, here is only a number."""
    other = House()
    theirs = other.lead(phone="12900000002")
    log = "\n".join(
        [
            HEAD,
            "1,12900000002,呼入,2026-06-16 09:00:00,0,未接,",
            "2,12900000009,呼入,2026-06-16 09:01:00,0,未接,",
        ]
    )
    file = calls.bring_in(log.encode(), by=house.manager, now=NOW)
    assert (file.matched, file.unmatched, file.elsewhere) == (0, 1, 1)
    handed = CallFile.objects.get(campus=other.campus)
    assert (handed.from_campus, handed.matched, handed.rows) == (house.campus, 1, 1)
    record = CallRecord.objects.get(campus=other.campus)
    assert (record.lead, record.ref) == (theirs, "1")
    assert [one.call.ref for one in queries.unmatched(by=house.manager)] == ["2"]
    assert [one.call.ref for one in queries.missed(by=other.manager, now=NOW)] == ["1"]
    assert queries.missed(by=house.manager, now=NOW) == []
    bell = Notification.objects.get(staff=other.manager, where="desk:leads-calls")
    assert "1 通属于本院区，其中未接来电 1 通" in bell.text
    assert not Notification.objects.filter(staff=house.manager, where="desk:leads-calls").exists()
    again = calls.bring_in(log.encode(), by=other.manager, now=NOW)
    assert (again.known, again.unmatched) == (1, 1), "their own copy of the log brings nothing twice"
    leads.touch(
        theirs.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.REACHED, note="",
        next_due_at=NOW + timedelta(days=1), by=other.online, now=NOW,
    )  # fmt: skip
    assert queries.missed(by=other.manager, now=NOW + timedelta(hours=1)) == []


def test_somebody_restricted_is_called_back_and_somebody_sealed_stands_in_no_list(house: House) -> None:
    """Who rings is known for the sake of care, which a restriction leaves; her lead is opened no more."""
    privacy.load(EIGHT)
    lead = house.lead(phone="12900000002")
    bring(house, log_of("1,12900000002,呼入,2026-06-16 09:00,0,未接,"))
    assert queries.missed(by=house.manager, now=NOW)[0].lead == lead
    visits.become_customer(lead.public_id, by=house.online, now=days(1))
    lead.refresh_from_db()
    she = Patient.objects.with_person().get(pk=lead.patient_id)
    booking = BookingFactory(case__patient=she, starts_at=NOW + timedelta(days=60))
    erasure.restrict(she, now=NOW)
    [told] = queries.missed(by=house.manager, now=NOW)
    assert (told.call.ref, told.lead) == ("1", None)
    Booking.objects.filter(pk=booking.pk).update(status="cancelled")
    assert erasure.complete_restrictions(now=NOW) == 1
    assert queries.missed(by=house.manager, now=NOW) == []
