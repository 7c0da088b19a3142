"""Segments: saved in versions, counted, followed, given up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.core.names import normalise
from yimei.growth.access import open_segment
from yimei.growth.enums import SegmentUse
from yimei.growth.models import Profile, Segment, SegmentMember, SegmentVersion
from yimei.growth.queries import segments as queries
from yimei.growth.rules import segments as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope

NAME_LENGTH = 40
MARGIN = timedelta(minutes=10)
"""A profile may be written by a worker that looked at the clock before the last sync did."""


@transaction.atomic
def create(
    *,
    name: str,
    use: SegmentUse,
    tree: Mapping[str, Any],
    by: Staff,
    now: datetime,
    whole_group: bool = False,
) -> Segment:
    """Write down a segment of the writer's campus, or of all campuses by whoever answers for them."""
    need(by, Permission.GROWTH_WRITE)
    if whole_group and by.scope_of(Permission.GROWTH_WRITE) != Scope.GROUP:
        raise RuleBroken(_("您只能为本院区建立分群。"), code="campus")
    node = _checked(tree, use)
    segment = Segment(
        name=_free_name(name, None),
        use=use,
        campus=None if whole_group else by.campus,
        rules=rules.plain(node),
        created_at=now,
        created_by=by,
    )
    segment.save(force_insert=True)
    _keep(segment, by=by, now=now)
    log.record("growth.segment.create", at=now, by=by, target=segment)
    return segment


@transaction.atomic
def change(
    segment_id: UUID, *, name: str, use: SegmentUse, tree: Mapping[str, Any], by: Staff, now: datetime
) -> Segment:
    """Save new rules as the next version; nothing of the old one is lost."""
    segment = open_segment(segment_id, by=by, lock=True, permission=Permission.GROWTH_WRITE)
    if segment.archived_at is not None:
        raise RuleBroken(_("这个分群已停用，不能修改。"))
    node = _checked(tree, use)
    wanted = (_free_name(name, segment), use.value, rules.plain(node))
    if wanted == (segment.name, segment.use, segment.rules):
        return segment
    segment.name, segment.use, segment.rules = wanted
    segment.number += 1
    segment.synced_on = None
    segment.save(update_fields=["name", "use", "rules", "number", "synced_on"])
    _keep(segment, by=by, now=now)
    log.record("growth.segment.change", at=now, by=by, target=segment, detail={"number": segment.number})
    return segment


@transaction.atomic
def archive(segment_id: UUID, *, by: Staff, now: datetime) -> Segment:
    """Give a segment up; its versions stay, its members are let go."""
    segment = open_segment(segment_id, by=by, lock=True, permission=Permission.GROWTH_WRITE)
    if segment.archived_at is None:
        if segment.is_followed:
            raise RuleBroken(_("有旅程正在使用这个分群，请先停用那些旅程。"), code="followed")
        segment.archived_at = now
        segment.save(update_fields=["archived_at"])
        SegmentMember.objects.filter(segment=segment).delete()
        log.record("growth.segment.archive", at=now, by=by, target=segment)
    return segment


@transaction.atomic
def explain(segment_id: UUID, *, text: str, by: Staff, now: datetime) -> queries.Answer:
    """Say why one person is in or out; a look at her, and so written down."""
    segment = open_segment(segment_id, by=by)
    profile = queries.find_person(text, by=by)
    answer = queries.explain(segment, profile, now=now)
    subject = profile.patient.person.vault_key if profile.patient else profile.lead.vault_key  # type: ignore[union-attr]
    log.record("growth.person.explain", at=now, by=by, target=segment, subject=subject, purpose="service")
    return answer


@transaction.atomic
def follow(segment: Segment, *, is_followed: bool, now: datetime) -> None:
    """Keep a segment's members from now on, without calling those who are in already newcomers."""
    if segment.is_followed == is_followed:
        return
    segment.is_followed = is_followed
    segment.save(update_fields=["is_followed"])
    if is_followed:
        sync(segment, now=now)
    else:
        SegmentMember.objects.filter(segment=segment).delete()


