"""Every column has a level; what differs from its class is named, and names only columns that exist."""

from io import StringIO

from django.core.management import call_command

from yimei.people.enums import Level
from yimei.people.roles import Permission
from yimei.privacy.enums import Sensitivity
from yimei.privacy.queries.datamap import columns
from yimei.privacy.queries.levels import field_facts, override_names


def test_an_override_names_a_column_that_exists() -> None:
    assert set(override_names()) <= set(field_facts())


def test_no_column_of_health_is_public_and_none_that_is_sealed_stands_below_four() -> None:
    for entry in columns():
        if entry.sensitivity != Sensitivity.PLAIN:
            assert entry.level >= Level.PARTLY, entry
        if entry.is_encrypted:
            assert entry.level >= Level.DIRECT, entry
        assert (entry.right is None) == (entry.sensitivity == Sensitivity.SECRET), entry
        if entry.sensitivity == Sensitivity.HEALTH:
            assert entry.is_spi, entry


def test_infection_tests_are_for_those_who_treat_her_by_name() -> None:
    assert field_facts()["TestResult.value"].level == Level.SPECIAL
    assert field_facts()["Booking.starts_at"].right == Permission.BOOKING_VIEW
    assert field_facts()["Person.id_no"].is_spi


def test_the_record_of_processing_says_the_level(db: None) -> None:
    out = StringIO()
    call_command("datamap", format="csv", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].endswith("encrypted,level,spi,right,serves")
    [phone] = [line for line in lines if ",Person,people_person,phone," in line]
    assert phone.endswith("personal,1,4,0,patient.view,预约、建档与联系")
