"""Stories that customers tell on their phones: one shown inside the house, one that waits for its checks."""

from datetime import datetime, timedelta

from yimei.core.clock import local_date
from yimei.growth.actions import stories, story_stands
from yimei.growth.enums.stories import Checker, StoryPlace, StoryUse
from yimei.growth.models import Story
from yimei.growth.queries import stories as queries
from yimei.growth.queries import story_chart
from yimei.growth.rules import stories as rules
from yimei.hospital.enums import Category
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.operation import drawn_signature
from yimei.rehearsal.actions.world import World

TOLD = (
    (
        "第二周才敢出门",
        "我犹豫了半年才来。第一周肿得厉害，睡觉要垫高枕头，吃饭也慢。第二周拆完线才敢出门，护士教我怎样清洗。",
        Category.EYE,
    ),
    (
        "给怕疼的人",
        "最怕的是打麻药那几秒，其实护士一直在旁边和我说话。回家以后按时冷敷，第三天开始就不用吃止痛药了。",
        Category.OTHER,
    ),
)
EYES = rules.Mask(30, 45)
SOME = 40


def tell(world: World, *, now: datetime) -> int:
    """Let two customers tell theirs; return how many stories there are."""
    tellers = _tellers(world, now=now)
    for n, (patient, (title, words, category)) in enumerate(zip(tellers, TOLD, strict=False)):
        begun = now - timedelta(days=6 - 5 * n)
        story = stories.begin_own(patient, now=begun)
        stories.write(story.public_id, title=title, words=words, category=category, by=patient, now=begun)
        shots = [one for one in story_chart.shots(patient) if not one.is_intimate][:1]
        for shot in shots:
            stories.add_from_chart(
                story.public_id, photo_id=shot.public_id, has_face=False, mask=EYES, by=patient, now=begun
            )
        stories.agree(
            story.public_id,
            uses=[StoryUse.TALK, StoryUse.TRAINING],
            has_pictures=bool(shots),
            has_face=False,
            until=local_date(begun + timedelta(days=180)),
            signature=drawn_signature(n),
            by=patient,
            now=begun + timedelta(minutes=12),
        )
        if n == 0:
            _put_up(world, story, now=begun + timedelta(days=1))
    return Story.objects.count()


def _tellers(world: World, *, now: datetime) -> list[Patient]:
    """Adults of this campus who can decide for themselves, those with pictures in their charts first."""
    rows = Patient.objects.counted().filter(campus=world.campus, sealed_at=None)
    rows = rows.filter(orders__payments__amount__gt=0).distinct().with_person().order_by("-created_at")
    able = [one for one in rows[:SOME] if queries.may_decide(one, local_date(now))]
    return sorted(able, key=lambda one: not story_chart.shots(one))


def _put_up(world: World, story: Story, *, now: datetime) -> None:
    for checker, role in ((Checker.MEDICAL, RoleCode.SURGEON), (Checker.LAW, RoleCode.PRIVACY)):
        stories.review(
            story.public_id,
            checker=checker,
            yes=[item.code for item in rules.checklist(checker)],
            passes=True,
            note="",
            by=world.first(role),
            now=now,
        )
    keeper = world.first(RoleCode.AFTERCARE)
    for kind, where in ((StoryPlace.ALBUM, ""), (StoryPlace.PRINT, "二楼 3 诊室参考册第 12 页")):
        story_stands.put_up(story.public_id, kind=kind, where=where, by=keeper, now=now)
