"""The first administrator comes from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from yimei.core.errors import RuleBroken
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


def test_a_campus_or_role_that_is_not_there_opens_nothing() -> None:
    with pytest.raises(CommandError, match="现有：无"):
        call_command("addstaff", "root", name="王敏")
    CampusFactory(code="A")
    CampusFactory(code="B")
    with pytest.raises(CommandError, match="A、B"):
        call_command("addstaff", "root", name="王敏")
    with pytest.raises(RuleBroken, match="emperor"):
        call_command("addstaff", "root", name="王敏", campus="A", role="emperor")
    assert not Staff.objects.exists()
