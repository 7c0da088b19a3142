"""Where a story stands: put up, taken down; her withdrawal ends it everywhere at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions.story_steps import step, tell, tell_writer
from yimei.growth.enums.stories import StoryEnd, StoryPlace, StoryStatus, StoryStepKind
from yimei.growth.models import Story, StoryStand
from yimei.growth.models.stories import PURPOSE
from yimei.growth.queries import stories as queries
from yimei.growth.queries import story_ends
from yimei.growth.rules import stories as rules
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents, erasure
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries import has_consent
from yimei.privacy.rules import pii
from yimei.vault import keys

K = StoryStepKind


@transaction.atomic
def put_up(story_id: UUID, *, kind: str, where: str, by: Staff, now: datetime) -> StoryStand:
    """Put a cleared story where she allowed it; a place of the public is refused with its articles."""
    story = queries.open_story(story_id, by=by, lock=True)
    spot = rules.spot(kind)
    version = story.current
    if story.status != StoryStatus.CLEARED or version is None:
        raise RuleBroken(_("通过医学与广告法两项审核后才能使用。"), code="status")
    if not queries.stands(story, now=now):
        raise RuleBroken(_("本人的同意不再有效，不能使用。"), code="status")
    rules.check_spot(spot, version.scope)
    words = where.replace("\0", "").strip()
    if not spot.is_inside and not words:
        raise RuleBroken(_("请写明具体位置：撤下时要找得到。"), code="where")
    if len(words) > rules.WHERE_LENGTH or pii.find(words):
        raise RuleBroken(_("位置不超过 %(n)d 字，不写个人信息。") % {"n": rules.WHERE_LENGTH}, code="where")
    if version.stands.filter(kind=kind, where=words, down_at=None).exists():
        raise RuleBroken(_("这里已经放了这个故事。"), code="where")
    stand = StoryStand.objects.create(version=version, kind=kind, where=words, up_at=now, up_by=by)
    step(story, K.UP, by=by, now=now, note=StoryPlace(kind).label)
    _record("put_up", story, by=by, now=now, reason=kind)
    return stand


@transaction.atomic
def take_down(stand_id: UUID, *, proof: str, by: Staff, now: datetime) -> StoryStand:
    """Say that it is gone from there, and how that is known; the last one to go ends the content."""
    stand = queries.open_stand(stand_id, by=by)
    if stand.down_at is not None:
        return stand
    words = proof.replace("\0", "").strip()
    if not stand.is_inside and len(words) < 4:
        raise RuleBroken(_("请写明怎样确认已经撤下：例如「第 3 页抽出并粉碎，照片存于…」。"), code="proof")
    if len(words) > 200 or pii.find(words):
        raise RuleBroken(_("不超过 200 字，不写个人信息。"), code="proof")
    stand.down_at, stand.down_by, stand.proof = now, by, words
    stand.save(update_fields=["down_at", "down_by", "proof"])
    story = stand.version.story
    step(story, K.DOWN, by=by, now=now, note=StoryPlace(stand.kind).label)
    _record("take_down", story, by=by, now=now, reason=stand.kind)
    _destroy_when_down(story, now=now)
    return stand


@transaction.atomic
def withdraw(story_id: UUID, *, by: Staff | Patient, device: str = "", now: datetime) -> Story:
    """She takes it back by one act, for no reason: gone inside at once, a task with a clock for the rest."""
    story = queries.open_to_end(story_id, by=by)
    if story.status == StoryStatus.ENDED:
        return story
    staff = by if isinstance(by, Staff) else None
    end(story, StoryEnd.WITHDRAWN, by=staff, now=now)
    others = Story.objects.of_person(story.patient).filter(
        status__in=[StoryStatus.AGREED, StoryStatus.CLEARED]
    )
    if story.current is not None and not others.exists() and has_consent(story.patient, PURPOSE, now):
        consents.withdraw(
            story.patient,
            PURPOSE,
            by=staff,
            channel=ConsentChannel.TABLET if staff else ConsentChannel.PORTAL,
            device=device,
            now=now,
        )
    return story


@transaction.atomic
def stop(story_id: UUID, *, by: Staff, now: datetime) -> Story:
    """The hospital uses it no more; her consent to others stands."""
    story = queries.open_story(story_id, by=by, lock=True)
    rules.check_move(StoryStatus(story.status), StoryStatus.ENDED)
    end(story, StoryEnd.STOPPED, by=by, now=now)
    return story


def end(story: Story, why: StoryEnd, *, by: Staff | None, now: datetime, is_erased: bool = False) -> None:
    """End it everywhere: inside it is gone with this row, outside each place has its task and its clock."""
    rules.check_move(StoryStatus(story.status), StoryStatus.ENDED)
    story.status, story.why, story.ended_at = StoryStatus.ENDED, why, now
    story.save(update_fields=["status", "why", "ended_at"])
    step(story, K.ENDED, by=by, now=now, note=why.label)
    due = now + story_ends.down_within(local_date(now))
    for stand in StoryStand.objects.filter(version__story=story, down_at=None).select_related("up_by"):
        if stand.is_inside:
            stand.down_at = now
            stand.save(update_fields=["down_at"])
            step(story, K.DOWN, by=None, now=now, note=StoryPlace(stand.kind).label)
        else:
            stand.due_at = due
            stand.save(update_fields=["due_at"])
            text = _("一个客户故事须撤下：%(place)s %(where)s。请在期限内撤下并登记。")
            words = {"place": StoryPlace(stand.kind).label, "where": stand.where}
            for one in {stand.up_by, *queries.keepers(story.campus)}:
                tell(one, text % words, story, f"down-{stand.public_id}", now=now)
    _record("end", story, by=by, now=now, reason=why.value)
    if not is_erased:
        _destroy_when_down(story, now=now)


def watch(*, now: datetime) -> int:
    """End what no consent carries any more, tell those above what is late; each by itself."""
    done = sum(_end_over(pk, why, now=now) for pk, why in list(story_ends.to_end(now=now)))
    done += sum(_tell_late(pk, now=now) for pk in story_ends.late_stands(now=now))
    return done + sum(_end_draft(pk, now=now) for pk in story_ends.drafts_forgotten(now=now))


@transaction.atomic
def _end_over(pk: int, why: StoryEnd, *, now: datetime) -> bool:
    story = queries.locked(pk)
    if story.status == StoryStatus.ENDED:
        return False
    end(story, why, by=None, now=now)
    return True


@transaction.atomic
def _tell_late(pk: int, *, now: datetime) -> bool:
    stand = story_ends.locked_stand(pk)
    if stand.down_at is not None or stand.late_at is not None:
        return False
    stand.late_at = now
    stand.save(update_fields=["late_at"])
    story = stand.version.story
    step(story, K.LATE, by=None, now=now, note=StoryPlace(stand.kind).label)
    for one in queries.keepers(story.campus):
        tell(one, gettext_noop("一个客户故事超过时限还没有撤下。"), story, f"late-{stand.public_id}", now=now)
    return True


@transaction.atomic
def _end_draft(pk: int, *, now: datetime) -> bool:
    story = queries.locked(pk)
    if story.status != StoryStatus.DRAFT:
        return False
    end(story, StoryEnd.EXPIRED, by=None, now=now)
    tell_writer(story, gettext_noop("一个没有写完的客户故事已过期，内容已销毁。"), "old", now=now)
    return True


@transaction.atomic
def show(story_id: UUID, *, place: StoryPlace, by: Staff, now: datetime) -> Story:
    """Open a story where it stands; each look is written down on the person's own log."""
    story = queries.open_shown(story_id, place=place, by=by, now=now)
    log.record(
        f"growth.story.{Look.VIEW}",
        target=story,
        subject=story.patient.person.vault_key,
        purpose=LookPurpose.SERVICE.value,
        detail={"page": place.value},
        by=by,
        at=now,
    )
    return story


