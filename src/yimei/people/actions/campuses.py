"""Other campuses at which somebody may work: given, taken back, and stepped into."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.hospital.models import Campus
from yimei.people.access import campuses_of, need, open_staff
from yimei.people.models import CampusAccess, Staff
from yimei.people.roles import Permission, Scope


@transaction.atomic
def grant(staff_id: UUID, *, campus_id: UUID, by: Staff | None, at: datetime) -> CampusAccess:
    """Let somebody work at another campus too; nobody widens her own reach."""
    campus = Campus.objects.filter(public_id=campus_id, is_active=True).first()
    if campus is None:
        raise NotFound
    staff = _other(staff_id, by=by) if by else Staff.objects.get(public_id=staff_id)
    if by is not None and need(by, Permission.STAFF_WRITE) != Scope.GROUP:
        raise RuleBroken(_("跨院区的权限由集团管理员办理。"))
    if campus.pk == staff.campus_id:
        raise RuleBroken(_("%(name)s 本来就在这个院区。") % {"name": staff.name})
    try:
        with transaction.atomic():
            row = CampusAccess.objects.create(staff=staff, campus=campus, since=at, granted_by=by)
    except IntegrityError as error:
        raise Conflict(_("%(name)s 已可到这个院区工作。") % {"name": staff.name}) from error
    log.record("people.campus.grant", at=at, by=by, target=staff, detail={"campus": campus.code})
    return row


@transaction.atomic
def end(access_id: UUID, *, by: Staff, at: datetime) -> CampusAccess:
    """Take it back; whoever stands there now is at her own campus again with the next click."""
    need(by, Permission.STAFF_WRITE)
    row = CampusAccess.objects.select_for_update(of=("self",)).filter(public_id=access_id).first()
    if row is None:
        raise NotFound
    staff = _other(row.staff.public_id, by=by)
    if row.until is not None:
        raise Conflict(_("这个院区的权限已经收回。"))
    row.until, row.ended_by = at, by
    row.save(update_fields=["until", "ended_by"])
    log.record("people.campus.end", at=at, by=by, target=staff, detail={"campus": row.campus.code})
    return row


@transaction.atomic
def step_into(campus_id: UUID, *, by: Staff, at: datetime) -> Campus:
    """Note that somebody goes to work at another of her campuses; the caller keeps it with the browser."""
    campus = next((one for one in campuses_of(by) if one.public_id == campus_id), None)
    if campus is None:
        raise NotFound
    log.record("people.campus.switch", at=at, by=by, target=by, detail={"campus": campus.code})
    return campus


def _other(staff_id: UUID, *, by: Staff) -> Staff:
    staff = open_staff(staff_id, by=by)
    if staff.pk == by.pk:
        raise RuleBroken(_("不能修改自己可到的院区，请由另一位管理员办理。"))
    return staff
