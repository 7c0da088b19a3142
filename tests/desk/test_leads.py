"""Leads through their addresses: written down, called, claimed, handed over, booked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, queries_of, url
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.growth.actions import leads, owning, reference
from yimei.growth.enums import AssignRule, LeadStatus, TouchKind
from yimei.growth.models import Lead
from yimei.journey.models import Booking
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    found = Front()
    reference.load(at=EIGHT)
    return found


def body(response: Any) -> str:
    return str(response.content.decode())


def lead_of(front: Front, phone: str = "12900000001", **values: Any) -> Lead:
    asked = {
        "name": "林小雨",
        "source": "douyin",
        "kind": TouchKind.FORM,
        "rule": AssignRule.SELF,
        "by": front.online,
        "now": EIGHT,
    } | values
    return leads.write_down(phone=phone, **asked)


def typed(**values: str) -> dict[str, str]:
    asked = {"phone": "129 0000 0001", "name": "林小雨", "kind": "call_in", "source": "phone"}
    return asked | {"rule": "self", "interest": "eye", "note": "想做双眼皮"} | values


def test_an_enquiry_is_written_down_and_its_double_warned_of(front: Front) -> None:
    client, other = front.client(front.online), front.client(front.staff("online", "网电小吴"))
    with at_time(EIGHT):
        assert client.get(url("lead-new")).status_code == 200
        assert client.post(url("lead-new"), typed(phone="不是号码")).status_code == 422
        assert client.post(url("lead-new"), typed()).status_code == 302
        lead = Lead.objects.get()
        page = body(client.get(url("lead", lead.public_id)))
        warned = body(other.post(url("lead-same"), typed(), headers=HTMX))
        again = other.post(url("lead-new"), typed(), follow=True)
    assert Entry.objects.filter(action="growth.lead.view", actor=front.online.public_id).count() == 1
    assert "想做双眼皮" in page
    assert "129****0001" in page
    assert "12900000001" not in page
    assert "这个号码已有线索" in warned
    assert "林小雨" not in warned.split('id="same"')[-1].replace('value="林小雨"', "")
    assert again.status_code == 200
    assert Lead.objects.filter(status=LeadStatus.LINKED).count() == 1


def test_a_call_is_noted_with_its_next_date(front: Front) -> None:
    lead, client = lead_of(front), front.client(front.online)
    asked = {"kind": "call_out", "outcome": "reached", "note": "周末再聊", "pause": "3d", "day": ""}
    with at_time(EIGHT + timedelta(minutes=2)):
        refused = client.post(url("lead-touch", lead.public_id), asked | {"pause": "day"})
        assert client.post(url("lead-touch", lead.public_id), asked).status_code == 302
        page = body(client.get(url("lead", lead.public_id)))
    assert refused.status_code == 422
    assert "不能没有下一步" in body(refused)
    assert "周末再聊" in page
    lead.refresh_from_db()
    assert lead.next_due_at is not None
    assert lead.next_due_at.isoformat() == "2026-06-19T02:00:00+00:00"


def test_the_pool_shows_masks_until_it_is_claimed(front: Front) -> None:
    lead = lead_of(front, note="原话只给归属人看")
    owning.release(lead.public_id, by=front.online, now=EIGHT)
    client = front.client(front.staff("online", "网电小吴"))
    with at_time(EIGHT):
        listed = body(client.get(url("leads"), {"view": "pool"}))
        page = body(client.get(url("lead", lead.public_id)))
        hidden = client.post(url("lead-reveal", lead.public_id), {"purpose": "booking"}, headers=HTMX)
        former = front.client(front.online).post(url("lead-claim", lead.public_id))
        assert (former.status_code, "才可再次领取" in body(former)) == (422, True)
        assert url("lead-claim", lead.public_id) in body(former), "said on its own page"
        assert client.post(url("lead-claim", lead.public_id)).status_code == 302
        mine = body(client.get(url("lead", lead.public_id)))
        asked = client.get(url("lead-reveal", lead.public_id), headers=HTMX)
        shown = client.post(url("lead-reveal", lead.public_id), {"purpose": "booking"}, headers=HTMX)
    assert url("lead-claim", lead.public_id) in listed
    for text in (listed, page):
        assert "林小雨" not in text
        assert "原话只给归属人看" not in text
    assert hidden.status_code == 404
    assert "原话只给归属人看" in mine
    assert asked.headers["HX-Retarget"] == "#dialog"
    assert "12900000001" in body(shown)


def test_others_find_no_lead_of_mine_and_only_managers_hand_over(front: Front) -> None:
    lead, manager = lead_of(front), front.staff("marketing", "运营主管")
    second = front.staff("online", "网电小吴")
    strangers: list[Client] = [front.client(second), front.client(front.consultants[0])]
    with at_time(EIGHT):
        for client in strangers:
            assert client.get(url("lead", lead.public_id)).status_code == 404
            for name in ("lead-touch", "lead-release", "lead-lose", "lead-transfer", "lead-book"):
                answer = client.post(
                    url(name, lead.public_id), {"loss": "price", "to": str(second.public_id)}
                )
                assert answer.status_code == 404, (name, answer.status_code)
        assert front.client(front.surgeons[0]).get(url("leads")).status_code == 404
        boss = front.client(manager)
        assert "有效" in body(boss.get(url("leads")))
        answer = boss.post(url("lead-transfer", lead.public_id), {"to": str(second.public_id)})
    lead.refresh_from_db()
    assert (answer.status_code, lead.owner) == (302, second)
    assert lead.status == LeadStatus.OPEN


def test_a_lead_is_booked_once_and_becomes_a_customer(front: Front) -> None:
    lead, client, key = lead_of(front), front.client(front.online), str(uuid4())
    asked = front.form(key=key)
    with at_time(EIGHT):
        assert client.get(url("lead-book", lead.public_id)).status_code == 200
        assert client.post(url("lead-book", lead.public_id), asked | {"slot": ""}).status_code == 422
        first = client.post(url("lead-book", lead.public_id), asked)
        again = client.post(url("lead-book", lead.public_id), asked)
        boss = front.client(front.staff("marketing", "运营主管"))
        page = body(boss.get(url("leads"), {"view": "ended"}))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Booking.objects.count() == Patient.objects.count() == 1
    assert "已预约" in page
    assert "上一步的 100%" in page


def test_the_list_asks_no_more_for_more_leads(front: Front) -> None:
    client = front.client(front.online)
    with at_time(EIGHT):
        for n in range(3):
            lead_of(front, f"1290000020{n}")
        few = queries_of(client, url("leads"))
        for n in range(3, 9):
            lead_of(front, f"1290000020{n}")
        many = queries_of(client, url("leads"))
        today = body(client.get(url("today")))
    assert many == few
    assert "新线索，等待首次回应" in today


def test_a_card_is_dropped_on_a_colleague_or_into_the_pool(front: Front) -> None:
    lead, manager, second = (
        lead_of(front),
        front.staff("marketing", "运营主管"),
        front.staff("online", "网电小吴"),
    )
    client, own = front.client(manager), front.client(front.online)
    with at_time(EIGHT):
        page = body(client.get(url("leads-board")))
        moved = client.post(url("lead-move", lead.public_id), {"to": str(second.public_id)}, headers=HTMX)
        forged = client.post(url("lead-move", lead.public_id), {"to": "nowhere"}, headers=HTMX)
        stranger = client.post(
            url("lead-move", lead.public_id), {"to": str(manager.campus.public_id)}, headers=HTMX
        )
        back = client.post(url("lead-move", lead.public_id), {"to": "pool"}, headers=HTMX)
        assert own.get(url("leads-board")).status_code == 404
        assert own.post(url("lead-move", lead.public_id), {"to": "pool"}).status_code == 404
    assert "林小雨" in page
    assert [one.status_code for one in (moved, forged, stranger, back)] == [200, 422, 422, 200]
    lead.refresh_from_db()
    assert lead.owner is None


def test_a_manager_says_who_knows_what_and_how_to_draw(front: Front) -> None:
    manager = front.staff("marketing", "运营主管")
    client = front.client(manager)
    with at_time(EIGHT):
        assert client.get(url("leads-assign")).status_code == 200
        client.post(url("leads-skills", front.online.public_id), {"subjects": ["nose", "eye"]})
        client.post(url("leads-rule"), {"rule": "skill"})
        page = body(client.get(url("leads-assign")))
    assert page.count("checked") == 3
    assert front.client(front.online).get(url("leads-assign")).status_code in {302, 404}


def test_a_log_of_calls_is_brought_and_the_next_lead_called(front: Front) -> None:

    lead, manager = lead_of(front), front.staff("marketing", "运营主管")
    client, own = front.client(manager), front.client(front.online)
    lines = (
        "对方号码,方向,开始时间,时长",
        "12900000001,呼出,2026-06-16 07:30,35",
        "12900000007,呼入,2026-06-16 07:31,",
    )
    log = "\n".join(lines).encode()
    with at_time(EIGHT):
        assert client.get(url("leads-calls")).status_code == 200
        sent = client.post(url("leads-calls"), {"file": SimpleUploadedFile("calls.csv", log)}, follow=True)
        bad = client.post(url("leads-calls"), {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2")})
        page = body(own.get(url("lead", lead.public_id)))
        upcoming = own.get(url("leads-call-next"))
        asked = {"kind": "call_out", "outcome": "reached", "note": "", "pause": "3d", "day": "", "next": "1"}
        onward = own.post(url("lead-touch", lead.public_id), asked)
        assert own.get(url("leads-calls")).status_code == 404
    assert "129****0007" in body(sent)
    assert bad.status_code == 422
    assert "0:35" in page
    assert upcoming.url == url("lead", lead.public_id)
    assert onward.url == url("leads-call-next")


def test_a_score_says_that_it_was_not_learned_and_goes_when_she_asks(front: Front) -> None:
    lead, manager = lead_of(front), front.staff("marketing", "运营主管")
    client, own = front.client(manager), front.client(front.online)
    with at_time(EIGHT):
        before = body(own.get(url("lead", lead.public_id)))
        own.post(url("lead-unscored", lead.public_id))
        after = body(own.get(url("lead", lead.public_id)))
        page = body(client.get(url("leads-score")))
        assert client.post(url("leads-score-train")).status_code == 302
        assert own.get(url("leads-score")).status_code == 404
    assert "经验规则，不是学到的" in before
    assert "按本人要求不评分" in after
    assert "还没有训练过" in page
