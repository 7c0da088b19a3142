"""Who looked at one person's data (谁看过): the lines of the log with the names of the readers."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator

from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.audit.queries import looks_at
from yimei.people.enums import LookPurpose, RevealPurpose
from yimei.people.models import Patient, Staff
from yimei.people.queries.merges import keys_of

PURPOSES = {**dict(RevealPurpose.choices), **dict(LookPurpose.choices)}
"""What both name (an emergency) is called as for charts."""


@dataclass(frozen=True)
class Seen:
    """One look as the page shows it."""

    at: datetime
    who: str
    role: str
    kind: str
    purpose: str
    page: str


def seen(patient: Patient, *, limit: int = 200) -> list[Seen]:
    """Return the newest looks at any of a person's files; three queries, however many there are."""
    return _named(list(looks_at(*keys_of(patient))[:limit]))


def seen_page(patient: Patient, number: str | None, *, size: int = 30) -> tuple[Page[Entry], list[Seen]]:
    """Return one page of all looks, the newest first: a telephone shows no two hundred lines at once."""
    page = Paginator(looks_at(*keys_of(patient)), size).get_page(number)
    return page, _named(list(page.object_list))


def _named(rows: list[Entry]) -> list[Seen]:
    ids = {row.actor for row in rows if row.actor}
    staff = {one.public_id: one for one in Staff.objects.filter(public_id__in=ids)}
    found = []
    for row in rows:
        one = staff.get(row.actor) if row.actor else None
        found.append(
            Seen(
                at=row.at,
                who=one.name if one else "",
                role=one.role.name if one else row.role,
                kind=str(Look(row.action.rsplit(".", 1)[-1]).label),
                purpose=str(PURPOSES.get(row.purpose, row.purpose)),
                page=str(row.detail.get("page", "")),
            )
        )
    return found
