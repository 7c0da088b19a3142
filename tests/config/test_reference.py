"""What ships reaches a fresh hospital and one that upgrades; what the hospital made its own stays."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from yimei.audit.models import Entry
from yimei.config import reference, up
from yimei.hospital.models import Price, StopRule
from yimei.hospital.models import TestRange as Range
from yimei.journey.models import Questionnaire
from yimei.journey.queries import today
from yimei.outbox.models import Template
from yimei.people.models import Role
from yimei.privacy.models import Limit, Purpose

PARTS = {"people", "hospital", "privacy", "outbox", "journey"}
ENOUGH = 250
"""Queries of a load that finds everything in place; about a twentieth of a second."""


@pytest.mark.django_db
def test_a_fresh_hospital_without_a_rehearsal_gets_what_it_judges_by() -> None:
    assert reference.load(now=timezone.now()).keys() >= PARTS
    for model in (Role, StopRule, Range, Purpose, Template, Questionnaire):
        assert model.objects.exists(), model  # type: ignore[attr-defined]
    assert Limit.objects.filter(code="cooling.grade_3").exists()
    closed = set(Purpose.objects.exclude(closed_at=None).values_list("code", flat=True))
    assert {"care.health", "money", "automated", "sharing.partner"} <= closed
    assert not closed & {"care.identity", "audit", "marketing", "survey"}, "PIPL 55 asks nothing of these"
    admin = StaffFactory(role="admin", campus=CampusFactory())
    [said] = [item for item in today.items(admin, timezone.now()) if "影响评估没有签署" in item.what]
    assert "诊疗中的健康信息" in said.what
    assert said.where == "desk:staff-new", "nobody is there who may sign"
    officer = StaffFactory(role="privacy", campus=admin.campus, name="唐敏")
    said = next(item for item in today.items(admin, timezone.now()) if "影响评估没有签署" in item.what)
    assert said.what.endswith("由 唐敏 阅读并签署")
    asked = [item.where for item in today.items(officer, timezone.now()) if "签署前不能收集" in item.what]
    assert len(asked) == len(closed)
    assert all(where.startswith("desk:assessment:") for where in asked)


@pytest.mark.slow(reason="loads all that ships twice")
@pytest.mark.django_db
def test_what_the_hospital_changed_or_never_set_is_not_touched() -> None:
    campus = CampusFactory()
    reference.load(now=timezone.now())
    StopRule.objects.filter(code="ASPIRIN").update(days=10)
    Range.objects.filter(test__code="WBC").update(high=Decimal(11))
    Template.objects.update(body="本院的话")
    Limit.objects.filter(code="cooling.grade_3").update(value=9)
    StopRule.objects.filter(code="SMOKING").delete()  # an older version did not know it yet
    entries = Entry.objects.count()
    assert reference.load(now=timezone.now() + timedelta(days=1)) == {"hospital": 1}
    assert Entry.objects.count() == entries + 1
    assert StopRule.objects.get(code="ASPIRIN").days == 10
    assert set(Range.objects.filter(test__code="WBC").values_list("high", flat=True)) <= {Decimal(11)}
    assert set(Template.objects.values_list("body", flat=True)) == {"本院的话"}
    assert Limit.objects.get(code="cooling.grade_3").value == 9
    assert not Price.objects.filter(campus=campus).exists(), "a price is set by the hospital, never by us"


@pytest.mark.django_db
def test_a_load_that_finds_everything_is_cheap_and_leaves_no_trace() -> None:
    reference.load(now=timezone.now())
    entries = Entry.objects.count()
    with CaptureQueriesContext(connection) as asked:
        assert reference.load(now=timezone.now()) == {}
    assert len(asked) < ENOUGH
    assert Entry.objects.count() == entries


@pytest.mark.django_db
def test_the_command_says_what_it_added() -> None:
    said = StringIO()
    call_command("reference", stdout=said)
    call_command("reference", stdout=said)
    assert "已补齐参考资料" in said.getvalue()
    assert said.getvalue().endswith("参考资料已经齐全。\n")


def test_up_loads_after_the_rehearsal_and_names_a_database_that_refuses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    done: list[str] = []
    for name in ("check_disk", "wait_for_port", "serve"):
        monkeypatch.setattr(up, name, lambda *_args, **_named: None)
    monkeypatch.setattr(up.settings, "VAR_DIR", tmp_path, raising=False)
    monkeypatch.setattr(up, "migrate", lambda: done.append("migrate"))
    monkeypatch.setattr(up, "fill_when_empty", lambda _options: done.append("fill"))
    monkeypatch.setattr(up, "connections", type("None_", (), {"close_all": staticmethod(lambda: None)}))
    monkeypatch.setattr(up, "call_command", lambda name, *_more, **_named: done.append(name))
    for demo in (True, False):
        up.up(up.Options(host="127.0.0.1", port=8000, demo=demo, stand_ins=False))
    assert done == ["migrate", "fill", "reference", "erasure", "migrate", "reference", "erasure"]

    def broken(name: str, **_named: object) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(up, "call_command", broken)
    with pytest.raises(CommandError, match="参考资料没有载入：locked"):
        up.load_reference()
