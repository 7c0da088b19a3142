"""Tags: new words, put on people and taken off; a person may have all of hers taken off."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.names import normalise
from yimei.growth.actions import profiles
from yimei.growth.models import Profile, Tag, Tagging
from yimei.people.access import need, open_patient
from yimei.people.models import Staff
from yimei.people.roles import Permission

NAME_LENGTH = 20
MOST = 200


@transaction.atomic
def create(*, name: str, by: Staff, now: datetime) -> Tag:
    """Add a word; the same word is not added twice."""
    need(by, Permission.GROWTH_WRITE)
    words = normalise(name.replace("\0", ""))
    if not words or len(words) > NAME_LENGTH:
        raise RuleBroken(_("标签为 1 到 %(n)d 个字。") % {"n": NAME_LENGTH}, code="name")
    lock("growth.tags")
    if Tag.objects.filter(name=words).exists():
        raise RuleBroken(_("已有这个标签。"), code="name")
    if Tag.objects.count() >= MOST:
        raise RuleBroken(_("标签已满 %(n)d 个，请先整理。") % {"n": MOST}, code="name")
    tag = Tag.objects.create(code=words, name=words, created_at=now, created_by=by)
    log.record("growth.tag.create", at=now, by=by, target=tag)
    return tag


@transaction.atomic
def set_all(patient_id: UUID, codes: Collection[str], *, by: Staff, now: datetime) -> int:
    """Let a customer have exactly these tags; return how many were put on or taken off."""
    need(by, Permission.LEAD_WRITE)
    patient = open_patient(patient_id, by=by)
    lock(f"growth.tags:{patient.pk}")
    wanted = {tag.code: tag for tag in Tag.objects.filter(code__in=codes, is_active=True)}
    if set(codes) - set(wanted):
        raise NotFound
    profile = Profile.objects.filter(patient=patient).first()
    if profile is None:
        profiles.read_now([patient.pk], now=now)
        profile = Profile.objects.filter(patient=patient).first()
    if profile is None and wanted:
        raise RuleBroken(_("这位客户要求限制处理，或档案已并入他人，不能打标签。"), code="tags")
    if profile is None:
        return 0
    off = Tagging.objects.filter(profile=profile).exclude(tag__code__in=wanted)
    taken = off.delete()[0]
    added = sum(put(profile, tag, now=now, by=by) for tag in wanted.values())
    if taken or added:
        subject = patient.person.vault_key
        log.record("growth.tag.set", at=now, by=by, target=patient, subject=subject, rows=taken + added)
    return taken + added


@transaction.atomic
def forget_all(patient_id: UUID, *, by: Staff, now: datetime) -> int:
    """Take every tag off a customer who asks for it (个人信息保护法第二十四条)."""
    patient = open_patient(patient_id, by=by)
    taken, _rows = Tagging.objects.filter(profile__patient=patient).delete()
    log.record(
        "growth.tag.forget", at=now, by=by, target=patient, subject=patient.person.vault_key, rows=taken
    )
    return taken


@transaction.atomic
def put(profile: Profile, tag: Tag, *, now: datetime, by: Staff | None = None, flow: str = "") -> bool:
    """Put a tag on somebody; part of a larger action, which writes the log. Who refused tags gets none."""
    if not tag.is_active:
        raise NotFound
    if profile.refuses_profiling:
        return False
    _row, is_new = Tagging.objects.get_or_create(
        tag=tag, profile=profile, defaults={"by": by, "flow": flow, "at": now}
    )
    return is_new