def erase_stories(patient: Patient, now: datetime) -> int:
    """End and destroy what a person told; places outside keep their task and its clock."""
    done = 0
    for pk in list(Story.objects.filter(patient=patient).values_list("pk", flat=True)):
        story = queries.locked(pk)
        if story.status != StoryStatus.ENDED:
            end(story, StoryEnd.ERASED, by=None, now=now, is_erased=True)
        done += erase_row(story, now=now)
    return done


def erase_row(story: Story, *, now: datetime) -> bool:
    """Destroy the key: words and pictures are gone, the bare rows prove what was done."""
    is_new = story.erased_at is None
    if is_new:
        step(story, K.ERASED, by=None, now=now)
    keys.destroy(story.vault_key, at=now)
    if is_new:
        story.erased_at, story.category = now, ""
        story.save(update_fields=["erased_at", "category"])
        story.pictures.update(is_intimate=False)
    return is_new


@transaction.atomic
def forget_again(key: UUID, now: datetime) -> bool:
    """After a restore: destroy once more what lay under this key; False when it is gone or was never here."""
    found = Story.objects.select_related("vault_key").filter(vault_key__public_id=key).first()
    if found is None or (found.erased_at is not None and found.vault_key.is_destroyed):
        return False
    story = queries.locked(found.pk)
    if story.status != StoryStatus.ENDED:
        end(story, StoryEnd.ERASED, by=None, now=now, is_erased=True)
    erase_row(story, now=now)
    log.record("privacy.erasure.reapplied", at=now, target=story, subject=story.vault_key)
    return True


def _destroy_when_down(story: Story, *, now: datetime) -> None:
    """Once it is over and stands nowhere, nobody needs its words any more (个人信息保护法 第四十七条)."""
    if story.status != StoryStatus.ENDED or story.erased_at is not None:
        return
    if StoryStand.objects.filter(version__story=story, down_at=None).exists():
        return
    if erase_row(story, now=now):
        erasure.note(story.vault_key.public_id, now=now)


def _record(verb: str, story: Story, *, by: Staff | None, now: datetime, reason: str = "") -> None:
    subject = story.patient.person.vault_key
    log.record(f"growth.story.{verb}", target=story, subject=subject, reason=reason, by=by, at=now)
