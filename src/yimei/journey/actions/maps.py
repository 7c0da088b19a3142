"""Writes of face and body maps: begin, keep, finish, throw away. A finished map is corrected by another."""

import hashlib
import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import age_on, local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import Conflict, NotFound
from yimei.core.language import in_house
from yimei.journey.access import lock_case, open_case, open_case_to_write
from yimei.journey.enums import CaseStage, Depth, MapKind
from yimei.journey.models import Case, TreatmentMap
from yimei.journey.queries import maps as queries
from yimei.journey.rules import maps as rules
from yimei.journey.rules.cases import check_is_open
from yimei.journey.rules.drafts import Page, check_not_overtaken
from yimei.people.access import need
from yimei.people.enums import Sex
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import files

NOTE_LENGTH = 2000


@transaction.atomic
def begin(
    case_id: UUID, *, kind: MapKind, by: Staff, now: datetime, corrects: UUID | None = None
) -> TreatmentMap:
    """Return the draft of this kind, beginning one; a correction begins with the points it corrects."""
    need(by, Permission.CLINICAL_WRITE)
    case = open_case_to_write(case_id, by=by, permission=Permission.CLINICAL_WRITE)
    draft = case.maps.filter(kind=kind, completed_at=None).first()
    if draft is not None:
        return draft
    old = None
    if corrects is not None:
        rows = case.maps.filter(public_id=corrects, kind=kind, superseded_by=None).exclude(completed_at=None)
        old = rows.select_related("case__patient__person__vault_key").first()
        if old is None:
            raise NotFound
    row = TreatmentMap(
        case=case,
        kind=kind,
        on=old.on if old else local_date(now),
        started_at=now,
        started_by=by,
        saved_at=now,
        supersedes=old,
    )
    if old is not None:
        row.points, row.note = old.points, old.note
    row.save(force_insert=True)
    log.record("journey.map.begun", target=row, subject=case.subject, by=by, at=now)
    return row


@transaction.atomic
def save(map_id: UUID, *, points: str, note: str, page: Page, by: Staff, now: datetime) -> TreatmentMap:
    """Keep what is marked so far."""
    row = _open(map_id, page=page, by=by)
    check_is_open(CaseStage(row.case.stage))
    _fill(row, points=points, note=note, now=now)
    row.save(update_fields=["points", "note", "saved_at", "revision", "writer"])
    return row


@transaction.atomic
def finish(map_id: UUID, *, points: str, note: str, page: Page, by: Staff, now: datetime) -> TreatmentMap:
    """Freeze a map whose every point says what, how much and from which lot; with its printed page."""
    row = _open(map_id, page=page, by=by)
    check_is_open(CaseStage(row.case.stage))
    marks = _fill(row, points=points, note=note, now=now)
    rules.check_complete(marks, kind=MapKind(row.kind))
    told = json.dumps({"points": row.points, "note": row.note, "on": row.on.isoformat()}, sort_keys=True)
    row.sha256 = hashlib.sha256(told.encode()).hexdigest()
    row.completed_at, row.completed_by = now, by
    row.pdf = files.store(_pdf(row, marks, by=by, now=now), key=row.case.subject, name_hint="map.pdf")
    row.save()
    log.record("journey.map.finished", target=row, subject=row.case.subject, by=by, at=now)
    return row


@transaction.atomic
def discard(map_id: UUID, *, by: Staff, now: datetime) -> Case:
    """Throw a draft away; a finished map stays."""
    row = _open(map_id, page=None, by=by)
    case = row.case
    row.delete()
    log.record("journey.map.discarded", subject=case.subject, by=by, at=now)
    return case


def _open(map_id: UUID, *, page: Page | None, by: Staff) -> TreatmentMap:
    need(by, Permission.CLINICAL_WRITE)
    known = queries.find(map_id)
    open_case(known.case.public_id, by=by, permission=Permission.CLINICAL_WRITE)
    case = lock_case(known.case_id)
    row = queries.find(map_id)
    row.case = case
    if row.completed_at is not None:
        raise Conflict(_("这张图已经完成，不能再改；需要更正请另画一张取代它。"))
    if page is not None:
        check_not_overtaken(page, revision=row.revision, writer=row.writer)
        row.writer = page.name
    return row


def _fill(row: TreatmentMap, *, points: str, note: str, now: datetime) -> list[rules.Point]:
    marks = rules.read_points(points)
    row.points = [point.as_data for point in marks]
    row.note = note.replace("\0", "").strip()[:NOTE_LENGTH]
    row.saved_at, row.revision = now, row.revision + 1
    return marks


def _pdf(row: TreatmentMap, marks: list[rules.Point], *, by: Staff, now: datetime) -> bytes:
    person = row.case.patient.person
    with in_house():
        data = {
            "date": now,
            "hospital": row.case.campus.name,
            "sha256": row.sha256,
            "kind": str(MapKind(row.kind).label),
            "day": row.on.isoformat(),
            "procedure": row.case.procedure.name,
            "by": by.name,
            "note": row.note,
            "patient": {
                "name": person.name,
                "sex": str(Sex(person.sex).label),
                "age": str(age_on(person.birth_date, row.on)) if person.birth_date else "—",
                "file_no": row.case.patient.file_no or "—",
            },
            "sheets": [
                {
                    "title": str(sheet.view.label),
                    "svg": queries.figure(sheet.view),
                    "points": [
                        {"n": str(one.number), "x": float(one.point.x), "y": float(one.point.y)}
                        for one in sheet.points
                    ],
                }
                for sheet in queries.sheets(marks)
            ],
            "rows": [
                [
                    str(number),
                    str(point.view.label),
                    point.product,
                    point.dose,
                    point.lot or "—",
                    str(Depth(point.depth).label) if point.depth else "—",
                    point.technique or "—",
                ]
                for number, point in enumerate(marks, start=1)
            ],
            "totals": [
                [total.product, total.dose, str(total.points), "、".join(total.lots) or "—"]
                for total in rules.totals(marks)
            ],
        }
        return render_pdf("map.typ", data, title=_("注射与标记图"))
