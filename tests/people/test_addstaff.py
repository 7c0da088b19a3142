"""The first administrator comes from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Grade
from yimei.hospital.models import Campus
from yimei.people.actions import sessions
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


@pytest.mark.slow(reason="reads the list of twenty thousand common passwords for the first time")
def test_a_new_hospital_gets_its_first_administrator() -> None:
    CampusFactory(code="HQ")
    out = StringIO()
    call_command("addstaff", "root", name="王敏", stdout=out)
    password = out.getvalue().split("：")[1].split("（")[0]
    staff = sessions.sign_in("root", password, ip=None, device="", now=timezone.now())
    assert (staff.role_code, staff.must_change_password, staff.must_enrol_totp) == ("admin", True, True)


@pytest.mark.slow(reason="reads the list of twenty thousand common passwords")
def test_an_empty_hospital_begins_with_a_campus_that_may_do_least() -> None:
    out = StringIO()
    call_command("addstaff", "root", name="王敏", campus="HQ", campus_name="颐美总院", stdout=out)
    [campus] = Campus.objects.all()
    assert (campus.name, campus.max_grade) == ("颐美总院", Grade.ONE)
    assert Staff.objects.get().campus == campus
    with pytest.raises(CommandError, match="现有：HQ"):
        call_command("addstaff", "two", name="李敏", campus="B", campus_name="二院")


def test_a_campus_or_role_that_is_not_there_opens_nothing() -> None:
    for named in ({}, {"campus": "HQ"}, {"campus_name": "总院"}):
        with pytest.raises(CommandError, match="还没有院区"):
            call_command("addstaff", "root", name="王敏", **named)
    CampusFactory(code="A")
    CampusFactory(code="B")
    with pytest.raises(CommandError, match="A、B"):
        call_command("addstaff", "root", name="王敏")
    with pytest.raises(RuleBroken, match="emperor"):
        call_command("addstaff", "root", name="王敏", campus="A", role="emperor")
    assert not Staff.objects.exists()
