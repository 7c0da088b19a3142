"""What data are handled for, as the officer reads it: ground, assessment, notices, history."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core.database.rows import only
from yimei.core.errors import Missing
from yimei.core.language import in_house
from yimei.privacy.enums import Basis, PurposeWord, Trigger
from yimei.privacy.models import Notice, Purpose, PurposeEvent, RetentionRule
from yimei.privacy.queries import assessments
from yimei.privacy.queries.register import notices_in_force, retention_on
from yimei.privacy.rules import purposes as rules


@dataclass(frozen=True)
class Line:
    """One purpose with what it lacks and where people are told of it."""

    purpose: Purpose
    triggers: tuple[str, ...]
    lacks: tuple[Missing, ...]
    notices: tuple[Notice, ...]
    """Those in force that tell of it as it is now."""

    @property
    def is_untold(self) -> bool:
        """Live, by consent, and no notice in force says what it is now."""
        return self.purpose.is_in_force and self.purpose.basis == Basis.CONSENT and not self.notices


def listed(on: date) -> list[Line]:
    """Every purpose, live ones first."""
    told = _told()
    short = {subject.code: lacks for subject, lacks in assessments.uncovered(on)}
    rows = Purpose.objects.select_related("retention").order_by("-is_active", "basis", "code")
    return [_line(row, told, short.get(f"purpose:{row.code}", [])) for row in rows]


def one(purpose: Purpose, on: date) -> Line:
    return _line(purpose, _told(), assessments.missing_of(purpose, on=on))


def opened(purpose_id: UUID) -> Purpose:
    """Purposes are public; what is done with them needs a right."""
    return only(Purpose.objects.select_related("retention"), purpose_id)


def history(purpose: Purpose) -> QuerySet[PurposeEvent]:
    return purpose.events.select_related("by")


def periods(on: date) -> list[RetentionRule]:
    """Which periods a purpose may have."""
    return sorted(retention_on(on).values(), key=lambda rule: rule.name)


def for_abroad() -> set[str]:
    """Purposes by which people agree that their data leave the country (PIPL 39)."""
    rows = Purpose.objects.filter(basis=Basis.CONSENT)
    return {row.code for row in rows if Trigger.ABROAD in assessments.triggers_of(row)}


def worded_at(purposes: Iterable[Purpose], at: datetime) -> list[Purpose]:
    """Each purpose as it is, in the words that it had then where only its words were changed since.

    What was changed at heart keeps its words of today: nobody was told it in any others.
    """
    found = {purpose.pk: copy(purpose) for purpose in purposes}
    events = PurposeEvent.objects.filter(purpose__in=found, at__gt=at).order_by("-at", "-id")
    changed = {event.purpose_id for event in events if event.word == PurposeWord.CHANGED}
    with in_house():
        names = {str(label): name for name, label in rules.LABELS.items() if name in rules.WORDS}
    for event in events:
        if event.word == PurposeWord.REWORDED and event.purpose_id not in changed:
            for label, before, _after in event.changes:
                if label in names:
                    setattr(found[event.purpose_id], names[label], before)
    return list(found.values())


def said(purpose: Purpose, name: str) -> str:
    """One thing about a purpose in words."""
    if name == "basis":
        return str(purpose.get_basis_display())
    if name == "mode":
        return str(purpose.get_mode_display()) or "—"
    if name == "is_sensitive":
        return _("是") if purpose.is_sensitive else _("否")
    if name == "triggers":
        return "、".join(str(Trigger(each).label) for each in purpose.triggers) or "—"
    if name == "retention":
        return purpose.retention.name
    return str(getattr(purpose, name)) or "—"


def _told() -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = {}
    for notice in notices_in_force():
        for purpose in notice.purposes.all():
            if purpose.changed_at is None or notice.published_at >= purpose.changed_at:
                found.setdefault(purpose.pk, []).append(notice)
    return found


def _line(purpose: Purpose, told: dict[int, list[Notice]], lacks: list[Missing]) -> Line:
    triggers = tuple(str(each.label) for each in sorted(assessments.triggers_of(purpose)))
    return Line(purpose, triggers, tuple(lacks), tuple(told.get(purpose.pk, ())))
