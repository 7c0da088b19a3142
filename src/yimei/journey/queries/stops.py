"""What stands against operating a customer on a day, from everything that was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yimei.core.clock import local_date
from yimei.hospital.enums import StopKind
from yimei.hospital.queries import stop_rules
from yimei.journey.enums import StopState, SurgeryStatus
from yimei.journey.models import Assessment, Case, StopNote, StopOverride, TestResult
from yimei.journey.rules import stops as rules
from yimei.journey.rules.gates import StopFact
from yimei.journey.rules.stops import Finding, Rule, Sign
from yimei.people.models import Alert

FROM_HISTORY = {
    ("pregnancy", "menses"): "MENSES",
    ("pregnancy", "maybe"): "PREGNANCY",
    ("pregnancy", "nursing"): "LACTATION",
    ("smoking", "now"): "SMOKING",
}
"""Answers of the assessment that are signs of a rule."""
PREGNANCY, PREGNANCY_TESTS = "PREGNANCY", ("UHCG", "HCG")


@dataclass(frozen=True)
class Line:
    """One rule of a case: what was said, whether it stands in the way, who let it pass."""

    rule: Rule
    sign: Sign | None
    finding: Finding | None
    override: StopOverride | None


def rules_for(case: Case, *, on: date) -> Sequence[Rule]:
    """Return the rules that concern this customer and this procedure, as they count on a day of operation."""
    return [
        Rule(
            code=row.code,
            kind=StopKind(row.kind),
            name=row.name,
            words=tuple(row.words),
            days=row.days,
            may_override=row.may_override,
            advice=row.advice,
            source=row.source,
            is_confirmed=row.confirmed_at is not None,
        )
        for row in stop_rules(grade=case.procedure.grade, sex=case.patient.person.sex, on=on)
    ]


def sheet(case: Case, *, now: datetime) -> Sequence[Line]:
    """Return every rule with its newest sign, judged for the planned day (today, while there is none)."""
    on = planned_day(case, now)
    wanted = rules_for(case, on=on)
    signs = _signs(case, wanted)
    found = {
        each.rule.code: each for each in rules.findings(wanted, signs, on=on, is_final=on <= local_date(now))
    }
    passed = {each.finding_key: each for each in _overrides(case)}
    return [
        Line(
            rule,
            signs.get(rule.code),
            found.get(rule.code),
            passed.get(found[rule.code].key) if rule.code in found else None,
        )
        for rule in wanted
    ]


def against(case: Case, *, now: datetime) -> Sequence[Finding]:
    """Return what stands in the way on the planned day or, the stricter, as if it were today."""
    day = planned_day(case, now)
    wanted = rules_for(case, on=day)
    signs = _signs(case, wanted)
    found = [
        *rules.findings(wanted, signs, on=day, is_final=False),
        *rules.findings(wanted, signs, on=day, is_final=True),
    ]
    return list({each.key: each for each in found if each.is_blocking}.values())


def facts_of(case: Case, *, on: date, is_final: bool) -> tuple[StopFact, ...]:
    """Return what the gate looks at."""
    wanted = rules_for(case, on=on)
    found = rules.findings(wanted, _signs(case, wanted), on=on, is_final=is_final)
    passed = {each.finding_key: each for each in _overrides(case)}
    return tuple(
        StopFact(
            words=each.words,
            source=each.rule.label,
            is_blocking=each.is_blocking,
            passed_by=passed[each.key].by.name if each.key in passed else "",
            passed_why=passed[each.key].reason if each.key in passed else "",
        )
        for each in found
    )


def planned_day(case: Case, now: datetime) -> date:
    """The day of the operation on the board; today, while there is none."""
    surgery = case.surgeries.exclude(status=SurgeryStatus.CANCELLED).order_by("-starts_at").first()
    return max(local_date(surgery.starts_at), local_date(now)) if surgery else local_date(now)


def _signs(case: Case, wanted: Sequence[Rule]) -> dict[str, Sign]:
    """Flags first, then the assessment, then what was asked since: of one day the later said counts."""
    return rules.newest([*_from_alerts(case, wanted), *_from_assessment(case, wanted), *_since(case)])


def _from_alerts(case: Case, wanted: Sequence[Rule]) -> Iterator[Sign]:
    alerts = Alert.objects.filter(patient=case.patient_id, ended_at=None).select_related("recorded_by")
    for alert in alerts.exclude(kind="allergy"):
        alert.patient = case.patient
        for rule in rules.by_words(wanted, alert.text):
            told = local_date(alert.recorded_at)
            yield Sign(rule.code, StopState.NOW, None, told, alert.recorded_by.name)


def _from_assessment(case: Case, wanted: Sequence[Rule]) -> Iterator[Sign]:
    assessment = case.assessments.select_related("by").first()
    if assessment is None:
        return
    assessment.case = case
    told, teller = local_date(assessment.at), assessment.by.name
    for rule in rules.by_words(wanted, assessment.medication):
        yield Sign(rule.code, StopState.NOW, None, told, teller)
    for question, answer in (assessment.history or {}).items():
        if code := FROM_HISTORY.get((question, str(answer))):
            yield Sign(code, StopState.NOW, None, told, teller)
    yield from _answers(assessment, told, teller)


def _answers(assessment: Assessment, told: date, teller: str) -> Iterator[Sign]:
    for code, answer in (assessment.stops or {}).items():
        last = date.fromisoformat(answer["last"]) if answer.get("last") else None
        yield Sign(code, StopState(answer["state"]), last, told, teller)


def _since(case: Case) -> Iterator[Sign]:
    for note in StopNote.objects.filter(case=case).select_related("by").order_by("at", "pk"):
        yield Sign(note.rule_code, StopState(note.state), note.last_on, local_date(note.at), note.by.name)
    results = TestResult.objects.filter(order__case=case, order__test__code__in=PREGNANCY_TESTS)
    newest = results.order_by("-taken_at", "-pk").values_list("is_abnormal", "taken_at").first()
    if newest and newest[0]:
        yield Sign(PREGNANCY, StopState.NOW, None, local_date(newest[1]))


def _overrides(case: Case) -> list[StopOverride]:
    rows = list(StopOverride.objects.filter(case=case).select_related("by"))
    for row in rows:
        row.case = case
    return rows
