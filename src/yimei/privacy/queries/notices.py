"""Notices as people read them: the short layer, the full text, the printed page, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from yimei.core.documents import render_pdf
from yimei.core.errors import Missing, NotFound
from yimei.core.language import in_house
from yimei.people.models import Staff
from yimei.privacy.enums import Audience, ExceptionKind
from yimei.privacy.models import Notice, NoticeException, Purpose
from yimei.privacy.queries.register import notices_in_force, shipped
from yimei.privacy.rules import notices as rules
from yimei.privacy.rules.notices import Section


@dataclass(frozen=True)
class Change:
    """One section of two versions: what was said and what is said now."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def rows(self) -> list[tuple[str, str | None, str | None]]:
        """The paragraphs that went and those that came, for the piece that shows differences."""
        gone = [("", text, None) for text in self.before if text not in self.after]
        return [*gone, *(("", None, text) for text in self.after if text not in self.before)]


@dataclass(frozen=True)
class Draft:
    """A version that is not published yet: what it would change, what it lacks, whom it would ask again."""

    changes: tuple[Change, ...]
    missing: tuple[Missing, ...]
    renews: tuple[str, ...] | None
    """The codes of purposes that must be agreed to anew; None is all of them."""
    names: Mapping[str, str]

    @property
    def is_for_all(self) -> bool:
        return self.renews is None

    @property
    def renewed(self) -> list[str]:
        return [self.names[code] for code in self.renews or ()]


@dataclass(frozen=True)
class Sample:
    """A notice as it ships, before this hospital has one of its kind."""

    code: str
    title: str
    audience: Audience
    purposes: tuple[str, ...]
    sections: tuple[Section, ...]


def waiting() -> list[Sample]:
    """The shipped notices that nobody has published here: until then nobody is asked by them (PIPL 17)."""
    known = set(Notice.objects.values_list("code", flat=True))
    return [_sample(row) for row in shipped("notices") if row["code"] not in known]


def sample(code: str) -> Sample:
    """Return one of the waiting; raises NotFound when it is published already."""
    found = next((one for one in waiting() if one.code == code), None)
    if found is None:
        raise NotFound
    return found


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(
        code=row["code"],
        title=row["title"],
        audience=Audience(row["audience"]),
        purposes=tuple(row["purposes"]),
        sections=tuple(row["sections"]),
    )


def public_notices() -> list[Notice]:
    """What everybody may read without signing in: all but what is for the staff."""
    return [notice for notice in notices_in_force() if notice.is_public]


def for_staff() -> list[Notice]:
    return [notice for notice in notices_in_force() if notice.audience == Audience.STAFF]


def typed(notice: Notice) -> list[Section]:
    """The sections that somebody writes; an empty one is offered where the law asks for it."""
    return [section for section in notice.body if section["code"] not in rules.WRITTEN]


def purposes() -> list[tuple[str, str]]:
    rows = Purpose.objects.filter(is_active=True).order_by("code")
    return [(purpose.code, purpose.name) for purpose in rows]


def purpose_codes(notice: Notice) -> list[str]:
    return list(notice.purposes.values_list("code", flat=True))


def versions_of(code: str) -> list[Notice]:
    return list(Notice.objects.filter(code=code).order_by("-version"))


def before(notice: Notice) -> Notice | None:
    """The version that this one replaced."""
    older = Notice.objects.filter(code=notice.code, version__lt=notice.version)
    return older.order_by("-version").first()


def changes(old: Notice | None, new: Notice) -> list[Change]:
    """Return the sections that read differently, in the order of the new version."""
    return changes_of(old.body if old else [], new.body)


def changes_of(old: list[Section], new: list[Section]) -> list[Change]:
    was, now = _by_code(old), _by_code(new)
    found = []
    for code in [*now, *(code for code in was if code not in now)]:
        one, other = was.get(code), now.get(code)
        earlier, later = _said(one), _said(other)
        if sorted(earlier) != sorted(later):
            found.append(Change(_title(other or one), earlier, later))
    return found


def notice_pdf(notice: Notice) -> bytes:
    """The notice as a page to keep; the same version gives the same bytes."""
    with in_house():
        return render_pdf(
            "letter.typ",
            {
                "hospital": notice.handler,
                "date": notice.published_at,
                "sections": [
                    {"title": section["title"], "paragraphs": section["paragraphs"]}
                    for section in notice.body
                ],
                "foot": f"{notice.code} v{notice.version} · {notice.sha256}",
            },
            title=notice.title,
        )


def exceptions(by: Staff) -> list[NoticeException]:
    """What somebody still has to allow or to tell, the most urgent first."""
    rows = NoticeException.objects.visible_to(by).select_related(
        "patient__person__vault_key", "by", "approved_by"
    )
    waiting = rows.filter(Q(approved_by=None) | Q(kind=ExceptionKind.EMERGENCY, told_at=None))
    return list(waiting.order_by(F("due_at").asc(nulls_last=True), "at")[:100])


def _by_code(body: list[Section]) -> Mapping[str, Section]:
    return {section["code"]: section for section in body}


def _title(section: Section | None) -> str:
    return section["title"] if section else ""


def _said(section: Section | None) -> tuple[str, ...]:
    return tuple(section["paragraphs"]) if section else ()
