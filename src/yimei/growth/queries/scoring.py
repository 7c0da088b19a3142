"""What is known of enquiries after their first day, and the score of one; no score is kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.growth.enums import LeadStatus, Outcome, StepKind, TouchKind
from yimei.growth.models import Lead, LeadModel, LeadStep, Profile, Touch
from yimei.growth.rules import scoring as rules
from yimei.growth.rules.leads import NOT_VALID
from yimei.privacy.registry import Judged

DAY, MATURE, PAST = timedelta(days=1), timedelta(days=60), timedelta(days=730)
MOST = 20_000
MORNING, EVENING = 8, 21
FAST = timedelta(minutes=5)


@dataclass(frozen=True)
class Shown:
    """The score of one enquiry as a page shows it; none when she asked for a person's judgement."""

    score: rules.Score | None
    model: LeadModel | None
    is_refused: bool

    @property
    def is_learned(self) -> bool:
        return self.model is not None and self.model.used is not None


def of(lead: Lead) -> Shown:
    model = newest()
    if is_refused(lead):
        return Shown(None, model, True)
    return Shown(rules.score(firsts([lead])[0], model.used if model else None), model, False)


def leads_of(keys: Collection[UUID]) -> QuerySet[Lead]:
    """Every enquiry of the person behind these keys: a customer's, or under a key of its own."""
    mine = Q(vault_key__public_id__in=keys) | Q(patient__person__vault_key__public_id__in=keys)
    roots = Lead.objects.filter(mine).order_by().values("pk")
    return Lead.objects.filter(Q(pk__in=roots) | Q(duplicate_of__in=roots), erased_at=None)


def judged(keys: Collection[UUID]) -> list[Judged]:
    """What the score says of her open enquiries, in words; that it is silent where people judge."""
    rows = leads_of(keys).filter(duplicate_of=None)
    rows = rows.filter(Q(status=LeadStatus.OPEN) | ~Q(unscored_at=None)).select_related(
        "vault_key", "patient"
    )
    return [_judged(of(lead)) for lead in rows.order_by("pk")]


def _judged(shown: Shown) -> Judged:
    if shown.score is None:
        return Judged(_("按本人要求不评分，只由人判断"), is_by_people=True)
    ground = _("由历史学到") if shown.is_learned else _("经验规则，不是学到的")
    said = _("%(percent)d%%，%(ground)s") % {"percent": shown.score.percent, "ground": ground}
    return Judged(said, tuple(f"{'↑' if up else '↓'} {why}" for why, up in shown.score.reasons))


def newest() -> LeadModel | None:
    return LeadModel.objects.order_by("-trained_at", "-pk").first()


def trainings() -> list[LeadModel]:
    return list(LeadModel.objects.all()[:10])


def prior() -> list[tuple[str, float]]:
    """The table of the house, as it is used when nothing was learned."""
    return [(rules.told(name), weight) for name, weight in rules.PRIOR.items()]


def is_refused(lead: Lead) -> bool:
    """Whether she wants no score: said for this enquiry, or by refusing profiling (PIPL 24)."""
    mine = Q(lead=lead) | (Q(patient=lead.patient_id) if lead.patient_id else Q(pk=None))
    return lead.unscored_at is not None or Profile.objects.filter(mine, refuses_profiling=True).exists()


def history(*, now: datetime) -> tuple[list[rules.First], list[bool]]:
    """Enquiries old enough to know what became of them, oldest first; without whoever wants no score."""
    refusing = Profile.objects.filter(refuses_profiling=True).order_by()
    rows: QuerySet[Lead] = Lead.objects.living().filter(
        duplicate_of=None, unscored_at=None, created_at__gte=now - PAST, created_at__lt=now - MATURE
    )
    rows = rows.exclude(loss__in=[str(one) for one in NOT_VALID])
    rows = rows.exclude(pk__in=refusing.exclude(lead=None).values("lead"))
    rows = rows.exclude(patient__in=refusing.exclude(patient=None).values("patient"))
    leads = list(rows.order_by("-created_at", "-pk")[:MOST])
    leads.reverse()
    booked = LeadStep.objects.filter(lead__in=leads, kind=StepKind.BOOKED).order_by()
    when = dict(booked.values_list("lead", "at"))
    ends = [one.pk in when and when[one.pk] <= one.created_at + MATURE for one in leads]
    return firsts(leads), ends


def firsts(leads: Sequence[Lead]) -> list[rules.First]:
    """What each was after its first day; one query, whatever their number."""
    touches: dict[int, list[Any]] = defaultdict(list)
    rows = Touch.objects.filter(lead__in=leads).order_by("at", "pk")
    for lead, kind, outcome, by, at in rows.values_list("lead", "kind", "outcome", "by", "at"):
        touches[lead].append((kind, outcome, by, at))
    return [_first(one, touches[one.pk]) for one in leads]


def _first(lead: Lead, touches: list[Any]) -> rules.First:
    early = [one for one in touches if one[3] <= lead.created_at + DAY]
    outcomes = {outcome for _kind, outcome, _by, _at in early}
    answered = lead.first_response_at
    hour = lead.created_at.astimezone(SHANGHAI).hour
    return rules.First(
        source=lead.source,
        kind=early[0][0] if early else str(TouchKind.FORM),
        fast=answered is not None and answered <= lead.created_at + FAST,
        reached=bool(outcomes & {Outcome.REACHED, Outcome.CALL_BACK}),
        wants_visit=Outcome.WANTS_VISIT in outcomes,
        no_answer=Outcome.NO_ANSWER in outcomes,
        again=sum(outcome == Outcome.ASKED for _kind, outcome, _by, _at in early) > 1,
        night=not MORNING <= hour < EVENING,
    )
