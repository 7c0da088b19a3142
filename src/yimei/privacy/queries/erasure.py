"""What would happen to each holding of one person: erased now, sealed until a day, or kept, and why."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, QuerySet

from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.people.models import Patient
from yimei.people.queries.merges import files_by_person, other_files
from yimei.privacy import registry
from yimei.privacy.enums import Anchor, Answer, OutcomeKind, RequestStatus
from yimei.privacy.models import Outcome
from yimei.privacy.queries import rows
from yimei.privacy.queries.holds import complained, held
from yimei.privacy.queries.register import retention_on, shipped
from yimei.privacy.registry import Holding
from yimei.privacy.rules import erasure as rules
from yimei.privacy.rules.requests import ERASING

IDENTITY = "people.identity"
LOG = "audit.log"
LEAD = "lead"
"""The period of those who asked and never came."""
BATCH = 500


@dataclass(frozen=True)
class PlanLine:
    """One holding in a plan."""

    holding: Holding
    answer: Answer
    until: date | None
    article: str
    why: str
    count: int

    @property
    def title(self) -> str:
        return self.holding.title


@dataclass(frozen=True)
class Run:
    """One matter that goes on until it is done, and under which holding."""

    holding: str
    missing: Missing


@dataclass(frozen=True)
class Plan:
    patient: Patient
    lines: tuple[PlanLine, ...]
    runs: tuple[Run, ...]
    disputes: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[Missing, ...]:
        """What must come to its end before anything is erased or sealed."""
        return tuple(run.missing for run in self.runs)

    @property
    def is_held(self) -> bool:
        """A dispute, an order or a complaint lets nothing go, whatever the periods say."""
        return bool(self.disputes)

    @property
    def is_total(self) -> bool:
        """Nothing holds the identity back: the key is destroyed, and with it everything."""
        return all(
            line.answer not in {Answer.SEAL, Answer.HOLD}
            for line in self.lines
            if line.holding.code == IDENTITY
        )

    @property
    def until(self) -> date | None:
        """The last day on which the identity stays sealed; once it is gone, the next end of what remains."""
        ends = {line.holding.code: line.until for line in self.lines if line.until}
        return ends.get(IDENTITY) or min((end for end in ends.values()), default=None)


@dataclass(frozen=True)
class Due:
    """One person whose time is over, as the nightly job finds it."""

    patient: Patient
    period: str
    since: date


def table() -> Mapping[str, rules.Rule]:
    """The decision table by holding; shipped with the program, as the articles are."""
    return {
        row["holding"]: rules.Rule(
            holding=row["holding"],
            answer=Answer(row["answer"]),
            periods=row["periods"],
            article=row["article"],
            why=row["why"],
        )
        for row in shipped("deletion")
    }


def periods(on: date) -> Mapping[str, rules.Period]:
    return {
        code: rules.Period(code, rule.months, Anchor(rule.anchor), rule.article)
        for code, rule in retention_on(on).items()
    }


def anchors(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The latest day of each kind for each patient, over all parts and all files of the same person."""
    families = files_by_person(patients)
    wanted = set(patients).union(*families.values())
    of_file: dict[int, dict[Anchor, date]] = defaultdict(dict)
    for holding in registry.all_holdings():
        for patient, dates in (holding.anchors(wanted) if holding.anchors else {}).items():
            for anchor, day in dates.items():
                of_file[patient][anchor] = max(day, of_file[patient].get(anchor, day))
    found: dict[int, dict[Anchor, date]] = defaultdict(dict)
    for pk in patients:
        for file in families.get(pk, {pk}):
            for anchor, day in of_file.get(file, {}).items():
                found[pk][anchor] = max(day, found[pk].get(anchor, day))
    return found


def plan(patient: Patient, now: datetime, *, counted: bool = True) -> Plan:
    """Ask the table about every holding, in all files of a person; ``counted`` says how many rows too."""
    on = local_date(now)
    files = [patient, *other_files(patient)]
    dates, known = anchors([patient.pk]).get(patient.pk, {}), periods(on)
    lines: list[PlanLine] = []
    waiting: list[Run] = []
    disputes = held([patient.pk]).get(patient.pk, ())
    counts = sum((_counts(file) for file in files), Counter[str]()) if counted else Counter[str]()
    for holding, rule in _about_customers():
        verdict = rules.decide(rule, known, dates, on=on, is_held=bool(disputes))
        article, why = rule.article, rule.why
        if verdict.answer == Answer.HOLD:
            article, why = rules.HOLD_ARTICLE, "、".join(disputes)
        lines.append(PlanLine(holding, verdict.answer, verdict.until, article, why, counts[holding.code]))
        if holding.pending:
            waiting += [
                Run(holding.code, missing) for file in files for missing in holding.pending(file, now)
            ]
    return Plan(patient, tuple(lines), tuple(waiting), disputes)


