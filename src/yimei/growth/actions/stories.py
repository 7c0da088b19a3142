"""A story is written by the person or with her, agreed to by her, checked by two others."""

import io
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from PIL import Image, ImageDraw

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import SHANGHAI, age_on, local_date
from yimei.core.database.locks import lock
from yimei.core.documents import render_pdf
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.language import in_house
from yimei.growth.actions.story_steps import step, tell_checkers, tell_writer
from yimei.growth.enums.stories import Checker, StoryStatus, StoryStepKind, StoryUse
from yimei.growth.models import Story, StoryPicture, StoryReview, StoryVersion
from yimei.growth.models.stories import PURPOSE
from yimei.growth.queries import stories as queries
from yimei.growth.queries import story_chart
from yimei.growth.rules import stories as rules
from yimei.hospital.enums import Category
from yimei.journey.actions.signatures import read_signature
from yimei.journey.enums import PhotoSize
from yimei.journey.rules import pictures
from yimei.people.access import need, open_patient
from yimei.people.enums import LookPurpose, Sex
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries import needs
from yimei.vault import files
from yimei.vault.keys import new_key

K = StoryStepKind
LIVING = 5
"""How many stories one person may have at a time."""


def begin(patient_id: UUID, *, by: Staff, now: datetime) -> Story:
    """Begin a story with a customer whom the reader may find; she agrees later, by her own hand."""
    need(by, Permission.STORY_WRITE)
    return _begin(open_patient(patient_id, by=by), by=by, now=now)


def begin_own(patient: Patient, *, now: datetime) -> Story:
    """She begins one herself, on her phone."""
    return _begin(patient, by=None, now=now)


@transaction.atomic
def _begin(patient: Patient, *, by: Staff | None, now: datetime) -> Story:
    needs.need("growth.Story")
    lock(f"growth.story:{patient.head_id}")
    rules.check_person(is_adult=queries.may_decide(patient, local_date(now)))
    mine = Story.objects.of_person(patient).exclude(status=StoryStatus.ENDED)
    if mine.count() >= LIVING:
        raise RuleBroken(_("已有 %(n)d 个故事，请先停用不再需要的。") % {"n": LIVING}, code="many")
    story = Story.objects.create(
        vault_key=new_key(), campus=patient.campus, patient=patient, created_at=now, created_by=by
    )
    step(story, K.BEGUN, by=by, now=now)
    _record("begin", story, by=by, now=now)
    return story


@transaction.atomic
def write(
    story_id: UUID, *, title: str, words: str, category: str, by: Staff | Patient, now: datetime
) -> Story:
    """Keep the draft as it stands now."""
    story = queries.open_draft(story_id, by=by)
    story.title = rules.clean(title, most=rules.TITLE_LENGTH, code="title")
    story.words = rules.clean(words, most=rules.WORDS_LENGTH, least=rules.LEAST_WORDS, code="words")
    story.category = Category(category) if category in Category.values else Category.OTHER
    story.save(update_fields=["title", "words", "category"])
    _record("write", story, by=_staff(by), now=now)
    return story


def add_picture(
    story_id: UUID,
    *,
    data: bytes,
    has_face: bool,
    is_intimate: bool,
    mask: rules.Mask | None,
    by: Staff | Patient,
    now: datetime,
    origin: str = "",
) -> StoryPicture:
    """Keep a copy without metadata; a band that is to be hidden is black before anything is kept."""
    queries.open_draft(story_id, by=by)
    shot = _masked(pictures.develop(data).screen, mask)
    with transaction.atomic():
        story = queries.open_draft(story_id, by=by)
        if story.pictures.filter(removed_at=None).count() >= rules.MOST_PICTURES:
            raise RuleBroken(_("最多 %(n)d 张照片。") % {"n": rules.MOST_PICTURES}, code="picture")
        picture = StoryPicture.objects.create(
            story=story,
            file=files.store(shot, key=story.vault_key, content_type="image/jpeg"),
            has_face=has_face,
            is_intimate=is_intimate,
            added_at=now,
            added_by=_staff(by),
        )
        _record("picture", story, by=_staff(by), now=now, reason=origin)
    return picture


