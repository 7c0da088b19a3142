"""Reads of customers' stories: the gates to one, where they may be seen, what a reader may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import age_on, local_date
from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.growth.enums.stories import Checker, PublicPlace, StoryPlace, StoryStatus
from yimei.growth.models import Story, StoryPicture, StoryReview, StoryStand
from yimei.growth.models.stories import PURPOSE, StoryQuerySet
from yimei.growth.rules import stories as rules
from yimei.hospital.models import Campus
from yimei.journey.queries.visits import number
from yimei.people.enums import LicenceKind
from yimei.people.models import Patient, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission, Scope
from yimei.privacy.queries import consenting, has_consent

CHECKING = {Checker.MEDICAL: Permission.STORY_MEDICAL, Checker.LAW: Permission.STORY_LAW}
READING = (Permission.STORY_WRITE, Permission.STORY_MEDICAL, Permission.STORY_LAW)
ADULT = 18
VIEWS = ("wait", "use", "draft", "down", "over")


# ---- numbers ----------------------------------------------------------------------------------------


def most_days(on: date) -> int:
    return number("story.most_days", on, 365)


# ---- the gates --------------------------------------------------------------------------------------


def reachable(by: Staff) -> StoryQuerySet:
    """Whatever any of the reader's rights about stories reaches."""
    rows = Story.objects.none()
    for permission in READING:
        rows = rows | Story.objects.in_reach_of(by, permission)
    return rows


def open_story(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.STORY_WRITE
) -> Story:
    return only(Story.objects.visible_to(by, permission).with_people(), public_id, lock=lock)


def open_any(public_id: UUID, *, by: Staff) -> Story:
    """For whoever writes, checks or takes down."""
    return only(reachable(by).with_people(), public_id)


def open_draft(public_id: UUID, *, by: Staff | Patient) -> Story:
    """A draft to write on, locked: the hospital's for its writer, her own for herself."""
    if isinstance(by, Staff):
        story = open_story(public_id, by=by, lock=True)
        if story.patient.is_restricted:
            raise NotFound
    else:
        story = only(Story.objects.of_person(by).with_people(), public_id, lock=True)
    if story.status != StoryStatus.DRAFT:
        raise RuleBroken(_("这个故事已经不是草稿，请刷新后再看。"), code="status")
    return story


def open_to_end(public_id: UUID, *, by: Staff | Patient) -> Story:
    """For a withdrawal: hers wherever it was begun; at the desk for whoever writes or checks the law."""
    if isinstance(by, Patient):
        return only(Story.objects.of_person(by).with_people(), public_id, lock=True)
    rows = Story.objects.in_reach_of(by) | Story.objects.in_reach_of(by, Permission.STORY_LAW)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return locked(found.pk)


def open_stand(public_id: UUID, *, by: Staff) -> StoryStand:
    """A place, locked, for whoever looks after stories there."""
    stands = StoryStand.objects.filter(
        version__story__in=Story.objects.in_reach_of(by).order_by().values("pk")
    )
    row = only(stands, public_id, lock=True)
    row.version.story = locked(row.version.story_id)
    return row


def locked(pk: int) -> Story:
    rows = Story.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.with_people().get()


def own(patient: Patient) -> list[Story]:
    """Her stories on her phone, whichever of her files they began in."""
    return list(Story.objects.of_person(patient).with_people())


def open_own(public_id: UUID, *, patient: Patient) -> Story:
    return only(Story.objects.of_person(patient).with_people(), public_id)


def open_picture(public_id: UUID, *, by: Staff | Patient, now: datetime) -> StoryPicture:
    """A picture of hers; for staff of a story that she may see now. What is over has no address any more."""
    rows = StoryPicture.objects.filter(removed_at=None).select_related("file__key", "story")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    if isinstance(by, Patient):
        story = open_own(found.story.public_id, patient=by)
    else:
        story = _seen_by(found.story, by=by, now=now)
    if not story.is_readable:
        raise NotFound
    return found


def _seen_by(story: Story, *, by: Staff, now: datetime) -> Story:
    mine = reachable(by).filter(pk=story.pk).with_people().first()
    if mine is not None and not mine.patient.is_restricted:
        return mine
    return open_shown(story.public_id, place=None, by=by, now=now)


# ---- where it may be seen ---------------------------------------------------------------------------