def still_running(today: Plan, now: datetime) -> tuple[Run, ...]:
    """What a restriction lets go on: what is pending, what her safety asks, a complaint until its answer.

    A legal hold is none of it: storing is all that it asks, and storing is what a seal leaves.
    """
    patient = today.patient
    owed = [
        Run(holding.code, missing)
        for holding in registry.all_holdings()
        for file in ((patient, *other_files(patient)) if holding.running else ())
        for missing in (holding.running(file, now) if holding.running else ())
    ]
    complaints = [Run(*each) for each in complained([patient.pk]).get(patient.pk, ())]
    return (*today.runs, *owed, *complaints)


def restricted() -> QuerySet[Patient]:
    """Whose optional uses are stopped while something still runs; the seal follows by itself."""
    return Patient.objects.with_person().kept().filter(restricted_at__isnull=False, sealed_at=None)


def due(on: date) -> Iterator[Due]:
    """Whose data must go on a day without anybody asking (PIPL 47): seals that ended, times that are up.

    A seal without an end (under a legal hold, or of somebody who never came) ends with the time of the data.
    """
    known = periods(on)
    shortest = min(known[code].months for code in (LEAD, *_codes(IDENTITY)))
    people = Patient.objects.with_person().kept().order_by("pk")
    for patient in people.filter(sealed_until__lt=on, person__vault_key__destroyed_at=None):
        assert patient.sealed_until is not None
        yield Due(patient, "sealed", patient.sealed_until)
    waiting = suspended()
    for patient in people.filter(pk__in=waiting):
        assert patient.sealed_at is not None
        yield Due(patient, "held", local_date(patient.sealed_at))
    before = rules.add_months(on, -shortest)
    last, kept = 0, people.filter(sealed_until=None, person__vault_key__destroyed_at=None)
    while batch := list(
        kept.exclude(pk__in=waiting).filter(pk__gt=last, created_at__date__lt=before)[:BATCH]
    ):
        last = batch[-1].pk
        dates = anchors([patient.pk for patient in batch])
        for patient in batch:
            if ended := _ended(dates.get(patient.pk, {}), known, on):
                yield Due(patient, *ended)


def suspended() -> set[int]:
    """Whose deletion was granted and had to wait for a dispute; it completes once nothing holds it back."""
    waiting = Outcome.objects.filter(
        outcome=OutcomeKind.HELD,
        decided_at=F("request__decided_at"),
        request__status=RequestStatus.ANSWERED,
        request__kind__in=ERASING,
        request__answered_at__gte=F("request__patient__sealed_at"),
        request__patient__sealed_until=None,
        request__patient__person__vault_key__destroyed_at=None,
    )
    return set(waiting.values_list("request__patient", flat=True))


def _ended(
    dates: Mapping[Anchor, date], known: Mapping[str, rules.Period], on: date
) -> tuple[str, date] | None:
    """Return which period is over since when: the record's, or that of somebody who never came."""
    groups = table()[IDENTITY].periods
    until = rules.keep_until(groups, known, dates)
    period = "record" if until else LEAD
    until = until or rules.keep_until([[LEAD]], known, dates)
    return (period, until) if until and until < on else None


def _counts(patient: Patient) -> Counter[str]:
    """How many rows each holding has of a person; the log knows her only by an opaque key."""
    codes = [holding.code for holding, _rule in _about_customers() if holding.code != LOG]
    found = {model: code for code in codes for model in rows.models_of(code)}
    counts = Counter({LOG: Entry.objects.filter(subject_key=patient.person.vault_key.public_id).count()})
    for model, count in rows.counts_of(list(found), patient).items():
        counts[found[model]] += count
    return counts


def _codes(holding: str) -> list[str]:
    return [code for group in table()[holding].periods for code in group]


def _about_customers() -> Iterator[tuple[Holding, rules.Rule]]:
    known = table()
    for holding in registry.all_holdings():
        if holding.code in known:
            yield holding, known[holding.code]
