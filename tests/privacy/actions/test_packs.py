"""A pack is proposed, looked at and accepted; numbers move with it, clocks do not."""

from datetime import datetime, timedelta

import pytest
import yaml

from tests.factories.people import StaffFactory
from tests.privacy.rules.test_packs import file, rule
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people.models import Staff
from yimei.privacy.actions import packs
from yimei.privacy.models import Limit, RulePack
from yimei.privacy.queries import limit
from yimei.privacy.queries import packs as queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(campus: Campus) -> Staff:
    return StaffFactory(role="privacy", campus=campus)


def hours(value: int) -> bytes:
    number = {"code": "breach.ordinary_hours", "name": "报告期限", "value": value, "unit": "hours"}
    return file(rule(numbers=[number]), version=f"v{value}")


def test_what_ships_is_in_force_at_once_and_its_numbers_are_limits(campus: Campus, now: datetime) -> None:
    assert limit("breach.ordinary_hours", local_date(now)) == 4
    assert {rule.pack.profile for rule in queries.rules_in_force(local_date(now))} == {"cn"}
    assert packs.load_shipped(now=now) == 0


@pytest.mark.slow(reason="reads whole packs of rules")
def test_a_new_pack_changes_nothing_until_it_is_accepted(officer: Staff, now: datetime) -> None:
    pack = packs.load(hours(2), by=officer, now=now)
    on = local_date(now)
    assert limit("breach.ordinary_hours", on) == 4
    found = queries.impact(pack, now)
    moved = next(one for one in found if one.change.kind == "number")
    assert any("报告期限" in use.what for use in moved.uses)
    packs.accept(pack.public_id, by=officer, now=now)
    assert limit("breach.ordinary_hours", on) == 2
    assert limit("breach.ordinary_hours", on - timedelta(days=1)) == 4
    pack.refresh_from_db()
    assert len(pack.impact) == len(found)
    assert [r.code for r in queries.rules_in_force(on)] == ["B-4"]


@pytest.mark.slow(reason="reads whole packs of rules")
def test_a_number_that_the_hospital_set_stays(officer: Staff, now: datetime) -> None:
    Limit.objects.filter(code="breach.ordinary_hours").update(value=3)
    pack = packs.load(hours(2), by=officer, now=now)
    moved = [one for one in queries.impact(pack, now) if one.change.kind == "number"]
    assert "保留不动" in moved[0].note
    packs.accept(pack.public_id, by=officer, now=now)
    assert limit("breach.ordinary_hours", local_date(now)) == 3


def test_a_decided_pack_is_decided(officer: Staff, now: datetime) -> None:
    pack = packs.load(hours(2), by=officer, now=now)
    packs.refuse(pack.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken):
        packs.accept(pack.public_id, by=officer, now=now)
    with pytest.raises(RuleBroken, match="载入过"):
        packs.load(hours(2), by=officer, now=now)


def test_a_pack_of_another_law_under_the_same_name_is_refused(officer: Staff, now: datetime) -> None:
    body = yaml.safe_load(hours(2))
    with pytest.raises(RuleBroken, match="法域"):
        packs.load(yaml.safe_dump(body | {"profile": "gdpr"}).encode(), by=officer, now=now)


def test_only_the_officer_decides_and_declares(campus: Campus, now: datetime) -> None:
    stranger = StaffFactory(role="surgeon", campus=campus)
    with pytest.raises(NotFound):
        packs.load(hours(2), by=stranger, now=now)
    with pytest.raises(NotFound):
        packs.declare("profile.gdpr", "on", by=stranger, now=now)
    assert not RulePack.objects.filter(version="v2").exists()


def test_a_profile_counts_once_it_is_declared(officer: Staff, now: datetime) -> None:
    packs.declare("profile.gdpr", "on", by=officer, now=now)
    packs.declare("profile.gdpr", "on", by=officer, now=now)
    assert {rule.pack.profile for rule in queries.rules_in_force(local_date(now))} == {"cn", "gdpr"}
    with pytest.raises(RuleBroken):
        packs.declare("profile.gdpr", "maybe", by=officer, now=now)
