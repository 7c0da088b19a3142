"""The compliance page: answers by purpose, and how much each part of the data map holds."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.privacy.enums import ConsentAct, Sensitivity
from yimei.privacy.models import Consent
from yimei.privacy.queries.datamap import Activity, datamap


@dataclass(frozen=True)
class Answers:
    """How one purpose was answered in a window; every act counts."""

    purpose: str
    given: int
    refused: int
    withdrawn: int


@dataclass(frozen=True)
class Holds:
    """One line of the data map: an activity and how many of its columns are how private."""

    activity: Activity
    personal: int
    health: int
    encrypted: int


def answers(*, by: Staff, since: datetime, until: datetime) -> list[Answers]:
    """Return the answers of a window by purpose; one query."""
    rows = Consent.objects.filter(at__gte=since, at__lt=until)
    if need(by, Permission.PRIVACY_VIEW) != Scope.GROUP:
        rows = rows.filter(patient__campus=by.campus_id)
    counts = rows.order_by("purpose__name").values_list("purpose__name", "act").annotate(times=Count("pk"))
    found: dict[str, dict[str, int]] = {}
    for purpose, act, times in counts:
        found.setdefault(purpose, {})[act] = times
    return [
        Answers(
            purpose,
            given=acts.get(ConsentAct.GIVEN, 0),
            refused=acts.get(ConsentAct.REFUSED, 0),
            withdrawn=acts.get(ConsentAct.WITHDRAWN, 0),
        )
        for purpose, acts in found.items()
    ]


def holdings(on: date) -> list[Holds]:
    """Return the activities that hold personal data, those with health data first."""
    found = [
        Holds(
            activity,
            personal=sum(field.sensitivity == Sensitivity.PERSONAL for field in activity.fields),
            health=sum(field.sensitivity == Sensitivity.HEALTH for field in activity.fields),
            encrypted=sum(field.is_encrypted for field in activity.fields),
        )
        for activity in datamap(on).activities
        if activity.is_personal
    ]
    return sorted(found, key=lambda one: (-one.health, -one.personal))
