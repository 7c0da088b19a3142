"""The officer sees what the night will take, and which personal fields nothing reads."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import AlertFactory, PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.core.clock import local_date
from yimei.journey.models import Survey
from yimei.people.models import Patient
from yimei.privacy.actions import erasure, reference
from yimei.privacy.models import Purpose
from yimei.privacy.queries import minimise

pytestmark = pytest.mark.django_db


@pytest.mark.slow(reason="loads the register twice and signs in two people")
def test_the_schedule_names_whom_tonight_takes_by_an_opaque_key(client: Client) -> None:
    now = timezone.now()
    campus = CampusFactory(name="颐美示范医院", address="上海市示范路 1 号", phone="021-00000000")
    reference.load(now - timedelta(days=1000))
    old, new = PatientFactory(campus=campus), PatientFactory(campus=campus)
    Patient.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=800))
    Patient.objects.filter(pk=new.pk).update(created_at=now)
    page = sign_in(client, StaffFactory(role="privacy", campus=campus)).get(reverse("desk:retention"))
    text = page.content.decode()
    assert str(old.person.vault_key.public_id) in text
    assert str(new.person.vault_key.public_id) not in text
    assert old.person.name not in text
    assert "《医疗机构管理条例实施细则》第五十三条" in text
    erasure.finish_due(now=now)
    text = client.get(reverse("desk:retention")).content.decode()
    assert str(old.person.vault_key.public_id) not in text
    assert f'<dt class="nowrap">{local_date(now):%Y-%m-%d}</dt><dd>删除 1 人</dd>' in text
    nurse = sign_in(Client(), StaffFactory(role="nurse", campus=campus))
    assert nurse.get(reverse("desk:retention")).status_code == 404


@pytest.mark.slow(reason="reads the whole source once")
def test_a_personal_field_is_counted_and_its_readers_too(client: Client) -> None:
    campus = CampusFactory(name="颐美示范医院", address="上海市示范路 1 号", phone="021-00000000")
    reference.load(timezone.now() - timedelta(days=90))
    AlertFactory(patient=PatientFactory(campus=campus), text="青霉素过敏")
    by_name = {f"{one.model}.{one.field}": one for one in minimise.columns()}
    text = by_name["people.Alert.text"]
    assert (text.total, text.filled) == (1, 1)
    assert text.uses > 3
    assert not text.is_needless
    assert (text.purposes, text.is_groundless) == (("诊疗中的健康信息",), False)
    assert minimise.uses_of("no_such_column") == 0
    Purpose.objects.filter(code="survey").update(is_active=False)
    now = timezone.now()
    Survey.objects.create(
        case=CaseFactory(), token_hash="a", created_at=now, expires_at=now, answered_at=now, score=9
    )
    [first] = [one for one in minimise.columns() if one.is_groundless]
    assert (first.model, first.field, first.purposes) == ("journey.Survey", "score", ("满意度回访",))
    desk, address = sign_in(client, StaffFactory(role="privacy", campus=campus)), reverse("desk:minimise")
    assert "people.Alert.text" in desk.get(address, {"q": "people.alert"}).content.decode()
    groundless = desk.get(address, {"show": "groundless"}).content.decode()
    assert ("journey.Survey.score" in groundless, "people.Alert.text" in groundless) == (True, False)