def may_decide(patient: Patient, on: date) -> bool:
    """Of age by her own birth date, and able to decide: nobody else gives a story for her."""
    birth = patient.head.person.birth_date
    return birth is not None and age_on(birth, on) >= ADULT and not needs_guardian(patient.head, on)


def stands(story: Story, *, now: datetime) -> bool:
    """Whether her consent to the version that counts carries it this moment."""
    version, today = story.current, local_date(now)
    if version is None or story.patient.is_restricted or version.until < today:
        return False
    if Story.objects.filter(pk=story.pk).refused_since().exists():
        return False
    return may_decide(story.patient, today) and has_consent(story.patient, PURPOSE, now) is not None


def shown(place: StoryPlace, *, by: Staff, category: str = "", now: datetime) -> list[Story]:
    """What stands in one place inside this program; a consent that ended a second ago hides it."""
    up = StoryStand.objects.filter(version=OuterRef("current"), kind=place, down_at=None)
    rows = Story.objects.visible_to(by, Permission.STORY_SHOW).filter(
        Exists(up),
        status=StoryStatus.CLEARED,
        current__until__gte=local_date(now),
        patient__restricted_at=None,
    )
    if category:
        rows = rows.filter(category=category)
    gone = set(rows.refused_since().order_by().values_list("pk", flat=True))
    found = [story for story in rows.with_people() if story.pk not in gone]
    allowed = consenting([story.patient for story in found], PURPOSE, now)
    return [story for story in found if story.patient_id in allowed]


def open_shown(public_id: UUID, *, place: StoryPlace | None, by: Staff, now: datetime) -> Story:
    """A story that stands in a place inside this program now, for whoever may show it."""
    story = only(Story.objects.visible_to(by, Permission.STORY_SHOW).with_people(), public_id)
    places = [place] if place else [StoryPlace.ALBUM, StoryPlace.LESSON]
    if story.status != StoryStatus.CLEARED or story.current is None or not stands(story, now=now):
        raise NotFound
    if not story.current.stands.filter(kind__in=places, down_at=None).exists():
        raise NotFound
    return story


def shots(story: Story) -> list[StoryPicture]:
    """The pictures that count: of a draft those that are in it, else those that she agreed to."""
    if not story.is_readable:
        return []
    if story.status != StoryStatus.DRAFT and story.current is not None:
        return list(story.pictures.filter(public_id__in=story.current.shots))
    return list(story.pictures.filter(removed_at=None))


# ---- lists ------------------------------------------------------------------------------------------


def listed(view: str, *, by: Staff) -> StoryQuerySet:
    every = reachable(by)
    rows = every.filter(patient__restricted_at=None)
    down = StoryStand.objects.filter(version__story=OuterRef("pk"), down_at=None, due_at__isnull=False)
    chosen = {
        "wait": rows.filter(status=StoryStatus.AGREED),
        "use": rows.filter(status=StoryStatus.CLEARED),
        "draft": rows.filter(status=StoryStatus.DRAFT),
        "down": every.filter(Exists(down)),
        "over": rows.filter(status=StoryStatus.ENDED),
    }[view]
    return chosen.with_people().distinct()


def counts(*, by: Staff) -> dict[str, int]:
    rows = reachable(by).filter(patient__restricted_at=None).order_by()
    found = rows.aggregate(
        wait=Count("pk", filter=Q(status=StoryStatus.AGREED), distinct=True),
        use=Count("pk", filter=Q(status=StoryStatus.CLEARED), distinct=True),
        draft=Count("pk", filter=Q(status=StoryStatus.DRAFT), distinct=True),
    )
    return found | {"down": down_count(by)}


def down_count(by: Staff) -> int:
    """How many places wait to be taken down."""
    rows = StoryStand.objects.filter(down_at=None, due_at__isnull=False)
    return rows.filter(version__story__in=reachable(by).order_by().values("pk")).count()


def stands_of(story: Story) -> QuerySet[StoryStand]:
    return (
        StoryStand.objects.filter(version__story=story)
        .select_related("up_by", "down_by", "version")
        .order_by("up_at")
    )


@dataclass(frozen=True)
class Chance:
    """One place that the form offers, or the articles that close it."""

    kind: str
    label: str
    refusal: str


