"""Whoever only asked is forgotten before her time: by the manager, the officer, and by herself on a phone."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from tests.privacy.looking import forget_ledger_rows
from tests.privacy.plants import readable
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import enquiries, erasing, leads, visits
from yimei.growth.enums import EraseReason, Outcome, TouchKind
from yimei.growth.models import EnquiryVisit, Lead
from yimei.outbox.models import NumberMessage
from yimei.privacy.actions import restoring
from yimei.vault.models import DataKey

pytestmark = pytest.mark.django_db
MARKERS = {
    "growth.Lead.name": "蓝鹦鹉女士",
    "growth.Lead.wechat": "blue-parrot-7",
    "growth.Touch.note": "想改鼻梁驼峰",
}
NUMBER = "12900000001"


@pytest.fixture
def house(settings: Any, tmp_path: Path) -> House:
    made = House()
    shipped.register(EIGHT)
    shipped.texts(EIGHT)
    settings.VAR_DIR = tmp_path
    return made


def asked(house: House) -> Lead:
    """She asked twice; every word about her is a marker."""
    name, wechat, note = MARKERS.values()
    lead = house.lead(name=name, wechat=wechat, note=note)
    house.lead(name=name, phone="129 0000 0001", now=days(1), by=house.second)
    leads.touch(
        lead.public_id, kind=TouchKind.CALL_OUT, outcome=Outcome.REACHED, note=note,
        next_due_at=days(3), by=house.online, now=days(1),
    )  # fmt: skip
    return lead


def test_the_manager_erases_an_enquiry_and_nothing_of_it_stays(house: House) -> None:
    lead = asked(house)
    assert {where.split(": ")[-1] for where in readable(MARKERS)} == set(MARKERS)
    with pytest.raises(NotFound):
        erasing.erase(lead.public_id, why=EraseReason.ASKED, by=house.online, now=days(2))
    assert erasing.erase(lead.public_id, why=EraseReason.ASKED, by=house.manager, now=days(2)) == 2
    assert readable(MARKERS) == []
    assert Entry.objects.filter(action="growth.lead.erase", reason="本人要求删除").count() == 2
    with pytest.raises(NotFound):
        erasing.erase(lead.public_id, why=EraseReason.ASKED, by=house.manager, now=days(2))
    assert house.lead(now=days(3)).duplicate_of is None, "nothing recognises the number"


def test_an_enquiry_of_a_customer_goes_with_her_data(house: House) -> None:
    lead = house.lead()
    visits.become_customer(lead.public_id, by=house.online, now=EIGHT)
    with pytest.raises(RuleBroken, match="按客户的删除请求办理"):
        erasing.erase(lead.public_id, why=EraseReason.OVER, by=house.manager, now=days(1))
    officer = StaffFactory(role="privacy", campus=house.campus)
    assert erasing.erase_by_phone(NUMBER, why=EraseReason.ASKED, by=officer, now=days(1)) == 0


def test_the_officer_finds_and_erases_by_the_number(house: House, client: Client) -> None:
    asked(house)
    officer = StaffFactory(role="privacy", campus=house.campus)
    with time_machine.travel(days(2), tick=False):
        sign_in(client, officer)
        page = client.post(reverse("desk:leads-forget"), {"phone": NUMBER}).content.decode()
        assert page.count("蓝**") == 2
        assert NUMBER not in page.replace(f'value="{NUMBER}"', "")
        assert Entry.objects.filter(action="growth.lead.view", purpose="request").count() == 2
        done = client.post(reverse("desk:leads-forget"), {"phone": NUMBER, "act": "erase", "why": "asked"})
        assert done.status_code == 302
        assert readable(MARKERS) == []
        empty = client.post(reverse("desk:leads-forget"), {"phone": NUMBER}).content.decode()
        assert "没有这个号码的咨询记录" in empty
        assert client.post(reverse("desk:leads-forget"), {"phone": "x"}).status_code == 200
        desk = sign_in(Client(), StaffFactory(role="reception", campus=house.campus))
        assert desk.get(reverse("desk:leads-forget")).status_code == 404


def test_another_code_to_the_number_of_an_enquiry_needs_no_typing(house: House, client: Client) -> None:
    asked(house)
    with time_machine.travel(days(2), tick=False):
        door = client.post(reverse("portal:enquiry-door"), {"phone": NUMBER}).headers["Location"]
        codes = [client.post(f"{door}again/").headers["Location"] for _try in range(2)]
        assert NumberMessage.objects.count() == 3
        refused = client.post(f"{door}again/", follow=True)
        assert "过于频繁" in refused.content.decode()
        digits = re.findall(r"\d{6}", NumberMessage.objects.latest("pk").body)[0]
        assert client.post(codes[-1], {"code": digits}).status_code == 302
        strange = client.post(reverse("portal:enquiry-door"), {"phone": "12900000009"}).headers["Location"]
        assert client.post(f"{strange}again/").status_code == 302
    assert NumberMessage.objects.count() == 3


def test_the_page_of_a_lead_offers_it_to_the_manager_only(house: House, client: Client) -> None:
    lead = asked(house)
    address, page = (reverse(f"desk:{name}", args=[lead.public_id]) for name in ("lead-erase", "lead"))
    with time_machine.travel(days(2), tick=False):
        other = sign_in(Client(), house.online)
        assert address not in other.get(page).content.decode()
        assert other.post(address, {"why": "asked"}).status_code == 404
        sign_in(client, house.manager)
        assert address in client.get(page).content.decode()
        assert client.post(address, {}).status_code == 422
        assert client.post(address, {"why": "asked"}).status_code == 302
        assert client.get(page).status_code == 404


def code_sent() -> str:
    body = NumberMessage.objects.select_related("vault_key").latest("pk").body
    return str(re.search(r"验证码是 (\d{6})", body or "")[1])  # type: ignore[index]


def test_she_sees_what_is_kept_and_erases_it_on_her_phone(house: House, client: Client) -> None:
    asked(house)
    with time_machine.travel(days(2), tick=False) as clock:
        assert client.get(reverse("portal:enquiry")).status_code == 302
        door = client.post(reverse("portal:enquiry-door"), {"phone": NUMBER})
        digits = code_sent()
        wrong = "000000" if digits != "000000" else "111111"
        assert client.post(door.url, {"code": wrong}).status_code == 422
        assert client.post(door.url, {"code": digits}).status_code == 302
        assert Client().post(door.url, {"code": digits}).status_code == 422, "a code is good once"
        page = client.get(reverse("portal:enquiry")).content.decode()
        assert "蓝**" in page
        assert "抖音" in page
        clock.shift(timedelta(minutes=16))
        assert client.post(reverse("portal:enquiry-forget")).url == reverse("portal:enquiry-door")
        assert readable(MARKERS) != []
        door = client.post(reverse("portal:enquiry-door"), {"phone": NUMBER})
        client.post(door.url, {"code": code_sent()})
        assert client.post(reverse("portal:enquiry-forget")).status_code == 302
        assert readable(MARKERS) == []
        assert client.get(reverse("portal:enquiry")).status_code == 302
    assert enquiries.forget_old(now=days(4)) == 2


def test_a_stranger_learns_nothing_and_cannot_go_on_asking(house: House, client: Client) -> None:
    lead = house.lead()
    visits.become_customer(lead.public_id, by=house.online, now=EIGHT)
    with time_machine.travel(days(2), tick=False):
        for phone in (NUMBER, "12900000009"):
            door = client.post(reverse("portal:enquiry-door"), {"phone": phone})
            assert client.get(door.url).status_code == 200
            assert client.post(door.url, {"code": "123456"}).status_code == 422
        answers = [client.post(reverse("portal:enquiry-door"), {"phone": NUMBER}) for _try in range(3)]
        assert [one.status_code for one in answers] == [302, 302, 422]
    assert not NumberMessage.objects.exists()
    assert NUMBER not in str(EnquiryVisit.objects.values())


@pytest.mark.django_db(transaction=True)
def test_an_enquiry_erased_by_its_date_is_gone_at_once_after_a_restore(house: House) -> None:
    lead = asked(house)
    backup = {"wrapped": bytes(lead.vault_key.wrapped or b""), "destroyed_at": None}
    over = days(800)
    assert erasing.erase_due(now=over) == 2
    assert restoring.catch_up(now=over) == 0
    DataKey.objects.filter(pk=lead.vault_key.pk).update(**backup)
    forget_ledger_rows()
    assert {where.split(": ")[-1] for where in readable(MARKERS)} >= {"growth.Touch.note"}
    assert restoring.catch_up(now=over) == 2
    assert readable(MARKERS) == []
    assert restoring.catch_up(now=over) == 0
