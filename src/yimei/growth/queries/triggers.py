"""Who comes into a flow: whom the log names, who came into a segment, whose day it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q

from yimei.audit.models import Entry
from yimei.growth.enums import SegmentUse
from yimei.growth.enums.flows import TriggerKind
from yimei.growth.models import Flow, FlowRun, Lead, Profile, SegmentMember
from yimei.growth.models.profiles import ProfileQuerySet
from yimei.growth.queries import segments
from yimei.growth.queries.facts import birthday_token
from yimei.growth.rules import segments as trees
from yimei.growth.rules.flows.graphs import BIRTHDAY, Graph, is_sensitive, tests_of
from yimei.people.models import Patient

MOST = 5_000
"""Lines of the log that one look takes."""


@dataclass(frozen=True)
class Comer:
    """Somebody who would come in, by which occasion, when."""

    profile: int
    key: str
    at: datetime


def log_end() -> int:
    return Entry.objects.aggregate(last=Max("seq"))["last"] or 0


def by_event(event: str, *, after: int, upto: int) -> tuple[list[Comer], int]:
    """Whom the log names for an event between two numbers, and the number up to which it was read."""
    lines = Entry.objects.filter(seq__gt=after, seq__lte=upto, action=event, subject_key__isnull=False)
    found = list(lines.order_by("seq").values_list("seq", "subject_key", "at")[:MOST])
    end = found[-1][0] if len(found) == MOST else upto
    return list(_comers(found)), end


def by_event_between(event: str, since: datetime, until: datetime) -> list[Comer]:
    """The same by time, for a dry run."""
    lines = Entry.objects.filter(at__gte=since, at__lt=until, action=event, subject_key__isnull=False)
    return list(_comers(list(lines.order_by("seq").values_list("seq", "subject_key", "at")[:MOST])))


def by_days(graph: Graph, days: Iterable[date], *, now: datetime) -> list[Comer]:
    """Whose date, so many days ago or ahead, was one of these days."""
    kind, offset = graph.trigger["kind"], timedelta(days=int(graph.trigger["days"]))
    found = []
    for day in days:
        then = day - offset
        if kind == TriggerKind.INACTIVE:
            rows, code = Profile.objects.filter(last_visit_on=then, coming_on=None), "quiet"
        elif graph.trigger["field"] == BIRTHDAY:
            rows, code = Profile.objects.filter(birthday=birthday_token(then)), f"birthday{then.year}"
        else:
            code = str(graph.trigger["field"])
            rows = Profile.objects.filter(Q((code, then)))
        found += [Comer(pk, f"{pk}:{code}:{then}", now) for pk in rows.values_list("pk", flat=True)]
    return found


def by_segment(flow: Flow, *, since: datetime | None) -> list[Comer]:
    """Who came into the flow's segment since a moment."""
    rows = SegmentMember.objects.filter(segment=flow.segment)
    if since is not None:
        rows = rows.filter(since__gt=since)
    return [Comer(pk, f"{pk}:{at:%Y%m%d%H%M%S}", at) for pk, at in rows.values_list("profile", "since")]


def admissible(graph: Graph, campus: int | None) -> ProfileQuerySet:
    """Everybody whom this flow may touch at all: living, of its campus, agreeing as its use asks."""
    rows = Profile.objects.living()
    if campus is not None:
        rows = rows.filter(campus=campus)
    allowed = segments.allowed(tests_of(graph), graph.use)
    if is_sensitive(graph) and graph.use == SegmentUse.CARE:
        allowed &= Q(agrees_care=True)
    return rows.filter(allowed)


def fits(graph: Graph, profile: Profile, on: date) -> dict[str, bool]:
    """The answer of each condition of a flow for one person."""
    facts = segments.facts_of(profile)
    checks = (node for node in graph.nodes.values() if node.kind == "check")
    return {node.code: trees.holds(trees.parse(node.values["rules"]), facts, on=on) for node in checks}


def returning(flow: Flow, graph: Graph, comers: Iterable[Comer], *, now: datetime) -> list[Comer]:
    """Leave out whom the re-entry policy does not let in again, and who is inside now."""
    wanted = list({comer.profile: comer for comer in comers}.values())
    rows = FlowRun.objects.filter(flow=flow, profile__in=[comer.profile for comer in wanted]).order_by()
    last = dict(rows.values_list("profile").annotate(at=Max("entered_at")))
    inside = set(rows.filter(ended_at=None).values_list("profile", flat=True))
    keys = set(rows.filter(key__in=[comer.key for comer in wanted]).values_list("key", flat=True))
    found = []
    for comer in wanted:
        before = last.get(comer.profile)
        if comer.profile in inside or comer.key in keys:
            continue
        if before is not None and graph.reentry == "never":
            continue
        if (
            before is not None
            and graph.reentry == "after"
            and now - before < timedelta(days=graph.reentry_days)
        ):
            continue
        found.append(comer)
    return found


def _comers(lines: Iterable[tuple[int, UUID | None, datetime]]) -> Iterator[Comer]:
    """The profile behind each key that the log names: a customer's, or a lead's until she is one."""
    found = [(seq, key, at) for seq, key, at in lines if key is not None]
    keys = {key for _seq, key, _at in found}
    known = Patient.objects.filter(person__vault_key__public_id__in=keys, growth_profile__isnull=False)
    patients = dict(known.values_list("person__vault_key__public_id", "growth_profile"))
    leads: dict[UUID, int] = {}
    rows = Lead.objects.filter(vault_key__public_id__in=keys)
    for lead in rows.select_related("vault_key", "profile", "patient__growth_profile"):
        profile = getattr(lead.patient, "growth_profile", None) or getattr(lead, "profile", None)
        if profile is not None:
            leads[lead.vault_key.public_id] = profile.pk
    for seq, key, at in found:
        profile_id = patients.get(key) or leads.get(key)
        if profile_id is not None:
            yield Comer(int(profile_id), f"{profile_id}:{seq}", at)
