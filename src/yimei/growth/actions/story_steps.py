"""Pieces of every act on a story: a line of its trail, who is told."""

from datetime import datetime

from django.utils.translation import gettext_noop

from yimei.core.language import kept
from yimei.growth.enums.stories import Checker, StoryStepKind
from yimei.growth.models import Story, StoryStep
from yimei.growth.queries import stories as queries
from yimei.outbox.actions import notifications
from yimei.people.models import Staff


def step(
    story: Story, kind: StoryStepKind, *, by: Staff | None, now: datetime, note: object = ""
) -> StoryStep:
    return StoryStep.objects.create(story=story, kind=kind, note=kept(note)[:80], by=by, at=now)


def tell(staff: Staff, text: str, story: Story, what: str, *, now: datetime) -> None:
    notifications.notify(
        staff,
        text,
        key=f"growth.story:{what}:{story.public_id}:{now:%Y%m%d%H%M}",
        now=now,
        where=f"desk:story:{story.public_id}",
    )


def tell_checkers(story: Story, *, now: datetime) -> None:
    for checker in Checker:
        for one in queries.able(story.campus, queries.CHECKING[checker]):
            tell(one, gettext_noop("有一个客户故事等您审核。"), story, checker.value, now=now)


def tell_writer(story: Story, text: str, what: str, *, now: datetime) -> None:
    """Whoever began it with her; of her own ones, everybody who looks after stories there."""
    tellers = [story.created_by] if story.created_by else queries.keepers(story.campus)
    for one in tellers:
        tell(one, text, story, what, now=now)