def chances(story: Story) -> list[Chance]:
    """Where it may stand with what she allowed; what the law closes is shown with its articles."""
    uses = story.current.scope.uses if story.current else frozenset()
    found = [
        Chance(
            kind.value,
            str(kind.label),
            "" if spot.use in uses else _("本人没有同意这种用途"),
        )
        for kind, spot in rules.SPOTS.items()
    ]
    return found + [
        Chance(kind.value, str(kind.label), "；".join(str(law) for law in rules.REFUSED[kind]))
        for kind in PublicPlace
    ]


def promises() -> Sequence[str]:
    """What she is told before she signs, on the screen and on the sheet."""
    return (
        _("是否同意都不影响诊疗、价格和服务；我们不因您写了什么给任何好处。"),
        _("只用于上面勾选的院内用途，不写姓名；不发布到网站、平台或媒体，不作广告。"),
        _(
            "随时可以在手机上一次点击撤回：系统内立即消失，纸质、课件与屏幕限时撤下，每一处何时撤下您都能看到。"
        ),
        _("全部撤下后故事与照片即销毁；您签名的同意书写有这段文字，作为证据另行封存，期满删除。"),
    )


# ---- people -----------------------------------------------------------------------------------------


def able(campus: Campus, permission: Permission) -> QuerySet[Staff]:
    here = Q(role__grants__permission=permission, campus=campus)
    wide = Q(role__grants__permission=permission, role__grants__scope=Scope.GROUP)
    return Staff.objects.filter(here | wide, is_active=True).distinct().order_by("pk")


def keepers(campus: Campus) -> list[Staff]:
    """Who looks after stories at a campus."""
    rows = Staff.objects.filter(
        role__grants__permission=Permission.STORY_WRITE,
        role__grants__scope__in=[Scope.CAMPUS, Scope.GROUP],
        campus=campus,
        is_active=True,
    )
    return list(rows.distinct().order_by("pk"))


def names(campus: Campus) -> list[str]:
    """Staff whose names no story shown to customers may hold."""
    return list(Staff.objects.filter(campus=campus, is_active=True).values_list("name", flat=True))


def check_entitled(by: Staff, checker: Checker, *, on: date) -> None:
    """The medical check is a physician's: a licence in force, read from the register."""
    if checker != Checker.MEDICAL:
        return
    held = by.licences.filter(Q(valid_to=None) | Q(valid_to__gte=on), kind=LicenceKind.PHYSICIAN)
    if not held.exists():
        missing = [Missing(_("有效的医师执业证"), _("《医师法》第十三条、第十四条（条号未核实）"))]
        raise RuleBroken(_("医学审核须由有执业证的医师作出："), missing=missing, code="checker")


def returned(story: Story) -> str:
    """Why the newest version came back, while it is being mended."""
    if story.status != StoryStatus.DRAFT or story.current is None:
        return ""
    last = story.current.reviews.order_by("-at").first()
    return "" if last is None or last.passes else last.note


def reviews_of(story: Story) -> list[StoryReview]:
    """Every check of every version, the newest first; what they say goes with the story's key."""
    rows = StoryReview.objects.filter(version__story=story).select_related("by", "version__story__vault_key")
    return list(rows.order_by("-at"))


# ---- what a reader may do ---------------------------------------------------------------------------


def of_patient(patient: Patient, *, by: Staff) -> list[Story]:
    mine = Story.objects.of_person(patient) & Story.objects.visible_to(by)
    return list(mine.with_people())


def may_write(story: Story, *, by: Staff) -> bool:
    return Story.objects.visible_to(by).filter(pk=story.pk).exists() and not story.patient.is_restricted


def may_review(story: Story, checker: Checker, *, by: Staff) -> bool:
    """Whether this check is still open and the reader may give it."""
    if story.status != StoryStatus.AGREED or story.current is None:
        return False
    if not Story.objects.visible_to(by, CHECKING[checker]).filter(pk=story.pk).exists():
        return False
    return not story.current.reviews.filter(checker=checker, passes=True).exists()


def who(story: Story, *, by: Staff) -> Patient | None:
    """The customer, for a reader who may find her anyway; nobody else learns whose story it is."""
    if story.patient.is_restricted or not Patient.objects.visible_to(by).filter(pk=story.patient_id).exists():
        return None
    return story.patient


def open_stand_to_read(public_id: UUID, *, by: Staff) -> StoryStand:
    mine = Story.objects.in_reach_of(by).order_by().values("pk")
    return only(
        StoryStand.objects.filter(version__story__in=mine).select_related("version__story"), public_id
    )
