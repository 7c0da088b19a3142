"""Reads about expectations: the agreement in force, its scores over the months, how promises were kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Avg, Count, F, Q, Subquery
from django.db.models import OuterRef as Outer
from django.utils.translation import gettext as _

from yimei.core.clock import local_date, local_day
from yimei.journey import registry
from yimei.journey.enums import Reach
from yimei.journey.models import Case, Expectation, ExpectationScore
from yimei.journey.queries.photos import operated_on
from yimei.journey.registry import Look, TimelineItem
from yimei.journey.rules import expectations as rules


@dataclass(frozen=True)
class Goal:
    """One goal with its scores by month."""

    text: str
    reach: Reach
    range: str
    scores: Sequence[int | None]

    @property
    def by_month(self) -> Sequence[tuple[int, int | None]]:
        return tuple(zip(rules.MONTHS, self.scores, strict=True))


@dataclass(frozen=True)
class Standing:
    """The agreement in force and how it was judged since."""

    row: Expectation
    goals: Sequence[Goal]
    months: Sequence[int]
    overall: Sequence[int | None]
    notes: Sequence[ExpectationScore]

    @property
    def overall_by_month(self) -> Sequence[tuple[int, int | None]]:
        return tuple(zip(self.months, self.overall, strict=True))

    @property
    def has_scores(self) -> bool:
        return any(score is not None for score in self.overall)


TOLD = ("by", "case__patient__person__vault_key", "guardian__person__vault_key")


def newest(case: Case) -> Expectation | None:
    rows = case.expectations.select_related(*TOLD)
    return rows.order_by("-version").first()


def versions(case: Case) -> list[Expectation]:
    return list(case.expectations.select_related(*TOLD))


def since(expectation: Expectation) -> date:
    """The day from which months are counted: the operation, without one the agreement."""
    return operated_on(expectation.case) or local_date(expectation.at)


def standing(expectation: Expectation) -> Standing:
    """Return an agreement with the newest score of each month; one query."""
    rows = expectation.scores.select_related("by", "expectation__case__patient__person__vault_key")
    by_month = {row.month: row for row in rows.order_by("at", "id")}
    kept = {month: row.scores for month, row in by_month.items()}
    goals = [
        Goal(
            text=goal["text"],
            reach=Reach(goal["reach"]),
            range=goal["range"],
            scores=[kept[month][number] if month in kept else None for month in rules.MONTHS],
        )
        for number, goal in enumerate(expectation.goals)
    ]
    return Standing(
        row=expectation,
        goals=goals,
        months=rules.MONTHS,
        overall=[by_month[month].overall if month in by_month else None for month in rules.MONTHS],
        notes=[row for row in by_month.values() if row.note],
    )


@dataclass(frozen=True)
class Attainment:
    """How far promises were kept after so many months: how many were judged, and their mean."""

    month: int
    count: int
    mean: float


def attainment(*, start: date, end: date) -> list[Attainment]:
    """Return the overall scores of agreements made in [start, end), the newest of each month; one query.

    For the quality numbers of a director: no names, nothing is decrypted.
    """
    later = ExpectationScore.objects.filter(expectation=Outer("expectation"), month=Outer("month"))
    last = later.order_by("-at", "-id").values("pk")[:1]
    made = Q(expectation__at__gte=local_day(start)[0], expectation__at__lt=local_day(end)[0])
    rows = ExpectationScore.objects.filter(made).annotate(last=Subquery(last)).filter(pk=F("last"))
    found = rows.order_by("month").values("month").annotate(count=Count("pk"), mean=Avg("overall"))
    return [Attainment(row["month"], row["count"], float(row["mean"])) for row in found]


@registry.timeline_source(Expectation)
def agreed(look: Look) -> Iterator[TimelineItem]:
    """One line for each version of the agreement, and for each later judgement."""
    if not look.sees_clinical:
        return
    for row in look.hand(Expectation.objects.select_related("by")):
        yield TimelineItem(
            at=row.at,
            kind="expectation",
            title=_("约定期望 v%(version)d") % {"version": row.version},
            text="；".join(goal["text"] for goal in row.goals)[:120],
            by_name=row.by.name,
            where=f"desk:case-expectations:{row.case.public_id}",
            tone="good",
        )
    scores = ExpectationScore.objects.filter(expectation__case__in=list(look.cases))
    for score in scores.select_related("expectation", "by"):
        yield TimelineItem(
            at=score.at,
            kind="expectation",
            title=_("期望复评：第 %(month)d 个月 %(score)d / 10")
            % {"month": score.month, "score": score.overall},
            by_name=score.by.name,
            where=f"desk:case-expectations:{look.cases[score.expectation.case_id].public_id}",
            tone="warn" if score.overall < 6 else "good",
        )


def suggested(case: Case, *, now: datetime) -> tuple[list[str], str]:
    """What the consultation and the customer's own questionnaire offer for a first version."""
    answers = case.answer_sets.in_force().filter(questionnaire__code="expectations").with_people().first()
    consultation = case.consultations.exclude(ended_at=None).order_by("-started_at").first()
    lines = [answers.answers.get("wish", "")] if answers else []
    if consultation is not None:
        consultation.case = case
        lines += consultation.goals.splitlines()
    words = [line.strip()[: rules.LONGEST] for line in lines if line.strip()]
    return list(dict.fromkeys(words))[: rules.MOST_GOALS], consultation.unreachable if consultation else ""
