"""A story from her first word to the proof that the last copy is gone."""

import base64
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from PIL import Image, ImageDraw

from tests.factories import shipped
from tests.factories.hospital import CampusFactory
from tests.factories.people import LicenceFactory, StaffFactory
from tests.factories.photos import drawn
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import stories, story_stands
from yimei.growth.enums.stories import Checker, PublicPlace, StoryEnd, StoryPlace, StoryStatus, StoryUse
from yimei.growth.models import Story, StoryPicture, StoryReview, StoryStand, StoryVersion
from yimei.growth.models.stories import PURPOSE
from yimei.growth.queries import stories as queries
from yimei.growth.rules import stories as rules
from yimei.outbox.models import Notification
from yimei.people.models import Patient, Person, Staff
from yimei.privacy.actions import consents, erasure
from yimei.privacy.enums import ConsentAct
from yimei.privacy.models import Consent
from yimei.privacy.queries import has_consent
from yimei.privacy.queries.erasure import plan
from yimei.vault import files
from yimei.vault.keys import KeyDestroyed

pytestmark = pytest.mark.django_db
S = StoryStatus
WORDS = "我犹豫了半年才来。恢复的第一周肿得厉害，睡觉要垫高枕头，第二周才敢出门。"


def signature() -> str:
    image = Image.new("RGBA", (240, 90), (255, 255, 255, 0))
    ImageDraw.Draw(image).line((20, 60, 200, 30), fill="black", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


class Library(House):
    """The house with somebody who writes stories with customers, a physician and somebody for the law."""

    def __init__(self) -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        self.writer = self.staff("aftercare", "客服小林")
        self.lawyer = self.staff("privacy", "合规老赵")
        self.doctor = self.surgeons[0]
        LicenceFactory(staff=self.doctor)
        self.she = self.patient()

    def draft(self, *, by: Staff | Patient | None = None, words: str = WORDS) -> Story:
        hand = by or self.writer
        story = (
            stories.begin_own(hand, now=EIGHT)
            if isinstance(hand, Patient)
            else stories.begin(self.she.public_id, by=hand, now=EIGHT)
        )
        return stories.write(
            story.public_id, title="我的恢复期", words=words, category="eye", by=hand, now=EIGHT
        )

    def shot(self, story: Story, **values: Any) -> StoryPicture:
        asked = {"data": drawn(), "has_face": False, "is_intimate": False, "mask": None} | values
        return stories.add_picture(story.public_id, by=self.writer, now=EIGHT, **asked)

    def signed(self, story: Story, *, by: Staff | Patient | None = None, **values: Any) -> StoryVersion:
        asked = {
            "uses": list(StoryUse)[:2], "has_pictures": True, "has_face": False,
            "until": local_date(days(100)), "signature": signature(), "now": EIGHT,
        } | values  # fmt: skip
        return stories.agree(story.public_id, by=by or self.writer, **asked)

    def passes(
        self, story: Story, checker: Checker, *, by: Staff | None = None, **values: Any
    ) -> StoryReview:
        reviewer = by or {Checker.MEDICAL: self.doctor, Checker.LAW: self.lawyer}[checker]
        asked = {
            "yes": [item.code for item in rules.checklist(checker)], "passes": True, "note": "", "now": EIGHT,
        } | values  # fmt: skip
        return stories.review(story.public_id, checker=checker, by=reviewer, **asked)

    def cleared(self, **values: Any) -> Story:
        story = self.draft()
        self.signed(story, **values)
        for checker in Checker:
            self.passes(story, checker)
        story.refresh_from_db()
        return story

    def up(self, story: Story, kind: str = "album", where: str = "", *, now: datetime = EIGHT) -> StoryStand:
        return story_stands.put_up(story.public_id, kind=kind, where=where, by=self.writer, now=now)

    def album(self, *, now: datetime = EIGHT) -> list[Story]:
        return queries.shown(StoryPlace.ALBUM, by=self.consultants[0], now=now)


@pytest.fixture
def library() -> Library:
    return Library()


def test_her_consent_is_to_exactly_one_version_with_its_signed_sheet(library: Library) -> None:
    story = library.draft()
    version = library.signed(story)
    consent = version.consent
    assert (consent.act, consent.purpose.code, consent.mode) == (ConsentAct.GIVEN, PURPOSE, "written")
    assert consent.evidence is not None
    assert files.read(consent.evidence).startswith(b"%PDF")
    assert consent.notice.code == "story", "asked for apart from treatment, under a notice of its own"
    assert (version.seq, version.words, set(version.uses)) == (1, WORDS, {"talk", "training"})
    story.refresh_from_db()
    assert story.status == S.AGREED
    with pytest.raises(RuleBroken, match="不是草稿"):
        stories.write(
            story.public_id, title="改", words=WORDS + "改", category="eye", by=library.writer, now=EIGHT
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        StoryVersion.objects.filter(pk=version.pk).update(until=local_date(days(999)))
    told = set(Notification.objects.values_list("staff", flat=True))
    assert {library.doctor.pk, library.lawyer.pk} <= told


def test_a_return_asks_for_a_new_signature(library: Library) -> None:
    story = library.draft()
    library.signed(story)
    library.passes(story, Checker.LAW, passes=False, yes=[], note="第二句像疗效")
    story.refresh_from_db()
    assert (story.status, queries.returned(story)) == (S.DRAFT, "第二句像疗效")
    assert library.signed(story).seq == 2
    library.passes(story, Checker.MEDICAL)
    library.passes(story, Checker.LAW)
    story.refresh_from_db()
    assert story.status == S.CLEARED


def test_checks_need_the_right_people(library: Library) -> None:
    story = library.draft()
    library.signed(story)
    other = library.surgeons[1]
    with pytest.raises(RuleBroken, match="执业证") as refused:
        library.passes(story, Checker.MEDICAL, by=other)
    assert refused.value.missing
    for stranger in (library.consultants[0], library.writer, library.manager):
        with pytest.raises(NotFound):
            library.passes(story, Checker.MEDICAL, by=stranger)
        with pytest.raises(NotFound):
            library.passes(story, Checker.LAW, by=stranger)
    with pytest.raises(RuleBroken, match="没有确认"):
        library.passes(story, Checker.MEDICAL, yes=["facts"])
    library.passes(story, Checker.MEDICAL)
    with pytest.raises(RuleBroken, match="已经有人审核"):
        library.passes(story, Checker.MEDICAL)
    library.doctor.role.grants.create(permission="story.law", scope="campus")
    both = Staff.objects.get(pk=library.doctor.pk)
    with pytest.raises(RuleBroken, match="三个不同的人"):
        library.passes(story, Checker.LAW, by=both)


def test_the_law_closes_every_place_of_the_public_and_the_database_has_no_word_for_one(
    library: Library,
) -> None:
    story = library.cleared()
    for kind in PublicPlace:
        with pytest.raises(RuleBroken, match="本人同意也不行"):
            library.up(story, kind.value, "首页")
    stand = library.up(story)
    with pytest.raises(IntegrityError), transaction.atomic():
        StoryStand.objects.filter(pk=stand.pk).update(kind="website")
    with pytest.raises(RuleBroken, match="没有同意"):
        library.up(story, "screen", "一楼大厅")
    with pytest.raises(RuleBroken, match="具体位置"):
        library.up(story, "print", "  ")


def test_nothing_stands_before_both_checks(library: Library) -> None:
    story = library.draft()
    with pytest.raises(RuleBroken, match="两项审核"):
        library.up(story)
    library.signed(story)
    library.passes(story, Checker.MEDICAL)
    with pytest.raises(RuleBroken, match="两项审核"):
        library.up(story)


def test_one_click_takes_it_down_everywhere(library: Library) -> None:
    story = library.draft()
    shot = library.shot(story)
    library.signed(story)
    for checker in Checker:
        library.passes(story, checker)
    library.up(story)
    wall = library.up(story, "print", "二楼 3 诊室参考册第 12 页")
    consultant = library.consultants[0]
    assert library.album() == [story]
    assert stories.picture(shot.public_id, by=consultant, now=EIGHT).startswith(b"\xff\xd8")
    story_stands.withdraw(story.public_id, by=library.she, now=days(1))
    assert library.album(now=days(1)) == []
    for reader in (consultant, library.writer, library.she):
        with pytest.raises(NotFound):
            stories.picture(shot.public_id, by=reader, now=days(1))
    assert has_consent(library.she, PURPOSE, days(1)) is None
    wall.refresh_from_db()
    assert (wall.due_at, wall.down_at) == (days(2), None)
    story.refresh_from_db()
    assert (story.status, story.why, story.erased_at) == (S.ENDED, StoryEnd.WITHDRAWN, None)
    assert Notification.objects.filter(text__contains="第 12 页", staff=library.writer).exists()
    assert story_stands.watch(now=days(1.5)) == 0
    assert story_stands.watch(now=days(2)) == 1
    assert story_stands.watch(now=days(3)) == 0, "told once"
    with pytest.raises(RuleBroken, match="怎样确认"):
        story_stands.take_down(wall.public_id, proof="", by=library.writer, now=days(3))
    with pytest.raises(IntegrityError), transaction.atomic():
        StoryStand.objects.filter(pk=wall.pk).update(down_at=days(3))
    story_stands.take_down(wall.public_id, proof="第 12 页抽出粉碎", by=library.writer, now=days(3))
    story.refresh_from_db()
    assert story.erased_at == days(3)
    with pytest.raises(KeyDestroyed):
        files.read(shot.file.__class__.objects.select_related("key").get(pk=shot.file_id))
    assert story_stands.withdraw(story.public_id, by=library.writer, now=days(4)).status == S.ENDED
    trail = Entry.objects.filter(action__startswith="growth.story.").values_list("action", flat=True)
    assert {"growth.story.end", "growth.story.take_down", "growth.story.agree"} <= set(trail)


def test_nobody_checks_what_she_took_back_elsewhere(library: Library) -> None:
    story = library.draft()
    library.signed(story)
    consents.withdraw(library.she, PURPOSE, now=days(1))
    with pytest.raises(RuleBroken, match="同意不再有效，不能审核"):
        library.passes(story, Checker.MEDICAL, now=days(1))


def test_a_consent_taken_back_elsewhere_hides_it_before_any_clock(library: Library) -> None:
    story = library.cleared()
    library.up(story)
    consents.withdraw(library.she, PURPOSE, now=days(1))
    assert library.album(now=days(1)) == []
    with pytest.raises(NotFound):
        story_stands.show(story.public_id, place=StoryPlace.ALBUM, by=library.consultants[0], now=days(1))
    with pytest.raises(RuleBroken, match="不再有效"):
        library.up(story, "lesson", now=days(1))
    second = library.draft()
    library.signed(second, now=days(1.1))
    assert library.album(now=days(1.2)) == [], "a new yes is about the new story alone"
    assert story_stands.watch(now=days(1.3)) == 1
    story.refresh_from_db()
    assert (story.why, story.erased_at) == (StoryEnd.WITHDRAWN, days(1.3))
    second.refresh_from_db()
    assert second.status == S.AGREED


def test_withdrawing_one_story_leaves_the_other(library: Library) -> None:
    one, two = library.cleared(), library.cleared()
    library.up(one)
    library.up(two)
    story_stands.withdraw(one.public_id, by=library.she, now=days(1))
    assert library.album(now=days(1)) == [two]
    assert has_consent(library.she, PURPOSE, days(1)) is not None


def test_its_last_day_ends_it(library: Library) -> None:
    story = library.cleared()
    library.up(story)
    assert library.album(now=days(100)) == [story]
    assert library.album(now=days(101)) == []
    assert story_stands.watch(now=days(101)) == 1
    story.refresh_from_db()
    assert story.why == StoryEnd.EXPIRED


def test_minors_and_who_is_of_no_known_age_are_refused(library: Library) -> None:
    for birth in (local_date(EIGHT).replace(year=2009), None):
        Person.objects.filter(pk=library.she.person_id).update(birth_date=None)
        person = Person.objects.get(pk=library.she.person_id)
        person.birth_date = birth
        person.save()
        with pytest.raises(RuleBroken, match="未成年人") as refused:
            stories.begin(library.she.public_id, by=library.writer, now=EIGHT)
        assert "第三十一条" in refused.value.missing[0].why
        with pytest.raises(RuleBroken, match="未成年人"):
            stories.begin_own(Patient.objects.get(pk=library.she.pk), now=EIGHT)


def test_restriction_ends_it_and_an_erasure_waits_for_the_wall(library: Library) -> None:
    story = library.cleared()
    library.up(story)
    wall = library.up(story, "slides", "六月培训课件")
    Patient.objects.filter(pk=library.she.pk).update(
        restricted_at=days(1), sealed_at=days(1), sealed_until=local_date(days(900))
    )
    assert library.album(now=days(1)) == []
    assert story_stands.watch(now=days(1)) == 1
    Patient.objects.filter(pk=library.she.pk).update(restricted_at=None, sealed_at=None, sealed_until=None)
    she = Patient.objects.get(pk=library.she.pk)
    assert any("六月培训课件" in one.what for one in plan(she, days(1)).pending)
    story_stands.take_down(wall.public_id, proof="课件已替换删除", by=library.writer, now=days(2))
    assert not any("课件" in one.what for one in plan(she, days(2)).pending)
    erasure.carry_out(she, now=days(2))
    story.refresh_from_db()
    assert (story.why, story.erased_at, story.category) == (StoryEnd.ERASED, days(2), "")
    assert str(Story.objects.select_related("vault_key").get(pk=story.pk).words) == "（已删除）"


def test_what_was_destroyed_is_destroyed_again_after_a_restore(library: Library) -> None:
    story = library.cleared()
    assert story_stands.forget_again(story.vault_key.public_id, days(1))
    assert not story_stands.forget_again(story.vault_key.public_id, days(1))
    story.refresh_from_db()
    assert (story.status, story.erased_at) == (S.ENDED, days(1))


def test_her_stories_follow_her_when_two_files_are_joined(library: Library) -> None:
    story = library.cleared()
    kept = library.patient()
    Patient.objects.filter(pk=library.she.pk).update(merged_into=kept, merged_at=days(1))
    kept = Patient.objects.get(pk=kept.pk)
    assert queries.own(kept) == [story]
    story_stands.withdraw(story.public_id, by=kept, now=days(2))
    story.refresh_from_db()
    assert story.status == S.ENDED


def test_a_band_is_black_before_anything_is_kept(library: Library) -> None:
    story = library.draft()
    shot = library.shot(story, mask=rules.Mask(20, 60))
    with Image.open(io.BytesIO(files.read(shot.file))) as image:
        middle = image.convert("RGB").getpixel((image.width // 2, image.height * 4 // 10))
        assert max(middle) < 16  # type: ignore[arg-type, type-var]
        assert not image.getexif()
    for wrong in (rules.Mask(60, 20), rules.Mask(0, 101)):
        with pytest.raises(RuleBroken, match="起点须小于终点"):
            library.shot(story, data=drawn(shade=90), mask=wrong)


def test_strangers_find_nothing(library: Library) -> None:
    story = library.draft()
    shot = library.shot(story, has_face=True)
    other, far = library.patient(), StaffFactory(role="aftercare", campus=CampusFactory())
    for stranger in (other, far):
        with pytest.raises(NotFound):
            library.signed(story, by=stranger)
        with pytest.raises(NotFound):
            story_stands.withdraw(story.public_id, by=stranger, now=EIGHT)
        with pytest.raises(NotFound):
            stories.picture(shot.public_id, by=stranger, now=EIGHT)
    with pytest.raises(NotFound):
        stories.picture(shot.public_id, by=library.consultants[0], now=EIGHT)
    with pytest.raises(RuleBroken, match="没有同意露脸"):
        library.signed(story)
    with pytest.raises(RuleBroken, match="签名"):
        library.signed(story, has_face=True, signature="data:image/png;base64,AAAA")
    assert not Consent.objects.exists()


def test_each_look_in_a_talk_is_on_her_own_log_and_costs_no_more_for_more_stories(
    library: Library, django_assert_max_num_queries: Any
) -> None:
    for _n in range(4):
        library.up(library.cleared())
    with django_assert_max_num_queries(12):
        found = library.album()
        assert [one.current.title for one in found if one.current] == ["我的恢复期"] * 4
    story_stands.show(found[0].public_id, place=StoryPlace.ALBUM, by=library.consultants[0], now=EIGHT)
    look = Entry.objects.filter(action="growth.story.view").latest("pk")
    assert look.subject_key == library.she.person.vault_key.public_id
    with pytest.raises(NotFound):
        story_stands.show(found[0].public_id, place=StoryPlace.LESSON, by=library.consultants[0], now=EIGHT)


def test_a_forgotten_draft_goes(library: Library) -> None:
    library.draft()
    assert story_stands.watch(now=days(365)) == 0
    assert story_stands.watch(now=days(366)) == 1
    assert Story.objects.get().erased_at == EIGHT + timedelta(days=366)
