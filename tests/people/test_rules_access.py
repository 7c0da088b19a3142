"""Role, scope, purpose and level must all agree before a field is shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.people.enums import Level, LookPurpose, Why
from yimei.people.roles import SEED_GRANTS, Permission, RoleCode, Scope
from yimei.people.rules.access import Answer, DataClass, Field, Reader, Subject, decide

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
NAME = Field("Person.name", DataClass.PERSONAL, Level.DIRECT, Permission.PATIENT_VIEW)
SOURCE = Field("Patient.source", DataClass.PERSONAL, Level.PARTLY, Permission.PATIENT_VIEW)
HISTORY = Field("Assessment.history", DataClass.HEALTH, Level.DIRECT, Permission.CLINICAL_VIEW, is_spi=True)
HIV = Field("TestResult.value", DataClass.HEALTH, Level.SPECIAL, Permission.CLINICAL_VIEW, is_spi=True)
TOKEN = Field("SearchToken.token", DataClass.SECRET, Level.SPECIAL, None)
HERE = Subject(campus_id=1)


def reader(role: RoleCode, **values: object) -> Reader:
    return replace(Reader(id=7, campus_id=1, scopes=SEED_GRANTS[role]), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "subject", "field", "purpose", "answer", "why"),
    [
        (RoleCode.NURSE, HERE, HISTORY, "treatment", Answer.SHOW, Why.SCOPE),
        (RoleCode.NURSE, replace(HERE, campus_id=2), HISTORY, "treatment", Answer.HIDE, Why.OUT_OF_SCOPE),
        (RoleCode.NURSE, HERE, HIV, "treatment", Answer.HIDE, Why.NAMED_ONLY),
        (RoleCode.NURSE, replace(HERE, cares=True), HIV, "treatment", Answer.SHOW, Why.CARE),
        (RoleCode.NURSE, replace(HERE, is_minor=True), HISTORY, "treatment", Answer.HIDE, Why.MINOR),
        (
            RoleCode.NURSE,
            replace(HERE, is_minor=True, minor_until=NOW + timedelta(seconds=1)),
            HISTORY,
            "treatment",
            Answer.SHOW,
            Why.APPROVED,
        ),
        (
            RoleCode.NURSE,
            replace(HERE, is_minor=True, minor_until=NOW),
            HISTORY,
            "treatment",
            Answer.HIDE,
            Why.MINOR,
        ),
        (
            RoleCode.NURSE,
            replace(HERE, is_minor=True, cares=True),
            HISTORY,
            "treatment",
            Answer.SHOW,
            Why.CARE,
        ),
        (RoleCode.NURSE, replace(HERE, employee_id=9), HISTORY, "treatment", Answer.HIDE, Why.COLLEAGUE),
        (RoleCode.NURSE, replace(HERE, employee_id=7), HISTORY, "treatment", Answer.HIDE, Why.SELF),
        (RoleCode.NURSE, HERE, HISTORY, "money", Answer.HIDE, Why.PURPOSE),
        (
            RoleCode.NURSE,
            replace(HERE, is_sealed=True, cares=True),
            NAME,
            "treatment",
            Answer.HIDE,
            Why.SEALED,
        ),
        (RoleCode.SURGEON, HERE, HISTORY, "treatment", Answer.HIDE, Why.OUT_OF_SCOPE),
        (
            RoleCode.SURGEON,
            replace(HERE, glass_until=NOW + timedelta(hours=1)),
            HIV,
            "emergency",
            Answer.SHOW,
            Why.EMERGENCY,
        ),
        (
            RoleCode.SURGEON,
            replace(HERE, glass_until=NOW),
            HISTORY,
            "emergency",
            Answer.HIDE,
            Why.OUT_OF_SCOPE,
        ),
        (RoleCode.RECEPTION, HERE, NAME, "service", Answer.SHOW, Why.SCOPE),
        (RoleCode.RECEPTION, replace(HERE, is_vip=True), NAME, "service", Answer.MASK, Why.VIP),
        (RoleCode.RECEPTION, replace(HERE, is_vip=True, cares=True), NAME, "service", Answer.SHOW, Why.CARE),
        (RoleCode.RECEPTION, HERE, HISTORY, "treatment", Answer.HIDE, Why.ROLE),
        (RoleCode.SCHEDULER, HERE, NAME, "scheduling", Answer.MASK, Why.PURPOSE),
        (RoleCode.SCHEDULER, HERE, SOURCE, "scheduling", Answer.SHOW, Why.SCOPE),
        (RoleCode.ADMIN, HERE, NAME, "service", Answer.HIDE, Why.ROLE),
        (RoleCode.PRIVACY, HERE, HISTORY, "request", Answer.HIDE, Why.ROLE),
        (RoleCode.SURGEON, replace(HERE, cares=True), TOKEN, "treatment", Answer.HIDE, Why.SECRET),
    ],
)
def test_the_first_rule_that_does_not_agree_decides(
    role: RoleCode, subject: Subject, field: Field, purpose: str, answer: Answer, why: Why
) -> None:
    decision = decide(reader(role), subject, field, LookPurpose(purpose), NOW)
    assert (decision.answer, decision.why) == (answer, why)
    assert decision.may_see == (answer is Answer.SHOW)


def test_overdue_training_closes_level_four_and_an_ended_account_everything() -> None:
    cared = replace(HERE, cares=True)
    untrained = reader(RoleCode.NURSE, is_trained=False)
    assert decide(untrained, cared, NAME, LookPurpose.TREATMENT, NOW).why == Why.UNTRAINED
    assert decide(untrained, cared, SOURCE, LookPurpose.TREATMENT, NOW).may_see
    gone = reader(RoleCode.NURSE, is_active=False)
    assert decide(gone, cared, SOURCE, LookPurpose.TREATMENT, NOW).why == Why.INACTIVE


FIELDS = st.sampled_from([NAME, SOURCE, HISTORY, HIV])
READERS = st.builds(
    Reader,
    id=st.integers(1, 3),
    campus_id=st.integers(1, 2),
    scopes=st.dictionaries(st.sampled_from([NAME.right, HISTORY.right]), st.sampled_from(Scope)),
)
SUBJECTS = st.builds(
    Subject,
    campus_id=st.integers(1, 2),
    cares=st.booleans(),
    is_sealed=st.booleans(),
    is_minor=st.booleans(),
    employee_id=st.none() | st.integers(1, 3),
    is_vip=st.booleans(),
)


@given(READERS, SUBJECTS, FIELDS, st.sampled_from(LookPurpose))
@settings(max_examples=50, deadline=None)
def test_nothing_is_shown_without_a_right_to_it_and_losing_one_never_shows_more(
    who: Reader, whose: Subject, field: Field, purpose: LookPurpose
) -> None:
    decision = decide(who, whose, field, purpose, NOW)
    if decision.answer is not Answer.HIDE:
        assert field.right in who.scopes
        assert not whose.is_sealed
        assert whose.employee_id != who.id
        assert whose.cares or who.scopes[field.right] in {Scope.GROUP, Scope.CAMPUS}
    for poorer in (replace(who, scopes={}), replace(who, is_active=False)):
        assert not decide(poorer, whose, field, purpose, NOW).may_see


def test_a_decision_takes_a_few_microseconds() -> None:
    who, whose = reader(RoleCode.NURSE), replace(HERE, cares=True)
    begun = perf_counter()
    for _number in range(2000):
        decide(who, whose, HIV, LookPurpose.TREATMENT, NOW)
    assert (perf_counter() - begun) / 2000 < 50e-6
