"""Asking for a code again, and whose hospital the pages of a customer name."""

from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories.hospital import CampusFactory
from tests.portal.test_centre import (
    clock,
    code_in_message,
    inside,
    knock,
    officer,
    page,
    patient,
)
from yimei.outbox.models import Message
from yimei.people.models import Patient
from yimei.privacy.models import CentreCode

__all__ = ["clock", "officer", "patient"]

pytestmark = pytest.mark.django_db


def ask_again(client: Client, door: str) -> Any:
    return client.post(f"{door}again/", follow=True)


def test_another_code_comes_without_typing_again_and_opens_as_well(
    client: Client, patient: Patient, clock: Any
) -> None:
    door = knock(client).url
    first = code_in_message()
    again = ask_again(client, door)
    (place, _status), *_rest = again.redirect_chain
    assert place != door
    assert "已再次索取验证码" in again.content.decode()
    assert Message.objects.count() == 2
    assert client.post(place, {"code": code_in_message()}).status_code == 302
    assert client.post(door, {"code": first}).status_code == 302, "the first is good for its ten minutes"


def test_asking_again_says_nothing_of_an_unknown_number(client: Client, patient: Patient, clock: Any) -> None:
    known, unknown = (ask_again(Client(), knock(Client(), n).url) for n in ("12000000001", "12000000009"))
    assert "已再次索取验证码" in known.content.decode()
    assert "已再次索取验证码" in unknown.content.decode()
    assert Message.objects.count() == 2
    assert CentreCode.objects.filter(patient=None).count() == 2


def test_asking_again_counts_among_the_asks_of_an_hour(client: Client, patient: Patient, clock: Any) -> None:
    door = knock(client).url
    said = [ask_again(client, door).content.decode() for _try in range(3)]
    assert ["过于频繁" in words for words in said] == [False, False, True]
    assert Message.objects.count() == 3
    clock.shift(3600)
    assert client.post(f"{door}again/").status_code == 404, "after an hour she types it anew"


def test_one_wrong_code_is_one_thing_to_correct(client: Client, patient: Patient, clock: Any) -> None:
    door = knock(client).url
    wrong = "000000" if code_in_message() != "000000" else "111111"
    said = client.post(door, {"code": wrong}).content.decode()
    assert "有一处需要改" in said
    assert "几处" not in said
    empty = client.post(reverse("portal:centre-door"), {}).content.decode()
    assert "还有几处需要改" in empty


def test_every_page_inside_names_her_hospital(client: Client, patient: Patient, clock: Any) -> None:
    other = CampusFactory(name="另一家医院")
    inside(client)
    for name in ("centre", "centre-kept", "centre-looks", "centre-consents", "centre-requests", "visits"):
        said = page(client, name)
        assert f'<p class="phone-place">{patient.campus.name}</p>' in said
        assert other.name not in said


def test_the_only_hospital_is_named_before_anybody_is_known(client: Client, patient: Patient) -> None:
    def named() -> str:
        context = Context({"request": RequestFactory().get("/")})
        return Template("{% load ui %}{% whose_page %}").render(context)

    assert named() == patient.campus.name
    CampusFactory(name="另一家医院")
    assert named() == "颐美"
