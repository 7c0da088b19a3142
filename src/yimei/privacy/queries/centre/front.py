"""The first page in numbers, and who looked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.paginator import Page

from yimei.audit.models import Entry
from yimei.audit.queries import looks_at
from yimei.core import names
from yimei.core.clock import local_date
from yimei.people.models import Patient
from yimei.people.queries.merges import keys_of
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries.centre.keeping import kept
from yimei.privacy.queries.consents import consent_chips
from yimei.privacy.queries.looks import Seen, seen_page

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Front:
    """The first page in numbers."""

    kinds: int
    looks_this_week: int
    consents: int
    open_requests: int


def front(patient: Patient, *, now: datetime) -> Front:
    looks = looks_at(*keys_of(patient)).filter(at__gte=now - WEEK)
    return Front(
        kinds=len(kept(patient, now=now)),
        looks_this_week=looks.count(),
        consents=sum(chip.is_given for chip in consent_chips(patient, now)),
        open_requests=RightsRequest.objects.open()
        .filter(patient__in=Patient.objects.files_of(patient))
        .count(),
    )


def looks(patient: Patient, number: str | None = None) -> tuple[Page[Entry], list[tuple[date, list[Seen]]]]:
    """Return one page of who looked, day by day, named as the hospital has decided."""
    page, rows = seen_page(patient, number)
    found: dict[date, list[Seen]] = {}
    for look in rows:
        found.setdefault(local_date(look.at), []).append(look)
    return page, list(found.items())


def staff_name(name: str) -> str:
    """The name of somebody who looked, as far as the hospital shows it; the role is always shown."""
    policy = settings.CENTRE_STAFF_NAMES
    return {"full": name, "role": ""}.get(policy, names.mask(name) if name else "")
