"""Writes of clinical photographs: take, look, void, release for another use. Nothing is ever removed."""

import hashlib
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI, local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.queries import photos_for
from yimei.journey.access import lock_case, open_case
from yimei.journey.enums import PhotoMoment, PhotoOrigin, PhotoSize, PhotoUse, Side
from yimei.journey.models import Photo, PhotoRelease
from yimei.journey.queries import photos as queries
from yimei.journey.rules import photos as rules
from yimei.journey.rules import pictures
from yimei.people.access import need
from yimei.people.actions.looks import purpose_of
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import has_consent
from yimei.vault import files

NOON = time(12)


def take(
    case_id: UUID,
    *,
    data: bytes,
    angle: str,
    moment: PhotoMoment,
    side: Side = Side.NONE,
    taken_on: date | None = None,
    origin: PhotoOrigin = PhotoOrigin.CAMERA,
    is_intimate: bool = False,
    by: Staff,
    now: datetime,
) -> Photo:
    """Keep one photo of a series; the same picture of the same angle sent twice stays one.

    The picture is developed before the case is locked: that takes seconds, and nobody should wait for it.
    """
    need(by, Permission.TEST_WRITE)
    open_case(case_id, by=by, permission=Permission.TEST_WRITE)
    developed = pictures.develop(data)
    taken_at = _moment_of(taken_on, now=now)
    with transaction.atomic():
        case = open_case(case_id, by=by, lock=True, permission=Permission.TEST_WRITE)
        series = photos_for(case.procedure)
        is_intimate = is_intimate or series.is_intimate
        if series.angle(angle) is None:
            raise RuleBroken(_("这个项目没有这个角度，请刷新后再拍。"))
        reader = queries.reader(case.patient, by=by, now=now)
        if not rules.may_see(reader, is_intimate=is_intimate):
            raise RuleBroken(rules.why_not(reader, is_intimate=is_intimate))
        consent = has_consent(case.patient, rules.CLINICAL_PURPOSE, now)
        is_covered = consent is not None and has_consent(case.patient, rules.CLINICAL_PURPOSE, taken_at)
        rules.check_consent(bool(is_covered), where=f"desk:patient-consents:{case.patient.public_id}")
        side = side if case.procedure.has_side else Side.NONE
        rules.check_side(side, has_side=case.procedure.has_side)
        day = rules.check_moment(
            moment,
            taken_on=local_date(taken_at),
            operated_on=queries.operated_on(case),
            today=local_date(now),
        )
        photo = Photo(
            case=case,
            angle=angle,
            moment=moment,
            day=day,
            side=side,
            is_intimate=is_intimate,
            origin=origin,
            consent=consent,
            width=developed.width,
            height=developed.height,
            taken_at=taken_at,
            taken_by=by,
            added_at=now,
        )
        return _keep(developed, photo, by=by, now=now)


def show(photo_id: UUID, *, size: PhotoSize, by: Staff, now: datetime) -> bytes:
    """Return one size of a photo with its reader's name across it; the look is written down."""
    photo = queries.open_photo(photo_id, by=by, now=now, size=size)
    local = now.astimezone(SHANGHAI)
    marked = pictures.mark(files.read(photo.file(size)), f"{by.name} {local:%Y-%m-%d %H:%M}")
    log.record(
        "journey.photo.photo_view",
        target=photo,
        subject=photo.case.subject,
        level=str(photo.level),
        purpose=purpose_of(by, photo.case.patient, now).value,
        detail={"page": "photo", "size": size.value},
        by=by,
        at=now,
    )
    return marked


@transaction.atomic
def void(photo_id: UUID, *, reason: str, by: Staff, now: datetime) -> Photo:
    """Mark a mistaken photo 作废: hidden from everybody, kept with name, time and reason."""
    photo = _open_to_write(photo_id, Permission.TEST_WRITE, by=by, now=now)
    photo.void_reason = rules.check_void(is_voided=photo.voided_at is not None, reason=reason)
    photo.voided_at, photo.voided_by = now, by
    photo.save(update_fields=["voided_at", "voided_by", "void_reason"])
    log.record("journey.photo.voided", target=photo, subject=photo.case.subject, by=by, at=now)
    return photo


@transaction.atomic
def release(photo_id: UUID, *, use: PhotoUse, is_on: bool, by: Staff, now: datetime) -> PhotoRelease:
    """Let a photo be used for teaching or publicity under the consent to just that, or no longer."""
    photo = _open_to_write(photo_id, Permission.PLAN_WRITE, by=by, now=now)
    newest = photo.releases.filter(use=use).order_by("-at", "-id").first()
    consent = has_consent(photo.case.patient, rules.PURPOSES[use], now) if is_on else None
    if is_on:
        rules.check_release(
            use,
            is_intimate=photo.is_intimate,
            has_consent=consent is not None,
            where=f"desk:patient-consents:{photo.case.patient.public_id}",
        )
    if newest is not None and (newest.is_on, newest.consent_id) == (is_on, consent and consent.pk):
        return newest
    row = PhotoRelease.objects.create(photo=photo, use=use, is_on=is_on, consent=consent, by=by, at=now)
    verb = "released" if is_on else "withheld"
    log.record(
        f"journey.photo.{verb}", target=row, subject=photo.case.subject, purpose=use.value, by=by, at=now
    )
    return row


def _moment_of(taken_on: date | None, *, now: datetime) -> datetime:
    """A photo of another day is dated at its noon: the clock of a stranger's camera tells nothing."""
    if taken_on is None or taken_on == local_date(now):
        return now
    return datetime.combine(taken_on, NOON, SHANGHAI)


def _keep(developed: pictures.Pictures, photo: Photo, *, by: Staff, now: datetime) -> Photo:
    case, key = photo.case, photo.case.patient.person.vault_key
    same = {
        "full__sha256": hashlib.sha256(developed.full).hexdigest(),
        "angle": photo.angle,
        "moment": photo.moment,
    }
    known = case.photos.in_force().filter(**same).first()
    if known is not None:
        return known
    for size in PhotoSize:
        data: bytes = getattr(developed, size.value)
        setattr(photo, size.value, files.store(data, key=key, content_type="image/jpeg"))
    photo.save(force_insert=True)
    log.record(
        "journey.photo.taken", target=photo, subject=case.subject, level=str(photo.level), by=by, at=now
    )
    return photo


def _open_to_write(photo_id: UUID, permission: Permission, *, by: Staff, now: datetime) -> Photo:
    need(by, permission)
    photo = queries.open_photo(photo_id, by=by, now=now)
    lock_case(photo.case_id)
    photo.refresh_from_db(fields=["voided_at"])
    return photo