def add_from_chart(
    story_id: UUID, *, photo_id: UUID, has_face: bool, mask: rules.Mask | None, by: Patient, now: datetime
) -> StoryPicture:
    """She takes one of her own pictures out of her chart: a copy under the story's key, which ends with it.

    Nobody else does: whoever writes stories has no business in charts.
    """
    photo = story_chart.open_photo(photo_id, patient=by, size=PhotoSize.SCREEN)
    return add_picture(
        story_id,
        data=files.read(photo.screen),
        has_face=has_face,
        is_intimate=photo.is_intimate,
        mask=mask,
        by=by,
        now=now,
        origin=f"chart:{photo.public_id}",
    )


@transaction.atomic
def drop_picture(story_id: UUID, picture_id: UUID, *, by: Staff | Patient, now: datetime) -> Story:
    story = queries.open_draft(story_id, by=by)
    if not story.pictures.filter(public_id=picture_id, removed_at=None).update(removed_at=now):
        raise NotFound
    _record("drop_picture", story, by=_staff(by), now=now)
    return story


@transaction.atomic
def agree(
    story_id: UUID,
    *,
    uses: Collection[StoryUse],
    has_pictures: bool,
    has_face: bool,
    until: date,
    signature: str,
    by: Staff | Patient,
    device: str = "",
    now: datetime,
) -> StoryVersion:
    """She agrees to exactly this version, by her signature; what is changed later needs a new one."""
    story = queries.open_draft(story_id, by=by)
    patient, today = story.patient, local_date(now)
    rules.check_person(is_adult=queries.may_decide(patient, today))
    if not story.words:
        raise RuleBroken(_("请先写下故事。"), code="words")
    kept = list(story.pictures.filter(removed_at=None).select_related("file"))
    shots = [rules.Shot(one.file.sha256, one.has_face, one.is_intimate) for one in kept]
    scope = rules.Scope(frozenset(uses), has_pictures and bool(kept), has_face and bool(kept), until)
    rules.check_scope(scope, shots, today=today, most_days=queries.most_days(today))
    faults = rules.word_faults(f"{story.title}\n{story.words}", scope.uses, names=queries.names(story.campus))
    if faults:
        raise RuleBroken(_("还不能用，请先修改："), missing=faults, code="words")
    drawn = read_signature(signature)
    seq = story.versions.count() + 1
    sha256 = rules.digest(story.title, story.words, shots, scope, str(story.public_id))
    consent = consents.give(
        patient,
        PURPOSE,
        by=_staff(by),
        channel=ConsentChannel.PORTAL if isinstance(by, Patient) else ConsentChannel.TABLET,
        evidence=consents.Evidence(_sheet(story, scope, sha256, seq, drawn, by=by, now=now), "story.pdf"),
        device=device,
        now=now,
    )
    version = StoryVersion.objects.create(
        story=story,
        seq=seq,
        title=story.title,
        words=story.words,
        shots=[str(one.public_id) for one in kept],
        uses=sorted(scope.uses),
        has_pictures=scope.has_pictures,
        has_face=scope.has_face,
        until=until,
        sha256=sha256,
        consent=consent,
        at=now,
    )
    story.status, story.current = StoryStatus.AGREED, version
    story.save(update_fields=["status", "current"])
    step(story, K.AGREED, by=_staff(by), now=now)
    tell_checkers(story, now=now)
    _record("agree", story, by=_staff(by), now=now)
    return version


@transaction.atomic
def review(
    story_id: UUID,
    *,
    checker: Checker,
    yes: Sequence[str],
    passes: bool,
    note: str,
    by: Staff,
    now: datetime,
) -> StoryReview:
    """One of two people says yes to every question of her list, or sends it back with a reason."""
    story = queries.open_story(story_id, by=by, lock=True, permission=queries.CHECKING[checker])
    version = story.current
    if story.status != StoryStatus.AGREED or version is None:
        raise RuleBroken(_("这个故事不在待审核中，可能刚刚处理过。"), code="status")
    if not queries.stands(story, now=now):
        raise RuleBroken(_("本人的同意不再有效，不能审核。"), code="status")
    words = note.replace("\0", "").strip()[: rules.NOTE_LENGTH]
    rules.check_answers(checker, yes, passes=passes, note=words)
    done = list(version.reviews.filter(passes=True))
    if any(one.checker == checker for one in done):
        raise RuleBroken(_("这一项已经有人审核过。"), code="checker")
    if passes:
        rules.check_reviewer(reviewer=by.pk, hands=[story.created_by_id, *(one.by_id for one in done)])
        queries.check_entitled(by, checker, on=local_date(now))
    known = {item.code for item in rules.checklist(checker)}
    row = StoryReview.objects.create(
        version=version, checker=checker, passes=passes, answers=sorted(known & set(yes)), note=words,
        by=by, at=now,
    )  # fmt: skip
    step(story, K.PASSED if passes else K.RETURNED, by=by, now=now, note=checker.label)
    if not passes:
        story.status = StoryStatus.DRAFT
        story.save(update_fields=["status"])
        tell_writer(
            story, gettext_noop("一个客户故事被退回，请按意见修改后请本人重新同意。"), "back", now=now
        )
    elif len(done) + 1 == len(Checker):
        story.status = StoryStatus.CLEARED
        story.save(update_fields=["status"])
        step(story, K.CLEARED, by=by, now=now)
        tell_writer(story, gettext_noop("一个客户故事通过了两项审核，可以使用。"), "cleared", now=now)
    _record("review", story, by=by, now=now, reason=checker.value)
    return row


