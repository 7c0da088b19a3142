"""Signs that somebody takes only the leads she likes, for whoever hands leads out."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from yimei.growth.enums import AssignRule, EndReason, Outcome
from yimei.growth.models import OwnerPeriod, Touch
from yimei.growth.rules import picking as rules
from yimei.hospital.enums import Category
from yimei.people.models import Staff

WINDOW = timedelta(days=60)
GIVEN_UP = (EndReason.RELEASED, EndReason.IDLE, EndReason.EXPIRED)
TALKED = (Outcome.REACHED, Outcome.WANTS_VISIT, Outcome.CALL_BACK, Outcome.REFUSED, Outcome.WRONG_NUMBER)


@dataclass(frozen=True)
class Sign:
    """One sentence about one consultant; a question to ask, not a verdict."""

    staff: Staff
    text: str


def signs(*, by: Staff, now: datetime) -> list[Sign]:
    """Compare each consultant of the reader's campus with all others over sixty days; three queries."""
    periods = OwnerPeriod.objects.filter(lead__campus=by.campus_id, since__gt=now - WINDOW)
    team = {
        str(one.public_id): one for one in Staff.objects.filter(campus=by.campus_id, lead_periods__in=periods)
    }
    dropped, claims = _dropped(periods), _claims(periods)
    found = [
        Sign(
            team[one.code],
            _("%(hit)d/%(all)d 条没说上话就放走，其他人是 %(others)d%%。")
            % {"hit": one.hit, "all": one.all, "others": round(one.others * 100)},
        )
        for one in rules.alarms(dropped)
        if one.code in team
    ]
    kinds = rules.by_kind(claims)
    for kind, counts in kinds.items():
        for one in rules.alarms(counts, tests=len(kinds)):
            if one.code in team:
                words = {
                    "hit": one.hit,
                    "all": one.all,
                    "kind": Category(kind).label,
                    "others": round(one.others * 100),
                }
                text = _("从公海领的 %(all)d 条里 %(hit)d 条是「%(kind)s」，其他人是 %(others)d%%。")
                found.append(Sign(team[one.code], text % words))
    return found


def _dropped(periods: object) -> list[rules.Count]:
    """Of the leads that each had and gave up, those with whom she never talked."""
    mine = Q(by=OuterRef("staff"), lead=OuterRef("lead"), at__gte=OuterRef("since"))
    talked = Exists(Touch.objects.filter(mine, outcome__in=TALKED))
    rows = periods.exclude(until=None).annotate(talked=talked)  # type: ignore[attr-defined]
    had: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for staff, because, has_talked in rows.values_list("staff__public_id", "ended_because", "talked"):
        had[str(staff)] += 1
        lost[str(staff)] += because in GIVEN_UP and not has_talked
    return [rules.Count(code, n, lost[code]) for code, n in sorted(had.items())]


def _claims(periods: object) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(Counter)
    rows = periods.filter(rule=AssignRule.CLAIM).annotate(kind=F("lead__interest"))  # type: ignore[attr-defined]
    for staff, kind in rows.values_list("staff__public_id", "kind"):
        if kind:
            found[str(staff)][kind] = found[str(staff)].get(kind, 0) + 1
    return found
