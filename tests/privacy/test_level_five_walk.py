"""Level 5 (GB/T 39725) is for those who treat this person by name: no page forgets it.

The walk plants a word or a sign in every column that the data map calls level 5, and opens every address of
the program for a nurse who sees charts by role and campus alone. A column that becomes level 5 tomorrow fails
the first test until it is planted here; an address that somebody adds is walked too.
"""

from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tests.factories.people import CareRelationFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.privacy import plants
from tests.privacy.plants import THEN, Garden
from tests.privacy.test_sealed_walk import NOW, visits
from yimei.journey.rules import gates
from yimei.journey.rules.gates.facts import Facts, TestFact
from yimei.people.enums import Level
from yimei.privacy.queries.levels import field_facts

PLANTED = {"TestResult.value", "TestResult.finding", "Assessment.body_image_concern", "Photo.is_intimate"}
SIGNS = ("体像障碍筛查",)
SIGNS_OF: dict[str, dict[str, Any]] = {
    "journey.Assessment": {"body_image_concern": True, "stops": {}, "history": {}, "scores": {}},
    "journey.Photo": {"is_intimate": True},
    "journey.Expectation": {"goals": []},
    "journey.ExpectationScore": {"scores": []},
    "journey.ProcedureMap": {"points": []},
    "journey.AnswerSet": {"draft": {}, "answers": {}, "scores": {}, "completed_at": THEN},
    "journey.Survey": {"dimensions": {}},
    "journey.Plan": {"implant_items": []},
}
AT_WORK = {
    "desk:case-assessment": "the form asks about the concern; the answer is shown to those who may see it",
}
"""Pages that hold the words of a sign for another reason than the sign."""


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


def test_every_column_of_level_five_is_planted_here() -> None:
    found = {
        name
        for name, facts in field_facts().items()
        if facts.level == Level.SPECIAL and facts.right is not None
    }
    assert found == PLANTED


@pytest.fixture
def garden(db: None, monkeypatch: pytest.MonkeyPatch) -> Garden:
    for label, signs in SIGNS_OF.items():
        monkeypatch.setitem(cast(Any, plants.OVER), label, {**plants.OVER.get(label, {}), **signs})
    made = plants.grow(visited=True)
    order: Any = row(made, "journey.TestOrder")
    type(order.test).objects.filter(pk=order.test_id).update(code="HIV")
    case: Any = row(made, "journey.Case")
    type(case).objects.filter(pk=case.pk).update(stage="assessed", closed_at=None)
    return made


def row(garden: Garden, label: str) -> Any:
    return garden.planted[apps.get_model(label)]


CLINICAL = {
    f"desk:{name}"
    for name in (
        "case",
        "case-tests",
        "case-reports",
        "case-assessment",
        "case-photos",
        "case-plan",
        "patient",
    )
}


def words(garden: Garden) -> list[str]:
    return [garden.markers["journey.TestResult.value"], garden.markers["journey.TestResult.finding"]]


@pytest.mark.long(reason="opens every address of the program")
def test_nobody_but_those_who_treat_her_is_shown_level_five(garden: Garden) -> None:
    nurse = sign_in(Client(), StaffFactory(role="nurse", campus=garden.patient.campus))
    nurse.raise_request_exception = False
    told, seen, broken = [], 0, set[str]()
    with time_machine.travel(NOW, tick=False):
        for name, address in visits(garden):
            response = nurse.get(address)
            broken |= {name} if response.status_code == 500 else set()
            if response.status_code != 200 or getattr(response, "streaming", False):
                continue
            seen += 1
            body = response.content.decode("utf-8", "replace")
            told += [f"{name}: {word}" for word in words(garden) if word in body]
            told += [f"{name}: {sign}" for sign in SIGNS if sign in body and name not in AT_WORK]
    assert sorted(set(told)) == []
    assert seen > 40
    assert not broken & CLINICAL, f"proves nothing: {broken}"


def test_those_who_treat_her_see_it_and_those_who_do_not_are_told_why(garden: Garden) -> None:
    """The same pages show it to her physician: the walk above can fail."""
    nurse = StaffFactory(role="nurse", campus=garden.patient.campus)
    physician = StaffFactory(role="surgeon", campus=garden.patient.campus)
    CareRelationFactory(patient=garden.patient, staff=physician)
    case, report = row(garden, "journey.Case"), row(garden, "journey.TestReport")
    sheet = reverse("desk:case-tests", args=[case.public_id])
    page = reverse("desk:case", args=[case.public_id])
    paper = reverse("desk:test-report", args=[report.public_id])
    with time_machine.travel(NOW, tick=False):
        named, other = sign_in(Client(), physician), sign_in(Client(), nurse)
        assert words(garden)[0] in named.get(sheet).content.decode()
        assert "体像障碍筛查" in named.get(page).content.decode()
        assert named.get(paper).status_code == 200
        assert "五级信息" in other.get(sheet).content.decode()
        assert "体像障碍筛查" not in other.get(page).content.decode()
        refused = other.get(paper)
        assert (refused.status_code, "GB/T 39725" in refused.content.decode()) == (422, True)


def test_a_gate_says_no_more_of_level_five_than_its_reader_may_know() -> None:
    facts = Facts(
        case_id=uuid4(),
        patient_id=uuid4(),
        on=NOW.date(),
        is_assessed=True,
        is_fit=True,
        has_body_image_concern=True,
        tests_ordered=True,
        tests=(
            TestFact("HIV 抗体", True, True, valid_to=NOW.date(), is_special=True),
            TestFact("血常规", True, True, valid_to=NOW.date()),
        ),
    )
    checks = [*gates.assessed(facts), *gates.tests(facts)]
    named = " ".join(str(check.as_missing(sees_special=True)) for check in checks if not check.is_met)
    other = " ".join(str(check.as_missing()) for check in checks if not check.is_met)
    assert "HIV 抗体 异常" in named
    assert "体像障碍" in named
    assert "HIV" not in other
    assert "体像" not in other
    assert "血常规 异常" in other
    assert "须由诊治医师处理" in other