def look(story_id: UUID, *, by: Staff, now: datetime) -> None:
    """Write down that somebody read it (个人信息保护法 第五十四条)."""
    story = queries.open_any(story_id, by=by)
    log.record(
        f"growth.story.{Look.VIEW}",
        target=story,
        subject=story.patient.person.vault_key,
        purpose=LookPurpose.SERVICE.value,
        by=by,
        at=now,
    )


def picture(picture_id: UUID, *, by: Staff | Patient, now: datetime) -> bytes:
    """The bytes of one picture, while it may be seen by this reader; staff have their name across it."""
    found = queries.open_picture(picture_id, by=by, now=now)
    data = files.read(found.file)
    if isinstance(by, Patient):
        return data
    return pictures.mark(data, f"{by.name} {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")


def _masked(data: bytes, mask: rules.Mask | None) -> bytes:
    if mask is None:
        return data
    if not 0 <= mask.top < mask.bottom <= 100:
        raise RuleBroken(_("遮住的一段：从上往下 0 到 100，起点须小于终点。"), code="mask_top")
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        shot = image.convert("RGB")
    edge = [0, shot.height * mask.top // 100, shot.width, -(-shot.height * mask.bottom // 100)]
    ImageDraw.Draw(shot).rectangle(edge, fill="black")
    out = io.BytesIO()
    shot.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()


def _sheet(
    story: Story,
    scope: rules.Scope,
    sha256: str,
    seq: int,
    drawn: bytes,
    *,
    by: Staff | Patient,
    now: datetime,
) -> bytes:
    """The signed sheet: the words themselves, what they may be used for, and until when."""
    person, today = story.patient.person, local_date(now)
    with in_house():
        table = [
            [_("用途"), "、".join(str(StoryUse(use).label) for use in sorted(scope.uses))],
            [_("照片"), _("同意使用") if scope.has_pictures else _("不使用照片")],
            [_("露脸"), _("同意露脸") if scope.has_face else _("不露脸")],
            [_("期限"), _("至 %(day)s 止，到期自动停止使用") % {"day": scope.until.isoformat()}],
        ]
        lines: list[dict[str, object]] = [
            {
                "label": _("本人"),
                "name": person.name,
                "at": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
                "png": drawn,
            }
        ]
        if isinstance(by, Staff):
            lines.append({"label": _("经办"), "name": by.name, "note": by.title})
        return render_pdf(
            "consent.typ",
            {
                "date": now,
                "hospital": story.campus.name,
                "form_code": "story",
                "form_version": seq,
                "content_sha256": sha256,
                "patient": {
                    "name": person.name,
                    "sex": str(Sex(person.sex).label),
                    "age": str(age_on(person.birth_date, today)) if person.birth_date else "—",
                    "file_no": story.patient.file_no or "—",
                },
                "plan": {"head": [_("同意的范围"), _("内容")], "rows": table},
                "sections": [
                    {"title": story.title, "paragraphs": story.words.split("\n")},
                    {"title": _("说明"), "paragraphs": list(queries.promises())},
                ],
                "signatures": lines,
            },
            title=_("客户故事使用同意书"),
        )


def _staff(by: Staff | Patient) -> Staff | None:
    return by if isinstance(by, Staff) else None


def _record(verb: str, story: Story, *, by: Staff | None, now: datetime, reason: str = "") -> None:
    subject = story.patient.person.vault_key
    log.record(f"growth.story.{verb}", target=story, subject=subject, reason=reason, by=by, at=now)
