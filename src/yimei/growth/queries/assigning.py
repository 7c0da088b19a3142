"""Who can be drawn now, what she knows, and the last draws, each drawn again from its log."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core import names
from yimei.core.clock import local_date
from yimei.growth.enums import AssignRule
from yimei.growth.models import Draw, Lead, LeadSkill
from yimei.growth.queries import numbers, owners
from yimei.growth.rules import draw as rules
from yimei.hospital.enums import Category
from yimei.people.models import Staff
from yimei.people.roles import Permission

SHOWN = 20


@dataclass(frozen=True)
class Member:
    """One of the online team as the draw sees her at this moment."""

    staff: Staff
    load: int
    on_shift: bool
    is_full: bool
    knows: frozenset[str]

    def subjects(self) -> list[tuple[str, str, bool]]:
        return [(value, str(label), value in self.knows) for value, label in Category.choices]


@dataclass(frozen=True)
class Drawn:
    """One draw of the log with its reasons, and whether drawing again gives the same."""

    draw: Draw
    who: str
    chosen: str
    is_same: bool
    people: Sequence[tuple[str, str, bool]]
    """Name, what spoke for or against her, and whether she was chosen."""


def team(*, by: Staff, now: datetime) -> list[Member]:
    most = numbers.limits(local_date(now)).holding
    found = owners.candidates(by.campus, now=now, most=most, rule=AssignRule.SKILL)
    knows: dict[int, set[str]] = defaultdict(set)
    rows = LeadSkill.objects.filter(staff__in=[one.pk for one, _drawn in found.values()])
    for staff, category in rows.values_list("staff", "category"):
        knows[staff].add(category)
    return [
        Member(one, drawn.load, drawn.on_shift, drawn.full, frozenset(knows[one.pk]))
        for one, drawn in found.values()
    ]


def draws(*, by: Staff) -> list[Drawn]:
    """The last draws of leads within the reader's reach; three queries, whatever their number."""
    reach = Lead.objects.reachable(by, Permission.LEAD_ASSIGN).filter(campus=by.campus_id)
    rows = Draw.objects.filter(lead__in=reach.order_by().values("pk")).order_by("-at", "-pk")
    return told(list(rows.select_related("lead__vault_key", "chosen")[:SHOWN]))


def of_lead(lead: Lead) -> list[Drawn]:
    return told(list(lead.draws.select_related("lead__vault_key", "chosen").order_by("-at", "-pk")))


def told(rows: list[Draw]) -> list[Drawn]:
    codes = {one["code"] for row in rows for one in row.candidates}
    known = Staff.objects.filter(public_id__in=codes).order_by().values_list("public_id", "name")
    people = {str(code): name for code, name in known}
    return [_drawn(row, people) for row in rows]


def _drawn(row: Draw, people: dict[str, str]) -> Drawn:
    chosen = str(row.chosen.public_id) if row.chosen else ""
    listed = [
        (people.get(one["code"], ""), _why(rules.Candidate(**one)), one["code"] == chosen)
        for one in row.candidates
    ]
    return Drawn(
        draw=row,
        who=names.mask(row.lead.name),
        chosen=row.chosen.name if row.chosen else "",
        is_same=rules.repeat(row.rule, row.candidates, row.seed) == chosen,
        people=sorted(listed, key=lambda one: (not one[2], one[0])),
    )


def _why(one: rules.Candidate) -> str:
    against = [
        text
        for is_so, text in (
            (not one.on_shift, _("不在班")),
            (not one.skilled, _("不熟悉这个部位")),
            (one.full, _("已满")),
        )
        if is_so
    ]
    return "、".join(against) or _("手上 %(n)d 条") % {"n": one.load}
