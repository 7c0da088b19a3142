"""The director's figures: cases by step, waits between steps, satisfaction. No name is read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Count

from yimei.insight.rules import stats
from yimei.insight.rules.stats import Estimate
from yimei.journey.enums import CaseStage, ClavienDindo
from yimei.journey.models import Case, CaseMove, Review, Survey
from yimei.people.models import Staff
from yimei.people.roles import Permission

WINDOW = timedelta(days=90)
SMALL = 5
"""Fewer observations than this are shown as too few, never as a figure."""

STEPS: tuple[CaseStage, ...] = (
    CaseStage.BOOKED,
    CaseStage.ARRIVED,
    CaseStage.CONSULTED,
    CaseStage.ASSESSED,
    CaseStage.PLANNED,
    CaseStage.SCHEDULED,
    CaseStage.IN_SURGERY,
    CaseStage.RECOVERING,
    CaseStage.DISCHARGED,
    CaseStage.REVIEWED,
    CaseStage.CLOSED,
)


@dataclass(frozen=True)
class StageCount:
    """How many cases stand at a stage now."""

    stage: CaseStage
    count: int


@dataclass(frozen=True)
class Wait:
    """How long cases took from one step to the next; None when too few were seen."""

    old: CaseStage
    new: CaseStage
    n: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Satisfaction:
    """Survey answers of the window."""

    sent: int
    answered: int
    score: Estimate | None
    promoter: Estimate | None
    comments: Sequence[Survey]


@dataclass(frozen=True)
class Outcome:
    """Reviews of the window and the share with any complication (Clavien-Dindo ≥ I)."""

    reviews: int
    complication: Estimate | None


def stage_counts(*, by: Staff) -> list[StageCount]:
    """Return open and ended cases by stage, every stage named even at zero."""
    rows = (
        Case.objects.visible_to(by, Permission.INSIGHT_VIEW)
        .order_by()
        .values_list("stage")
        .annotate(count=Count("pk"))
    )
    counts = dict(rows)
    return [StageCount(stage, counts.get(stage, 0)) for stage in CaseStage]


def waits(*, by: Staff, now: datetime) -> list[Wait]:
    """Return the wait between neighbouring steps over the moves of the window; one query."""
    moves = (
        CaseMove.objects.filter(
            case__in=Case.objects.visible_to(by, Permission.INSIGHT_VIEW), at__gte=now - WINDOW, at__lte=now
        )
        .order_by("case_id", "at", "id")
        .values_list("case_id", "new", "at")
    )
    seen: dict[tuple[CaseStage, CaseStage], list[timedelta]] = defaultdict(list)
    for (case, old, began), (next_case, new, ended) in pairwise(moves):
        if case == next_case:
            seen[CaseStage(old), CaseStage(new)].append(ended - began)
    return [_wait(old, new, seen[old, new]) for old, new in pairwise(STEPS)]


def satisfaction(*, by: Staff, now: datetime) -> Satisfaction:
    """Return the answers of the window with uncertainty and the newest comments, nameless."""
    cases = Case.objects.visible_to(by, Permission.INSIGHT_VIEW)
    surveys = Survey.objects.filter(case__in=cases, created_at__gte=now - WINDOW)
    scores = [score for score in surveys.values_list("score", flat=True) if score is not None]
    newest = (
        Survey.objects.filter(case__in=cases, answered_at__isnull=False)
        .select_related("case__patient__person__vault_key", "case__procedure")
        .order_by("-answered_at")[:8]
    )
    return Satisfaction(
        sent=surveys.count(),
        answered=len(scores),
        score=stats.mean(scores, (0, 10)),
        promoter=stats.net_promoter(scores) if len(scores) >= SMALL else None,
        comments=list(newest),
    )


def outcome(*, by: Staff, now: datetime) -> Outcome:
    cases = Case.objects.visible_to(by, Permission.INSIGHT_VIEW)
    reviews = Review.objects.filter(case__in=cases, at__gte=now - WINDOW)
    whole = reviews.count()
    bad = reviews.exclude(complication=ClavienDindo.NONE).count()
    return Outcome(reviews=whole, complication=stats.share(bad, whole))


def _wait(old: CaseStage, new: CaseStage, found: Sequence[timedelta]) -> Wait:
    if len(found) < SMALL:
        return Wait(old, new, len(found), None, None)
    return Wait(old, new, len(found), stats.median(found), stats.quantile(found, 0.9))