@transaction.atomic
def sync(segment: Segment, *, now: datetime) -> tuple[int, int]:
    """Bring the members up to now; return how many came and how many left.

    Only profiles read since the last time are asked again; everybody when the rules are new or,
    for rules that speak of days, the day is.
    """
    lock(f"growth.segment:{segment.pk}")
    segment.refresh_from_db()
    today = local_date(now)
    node = rules.parse(segment.rules)
    is_whole = segment.synced_on is None or (rules.is_relative(node) and segment.synced_on != today)
    inside = queries.members(segment, on=today).order_by()
    known = gone = SegmentMember.objects.filter(segment=segment)
    if not is_whole and segment.synced_at is not None:
        fresh = Profile.objects.filter(read_at__gte=segment.synced_at - MARGIN).order_by()
        inside = inside.filter(pk__in=fresh.values("pk"))
        gone = known.filter(profile__in=fresh.values("pk"))
    before = known.count()
    left, _rows = gone.exclude(profile__in=inside.values("pk")).delete()
    newcomers = inside.exclude(pk__in=known.order_by().values("profile")).values_list("pk", flat=True)
    SegmentMember.objects.bulk_create(
        (
            SegmentMember(segment=segment, profile_id=pk, since=now)
            for pk in newcomers.iterator(chunk_size=5000)
        ),
        batch_size=2000,
        ignore_conflicts=True,
    )
    segment.counted = known.count()
    segment.counted_at = segment.synced_at = now
    segment.synced_on = today
    segment.save(update_fields=["counted", "counted_at", "synced_at", "synced_on"])
    return segment.counted - before + left, left


def sync_all(*, now: datetime) -> int:
    """Bring every followed segment up to now, each in a transaction of its own."""
    rows = Segment.objects.living().filter(is_followed=True).order_by("pk")
    return sum(sum(sync(segment, now=now)) for segment in rows)


def recount(*, now: datetime) -> int:
    """Count those nobody follows, for the list; a figure of the night, the page itself counts live."""
    done = 0
    for segment in Segment.objects.living().filter(is_followed=False):
        inside = queries.members(segment, on=local_date(now)).count()
        Segment.objects.filter(pk=segment.pk).update(counted=inside, counted_at=now)
        done += 1
    return done


def _checked(tree: Mapping[str, Any], use: SegmentUse) -> rules.Node:
    node = rules.parse(tree)
    rules.check_use(node, use)
    known = queries.tag_labels()
    for test in rules.tests(node):
        if test.field.code == "tags" and isinstance(test.value, tuple):
            for code in test.value:
                if code not in known:
                    raise RuleBroken(_("没有「%(tag)s」这个标签。") % {"tag": code}, code="rules")
    return node


def _free_name(name: str, own: Segment | None) -> str:
    words = normalise(name.replace("\0", ""))
    if not words or len(words) > NAME_LENGTH:
        raise RuleBroken(_("请填写名称，不超过 %(n)d 字。") % {"n": NAME_LENGTH}, code="name")
    lock(f"growth.segment.name:{words}")
    taken = Segment.objects.living().filter(name=words)
    if (taken.exclude(pk=own.pk) if own else taken).exists():
        raise RuleBroken(_("已有同名的分群，请换一个名称。"), code="name")
    return words


def _keep(segment: Segment, *, by: Staff, now: datetime) -> None:
    SegmentVersion.objects.create(
        segment=segment,
        number=segment.number,
        name=segment.name,
        use=segment.use,
        rules=segment.rules,
        by=by,
        at=now,
    )
    inside = queries.members(segment, on=local_date(now)).count()
    segment.counted, segment.counted_at = inside, now
    Segment.objects.filter(pk=segment.pk).update(counted=inside, counted_at=now)
