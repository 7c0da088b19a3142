"""What stands against operating a customer on a day, from everything that was said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from django.db.models import Model
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.hospital.enums import StopKind
from yimei.hospital.queries import stop_rules
from yimei.journey.enums import StopState, SurgeryStatus
from yimei.journey.models import (
    AnswerSet,
    Assessment,
    Case,
    StopNote,
    StopOverride,
    TestOrder,
    TestResult,
)
from yimei.journey.queries import questionnaires
from yimei.journey.queries.reading import Reading
from yimei.journey.rules import stops as rules
from yimei.journey.rules.gates.facts import StopFact
from yimei.journey.rules.stops import Finding, Rule, Sign
from yimei.people.enums import AlertKind

FROM_HISTORY = {
    ("pregnancy", "menses"): "MENSES",
    ("pregnancy", "maybe"): "PREGNANCY",
    ("pregnancy", "nursing"): "LACTATION",
    ("smoking", "now"): "SMOKING",
}
"""Answers of the assessment that are signs of a rule."""
PREGNANCY, PREGNANCY_TESTS = "PREGNANCY", ("UHCG", "HCG")
Told = tuple[datetime, Sign]
"""When something was said, and what."""
Source = Callable[[Case, Sequence[Rule]], Iterable[Told]]


@dataclass(frozen=True)
class Line:
    """One rule of a case: what was said, whether it stands in the way, who let it pass."""

    rule: Rule
    sign: Sign | None
    finding: Finding | None
    override: StopOverride | None
    against: Sequence[Sign] = ()
    """What was said earlier and otherwise."""

    @property
    def note(self) -> str:
        """Where it was said, and on what the rule rests."""
        return " · ".join(each for each in (self.sign.source if self.sign else "", self.rule.label) if each)


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
    told = _all_signs(case, wanted)
    signs = rules.newest(told)
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
            rules.otherwise(told, signs.get(rule.code)),
        )
        for rule in wanted
    ]


def said_beforehand(case: Case, *, now: datetime) -> dict[str, str]:
    """Return what questionnaires say of each rule, to be read beside the question."""
    wanted = rules_for(case, on=planned_day(case, now))
    signs = rules.newest(sign for _at, sign in sorted(_from_answers(case, wanted), key=itemgetter(0)))
    return {
        code: _("%(state)s（%(source)s · %(who)s %(day)s）")
        % {
            "state": rules.state_words(sign),
            "source": sign.source,
            "who": sign.told_by,
            "day": sign.told_on,
        }
        for code, sign in signs.items()
    }


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


def facts_of(
    case: Case,
    *,
    on: date,
    is_final: bool,
    reading: Reading | None = None,
    filled: frozenset[type[Model]] | None = None,
) -> tuple[StopFact, ...]:
    """Return what the gate looks at; ``filled`` are the tables in which the case has rows at all."""
    wanted = rules_for(case, on=on)
    signs = rules.newest(_all_signs(case, wanted, reading=reading, filled=filled))
    found = rules.findings(wanted, signs, on=on, is_final=is_final)
    passed = {each.finding_key: each for each in _overrides(case)} if found else {}
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
    """Of each rule the word said last counts, wherever it stands."""
    return rules.newest(_all_signs(case, wanted))


def _all_signs(
    case: Case,
    wanted: Sequence[Rule],
    *,
    reading: Reading | None = None,
    filled: frozenset[type[Model]] | None = None,
) -> list[Sign]:
    """Return what was said, the newest last; only where the case has rows, if that is known."""
    sources: Mapping[type[Model], Source] = {
        AnswerSet: _from_answers,
        Assessment: _from_assessment,
        StopNote: _since,
        TestOrder: _from_tests,
    }
    told = list(_from_alerts(reading or Reading(case.patient), wanted))
    for model, source in sources.items():
        if filled is None or model in filled:
            told += source(case, wanted)
    return [sign for _at, sign in sorted(told, key=itemgetter(0))]


def _from_alerts(reading: Reading, wanted: Sequence[Rule]) -> Iterator[Told]:
    for alert in reading.alerts:
        if alert.kind == AlertKind.ALLERGY:
            continue
        for rule in rules.by_words(wanted, alert.text):
            told, teller = local_date(alert.recorded_at), alert.recorded_by.name
            yield alert.recorded_at, Sign(rule.code, StopState.NOW, None, told, teller, _("安全提醒"))


def _from_answers(case: Case, wanted: Sequence[Rule]) -> Iterator[Told]:
    """Frozen sets in force; a draft says nothing yet."""
    for row in case.answer_sets.in_force().select_related("questionnaire", "completed_by"):
        row.case = case
        assert row.completed_at is not None
        told_on = local_date(row.completed_at)
        found = rules.from_answers(wanted, row.answers, told_on=told_on)
        if not found:
            continue
        definition = questionnaires.definition_of(row)
        labels = {each.code: str(each.label) for each in definition.questions}
        teller = row.completed_by.name if row.completed_by else _("客户自填")
        for each in found:
            source = _("问卷《%(title)s》：%(question)s") % {
                "title": definition.title,
                "question": labels.get(each.question, each.question),
            }
            sign = Sign(each.code, each.state, each.last, told_on, teller, source, row.public_id)
            yield row.completed_at, sign


def _from_assessment(case: Case, wanted: Sequence[Rule]) -> Iterator[Told]:
    assessment = case.assessments.select_related("by").first()
    if assessment is None:
        return
    assessment.case = case
    told, teller, at = local_date(assessment.at), assessment.by.name, assessment.at
    for rule in rules.by_words(wanted, assessment.medication):
        yield at, Sign(rule.code, StopState.NOW, None, told, teller, _("术前评估"))
    for question, answer in (assessment.history or {}).items():
        if code := FROM_HISTORY.get((question, str(answer))):
            yield at, Sign(code, StopState.NOW, None, told, teller, _("术前评估"))
    for code, answer in (assessment.stops or {}).items():
        last = date.fromisoformat(answer["last"]) if answer.get("last") else None
        yield at, Sign(code, StopState(answer["state"]), last, told, teller, _("术前评估"))


def _since(case: Case, _wanted: Sequence[Rule]) -> Iterator[Told]:
    for note in StopNote.objects.filter(case=case).select_related("by").order_by("at", "pk"):
        told, teller = local_date(note.at), note.by.name
        state = StopState(note.state)
        yield note.at, Sign(note.rule_code, state, note.last_on, told, teller, _("术前问询"))


def _from_tests(case: Case, _wanted: Sequence[Rule]) -> Iterator[Told]:
    results = TestResult.objects.filter(order__case=case, order__test__code__in=PREGNANCY_TESTS)
    newest = results.order_by("-taken_at", "-pk").values_list("is_abnormal", "taken_at").first()
    if newest and newest[0]:
        yield newest[1], Sign(PREGNANCY, StopState.NOW, None, local_date(newest[1]), "", _("检查结果"))


def _overrides(case: Case) -> list[StopOverride]:
    rows = list(StopOverride.objects.filter(case=case).select_related("by"))
    for row in rows:
        row.case = case
    return rows
