import csv
import io
import json
from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from yimei.hospital.models import Campus
from yimei.people.models import Patient, Person
from yimei.privacy import registry
from yimei.privacy.enums import Sensitivity
from yimei.privacy.models import Consent, RetentionRule
from yimei.privacy.queries import datamap, datamap_problems
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.record import COLUMNS, needs_assessment

ON = date(2026, 6, 16)


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("datamap", *arguments, stdout=output)
    return output.getvalue()


def test_the_data_map_is_whole() -> None:
    assert datamap_problems() == []


def test_a_field_without_a_class_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"plain": Person.PRIVACY["plain"], "personal": {"name", "phone", "nickname"}}
    monkeypatch.setattr(Person, "PRIVACY", changed)
    problems = datamap_problems()
    assert "people.Person.id_no: not classified" in problems
    assert "people.Person.nickname: no such field" in problems
    with pytest.raises(CommandError, match="not classified"):
        printed()


def test_a_model_without_a_holding_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "HOLDING", "people.nowhere")
    assert "people.Patient: no holding 'people.nowhere'" in datamap_problems()
    with pytest.raises(LookupError, match="nowhere"):
        registry.for_model(Patient)


def test_a_holding_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.holding("people.patient", title="又一个")
    assert registry.for_model(Consent).code == "privacy.consent"


@pytest.mark.django_db
def test_every_column_of_every_model_is_on_the_map(campus: Campus) -> None:
    on_map = {(field.table, field.field) for field in datamap(ON).fields}
    for model in our_models():
        for field in model._meta.concrete_fields:
            assert (model._meta.db_table, field.name) in on_map
    assert {model._meta.app_label for model in our_models()} >= {"people", "privacy", "outbox"}


@pytest.mark.django_db
def test_identity_is_personal_encrypted_and_kept_with_the_record(campus: Campus) -> None:
    activity = next(each for each in datamap(ON).activities if each.holding.code == "people.identity")
    columns = {field.field: field for field in activity.fields if field.model == "Person"}
    assert columns["name"].sensitivity == Sensitivity.PERSONAL
    assert columns["name"].is_encrypted
    assert not columns["sex"].is_encrypted
    assert [purpose.code for purpose in activity.purposes] == ["care.identity"]
    assert activity.retention is not None
    assert activity.retention.months == 180


@pytest.mark.django_db
def test_health_data_ask_for_an_impact_assessment(campus: Campus) -> None:
    wanted = {each.holding.code: needs_assessment(each) for each in datamap(ON).activities}
    assert wanted["people.alert"]
    assert not wanted["core.jobs"]


@pytest.mark.django_db
def test_the_map_follows_what_the_hospital_has_changed(campus: Campus) -> None:
    RetentionRule.objects.filter(code="record.outpatient").update(months=240)
    assert "20 年，期满删除" in printed()


@pytest.mark.django_db
def test_without_a_register_the_shipped_one_is_printed_and_says_so() -> None:
    text = printed()
    assert "初始值" in text
    assert "自最后一次就诊起 15 年，期满删除" in text


@pytest.mark.django_db
def test_the_record_of_processing_reads_in_chinese(campus: Campus) -> None:
    text = printed()
    assert text.startswith("# 个人信息处理活动记录")
    assert f"处理者：{campus.name}，{campus.address}，{campus.phone}" in text
    assert "## 身份与联系方式（people.identity）" in text
    assert "订立、履行合同" in text
    assert "| people_person | name | 姓名 | 个人信息 | 4 | 是 |" in text


@pytest.mark.django_db
def test_the_same_record_for_a_spreadsheet(campus: Campus) -> None:
    rows = list(csv.DictReader(io.StringIO(printed("--format", "csv"))))
    assert tuple(rows[0]) == COLUMNS
    fields = sum(
        len(model._meta.concrete_fields) + len(model._meta.local_many_to_many) for model in our_models()
    )
    assert len(rows) == fields
    phone = next(row for row in rows if (row["table"], row["field"]) == ("people_person", "phone"))
    assert (phone["class"], phone["encrypted"], phone["purposes"]) == ("personal", "1", "预约、建档与联系")


@pytest.mark.django_db
def test_the_same_record_for_a_program(campus: Campus) -> None:
    content = json.loads(printed("--json"))
    assert content["handlers"][0]["name"] == campus.name
    assert not content["as_shipped"]
    codes = {activity["code"] for activity in content["activities"]}
    assert {"people.identity", "audit.log", "outbox.message"} <= codes
    for activity in content["activities"]:
        personal = any(field["class"] in {"personal", "health"} for field in activity["fields"])
        if personal:
            assert activity["purposes"]
            assert activity["retention"]["text"]


@pytest.mark.django_db
def test_every_column_up_to_the_outbox_has_a_name_that_people_read(campus: Campus) -> None:
    floors = {"core", "vault", "audit", "hospital", "people", "privacy", "outbox"}
    english = {
        f"{field.table}.{field.field}"
        for field in datamap(ON).fields
        if field.part in floors and field.label.isascii()
    }
    assert english <= {"people_patient.is_vip"}


def test_parts_below_register_through_this_one() -> None:
    codes = {holding.code for holding in registry.all_holdings()}
    below = {"core", "vault", "audit", "hospital", "people", "privacy"}
    for config in apps.get_app_configs():
        if config.label in below and config.name.startswith("yimei."):
            assert {getattr(model, "HOLDING", None) for model in config.get_models()} <= codes
