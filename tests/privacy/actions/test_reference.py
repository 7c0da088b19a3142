import re
from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory
from tests.factories.privacy import PurposeFactory
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.privacy.actions import reference
from yimei.privacy.enums import ConsentMode, Mark
from yimei.privacy.models import Limit, Notice, Purpose, RetentionRule
from yimei.privacy.queries import limit
from yimei.privacy.queries.register import retention_on, shipped


@pytest.mark.django_db
def test_loading_twice_adds_nothing_the_second_time(now: datetime) -> None:
    CampusFactory()
    first = reference.load(now)
    assert first.retention == len(shipped("retention"))
    assert first.purposes == len(shipped("purposes"))
    assert first.notices == 4
    assert reference.load(now).total == 0


@pytest.mark.django_db
def test_what_the_hospital_has_changed_stays(now: datetime) -> None:
    reference.load(now)
    Limit.objects.filter(code="consent.ask_again_days").update(value=365)
    reference.load(now)
    assert limit("consent.ask_again_days", date(2026, 6, 16)) == 365


@pytest.mark.django_db
def test_notices_wait_for_a_handler_with_a_name(now: datetime) -> None:
    assert reference.load(now).notices == 0
    CampusFactory()
    assert reference.load(now).notices == 4


@pytest.mark.django_db
def test_loading_is_on_record_without_a_name(campus: Campus) -> None:
    assert Entry.objects.filter(action="privacy.reference.loaded").count() == 1


@pytest.mark.django_db
def test_medical_records_are_kept_as_long_as_the_law_says(campus: Campus) -> None:
    rules = retention_on(date(2026, 6, 16))
    assert (rules["record.outpatient"].months, rules["record.outpatient"].anchor) == (180, "last_visit")
    assert (rules["record.inpatient"].months, rules["record.inpatient"].anchor) == (360, "last_discharge")
    assert all(rules[code].months == 36 for code in ("processing", "sharing", "ad", "log.access"))


def test_what_was_not_verified_is_never_stated_as_law() -> None:
    for row in shipped("retention"):
        if row["mark"] == Mark.UNVERIFIED:
            assert not row["is_statutory"]
            assert row["article"].startswith("院方默认")
        if row["is_statutory"]:
            assert re.search(r"《.+》", row["article"])


@pytest.mark.django_db
def test_the_database_refuses_marketing_as_a_condition_of_care() -> None:
    with pytest.raises(IntegrityError, match="purpose_never_a_condition_of_care"), transaction.atomic():
        PurposeFactory(is_necessary=True)


@pytest.mark.django_db
def test_the_database_refuses_a_general_consent_to_sensitive_data() -> None:
    with pytest.raises(IntegrityError, match="purpose_sensitive_consent_is_separate"), transaction.atomic():
        PurposeFactory(health=True, mode=ConsentMode.GENERAL)


@pytest.mark.django_db
def test_each_number_holds_on_its_days_only(campus: Campus) -> None:
    old = Limit.objects.get(code="consent.ask_again_days")
    Limit.objects.filter(pk=old.pk).update(effective_to=date(2026, 6, 30))
    Limit.objects.create(
        code=old.code,
        name=old.name,
        value=90,
        unit=old.unit,
        source=old.source,
        mark=old.mark,
        effective_from=date(2026, 7, 1),
    )
    assert limit(old.code, date(2026, 6, 30)) == 180
    assert limit(old.code, date(2026, 7, 1)) == 90
    with pytest.raises(RuleBroken, match="还没有登记参数"):
        limit(old.code, date(2024, 12, 31))


@pytest.mark.django_db
def test_every_purpose_in_force_by_consent_is_told_to_adults(campus: Campus) -> None:
    adults = Notice.objects.filter(audience="adult")
    told = set(adults.values_list("purposes__code", flat=True))
    assert set(adults.values_list("code", flat=True)) == {"customer", "story"}
    asked = Purpose.objects.filter(basis="consent")
    assert set(asked.filter(is_active=True).values_list("code", flat=True)) <= told
    assert set(asked.filter(is_active=False).values_list("code", flat=True)) == {"abroad"}
    minor = set(Notice.objects.get(code="minor").purposes.values_list("code", flat=True))
    assert not minor & {"marketing", "automated", "image.publicity", "story.share"}
    assert RetentionRule.objects.count() == len(shipped("retention"))
