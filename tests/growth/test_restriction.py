"""Somebody restricted who still comes: no segment, no flow, no story, no thanks; her visit goes on."""

from datetime import timedelta

import pytest

from tests.factories.journey import BookingFactory
from tests.growth.house import days
from tests.growth.test_flows import graph, publish
from tests.growth.test_referrals import Circle, gifts
from tests.growth.test_segments import make
from tests.growth.test_stories import Library
from tests.journey.clinic import EIGHT, TEN
from yimei.growth.actions import profiles, running, segments, story_stands, tags, thanks
from yimei.growth.enums import SegmentUse
from yimei.growth.models import FlowTask, Lead, Profile, Referral, SegmentMember, Story
from yimei.growth.queries import referrals as queries_of_referrals
from yimei.growth.queries import segments as queries
from yimei.growth.queries import stories
from yimei.growth.queries.today import flow_tasks
from yimei.growth.queries.triggers import admissible
from yimei.growth.rules import segments as rules
from yimei.growth.rules.flows import reading
from yimei.journey.actions import bookings
from yimei.people.models import Patient
from yimei.people.queries import search
from yimei.privacy.actions import consents, erasure

pytestmark = pytest.mark.django_db
EVERYBODY = rules.parse({"all": []})


def fresh(patient: Patient) -> Patient:
    return Patient.objects.with_person().get(pk=patient.pk)


def comes(patient: Patient) -> None:
    """A booking that stands longer than any of these stories."""
    BookingFactory(case__patient=patient, starts_at=TEN + timedelta(days=60))


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.mark.parametrize("use", list(SegmentUse))
def test_she_is_in_no_segment_and_in_no_count_and_comes_back(library: Library, use: SegmentUse) -> None:
    she, other = library.she, library.patient()
    comes(she)
    for one in (she, other):
        consents.give(one, "marketing", now=EIGHT)
    tag = tags.create(name="老客", by=library.manager, now=EIGHT)
    profiles.refresh(now=EIGHT)
    tags.put(Profile.objects.get(patient=she), tag, by=library.manager, now=EIGHT)
    segment = make(library, use=use)
    segments.follow(segment, is_followed=True, now=EIGHT)
    assert queries.count(EVERYBODY, use, on=EIGHT.date()).inside == 2
    erasure.restrict(she, now=EIGHT)
    assert not fresh(she).is_sealed
    assert queries.count(EVERYBODY, use, on=EIGHT.date(), by=library.manager).inside == 1
    profiles.refresh(now=days(1))
    profiles.sweep(now=days(1))
    segments.sync(segment, now=days(1))
    assert list(SegmentMember.objects.values_list("profile__patient", flat=True)) == [other.pk]
    kept = Profile.objects.get(patient=she)
    assert (kept.read_at, kept.taggings.count()) == (EIGHT, 1), "stored as it was, read by nobody"
    erasure.lift(fresh(she), now=days(2))
    profiles.refresh(now=days(2))
    segments.sync(segment, now=days(2))
    assert SegmentMember.objects.filter(profile__patient=she).exists()


def test_no_flow_touches_her(library: Library) -> None:
    flow = publish(library)
    booking = library.confirmed(library.she)
    profiles.refresh(now=EIGHT)
    comes(library.she)
    tree = reading.parse(graph())
    assert admissible(tree, None).filter(patient=library.she).exists()
    erasure.restrict(library.she, now=EIGHT)
    assert not admissible(tree, None).filter(patient=library.she).exists()
    bookings.mark_no_show(booking.public_id, by=library.reception, now=TEN + timedelta(hours=1))
    running.tick(now=TEN + timedelta(hours=2))
    assert not flow.runs.exists()


def test_what_a_flow_asked_somebody_to_do_for_her_is_asked_no_more(library: Library) -> None:
    comes(library.she)
    profiles.refresh(now=EIGHT)
    FlowTask.objects.create(
        step_key="k", profile=Profile.objects.get(patient=library.she), staff=library.online, text="打电话",
        due_at=EIGHT, created_at=EIGHT,
    )  # fmt: skip
    assert [one.what for one in flow_tasks(library.online, EIGHT)] == ["打电话"]
    erasure.restrict(library.she, now=EIGHT)
    assert list(flow_tasks(library.online, EIGHT)) == []
    erasure.lift(fresh(library.she), now=days(1))
    assert [one.what for one in flow_tasks(library.online, EIGHT)] == ["打电话"]


def test_her_visit_goes_on_to_its_end(library: Library) -> None:
    booking = library.confirmed(library.she)
    erasure.restrict(library.she, now=EIGHT)
    assert search(library.she.person.name, by=library.reception) == [library.she]
    bookings.arrive(booking.public_id, by=library.reception, now=TEN)
    booking.refresh_from_db()
    assert booking.status == "arrived"


def test_her_story_is_shown_nowhere_and_comes_back(library: Library) -> None:
    story = library.cleared()
    library.up(story)
    comes(library.she)
    assert library.album(now=EIGHT) == [story]
    assert list(Story.objects.visible_to(library.writer)) == [story]
    erasure.restrict(library.she, now=EIGHT)
    story.refresh_from_db()
    assert library.album(now=EIGHT) == []
    assert not Story.objects.visible_to(library.writer).exists()
    assert not stories.stands(story, now=EIGHT)
    story_stands.watch(now=days(1))
    erasure.lift(fresh(library.she), now=days(2))
    assert library.album(now=days(2)) == [story]


def test_what_hangs_outside_is_taken_down(library: Library) -> None:
    story = library.cleared()
    library.up(story, "slides", "六月培训课件")
    erasure.restrict(library.she, now=EIGHT)
    assert story_stands.watch(now=days(1)) == 1
    story.refresh_from_db()
    assert story.status == "ended"


def test_her_enquiry_is_followed_up_by_nobody(library: Library) -> None:
    lead = library.lead()
    Lead.objects.filter(pk=lead.pk).update(patient=library.she)
    assert Lead.objects.living().filter(pk=lead.pk).exists()
    comes(library.she)
    erasure.restrict(library.she, now=EIGHT)
    assert not Lead.objects.living().filter(pk=lead.pk).exists()
    assert not Lead.objects.visible_to(library.manager).filter(pk=lead.pk).exists()


def test_nobody_comes_by_her_code_and_no_thanks_are_given_meanwhile() -> None:
    circle = Circle()
    lead = circle.ask()
    friend = circle.friend(lead)
    circle.join(friend)
    circle.pays(friend)
    referrer = circle.member.patient
    comes(referrer)
    erasure.restrict(referrer, now=days(2))
    assert not fresh(referrer).is_sealed
    assert queries_of_referrals.code_behind(circle.code.code, now=days(2)) is None
    assert not Referral.objects.visible_to(circle.service).exists()
    for day in (8, 9, 10):
        thanks.follow(now=days(day))
    assert gifts(circle.member) == 0
