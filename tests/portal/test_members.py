"""Her membership on her phone: hers alone, with the rules that made it."""

from typing import Any

import pytest
from django.test import Client

from tests.portal.test_centre import clock, inside, officer, page, patient
from yimei.growth.actions import members
from yimei.growth.actions import reference as growth
from yimei.people.models import Patient, Staff

pytestmark = pytest.mark.django_db
__all__ = ["clock", "officer", "patient"]


def test_she_sees_her_tier_and_the_rules_that_are_the_same_for_everybody(
    client: Client, officer: Staff, patient: Patient, clock: Any, now: Any
) -> None:
    growth.load(at=now)
    inside(client)
    assert "您还没有入会" in page(client, "centre-member")
    by = officer.__class__.objects.get(pk=officer.pk)
    by.role.grants.create(permission="member.write", scope="group")
    joined = members.join(patient.public_id, by=by, now=now)
    shown = page(client, "centre-member")
    assert joined.number in shown
    assert "规则对所有会员相同" in shown
