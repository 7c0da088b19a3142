"""Segments over real rows: the filter and the explanation agree, and whoever may not be in is never in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import shipped
from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.people import StaffFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT, HALF_HOUR, TEN
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import erasing, leads, profiles, segments, tags
from yimei.growth.enums import FieldKind, LeadLoss, SegmentUse
from yimei.growth.models import Profile, Segment, SegmentMember, Tag, Tagging
from yimei.growth.queries import segments as queries
from yimei.growth.rules import segments as rules
from yimei.growth.rules.segment_fields import FIELDS, WITHOUT_VALUE, FieldSpec
from yimei.people.models import Patient
from yimei.privacy.actions import consents, erasure, purposes
from yimei.privacy.models import Purpose

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 16)
EVERYBODY: dict[str, Any] = {"all": []}
CARE, MARKETING = SegmentUse.CARE, SegmentUse.MARKETING


@pytest.fixture
def house() -> House:
    made = House()
    shipped.register(EIGHT.replace(month=1))
    return made


def make(house: House, tree: dict[str, Any] | None = None, use: SegmentUse = CARE, **values: Any) -> Segment:
    asked = {"name": f"分群 {uuid4().hex[:6]}", "by": house.manager, "now": EIGHT} | values
    return segments.create(use=use, tree=tree or EVERYBODY, **asked)


def inside(segment: Segment) -> set[int | None]:
    return set(queries.members(segment, on=ON).values_list("patient", flat=True))


def test_what_happened_to_a_customer_stands_in_her_profile(house: House) -> None:
    patient = house.patient()
    house.arrived(patient)
    order = OrderFactory(patient=patient, campus=house.campus, amount=Decimal(30_000))
    PaymentFactory(order=order, amount=Decimal(30_000), at=EIGHT)
    consents.give(patient, "marketing", now=EIGHT)
    profiles.refresh(now=days(1))
    found = Profile.objects.get(patient=patient)
    assert (found.visits, found.last_visit_on, found.no_shows) == (1, ON, 0)
    assert (found.paid_times, found.paid_total, found.rfm) == (1, Decimal(30_000), "champion")
    assert (found.age_band, found.is_adult, found.stage) == ("25", True, "arrived")


def rich(house: House) -> Patient:
    """Somebody who came, paid and was born one day."""
    patient = house.patient()
    house.arrived(patient)
    order = OrderFactory(patient=patient, campus=house.campus, amount=Decimal(30_000))
    PaymentFactory(order=order, amount=Decimal(30_000), at=EIGHT)
    return patient


def known(patient: Patient) -> tuple[object, ...]:
    """What is worked out for marketing alone, and a fact that care needs as well."""
    found = Profile.objects.get(patient=patient)
    return found.rfm, found.paid_times, found.paid_total, found.birthday is not None, found.paid_on == ON


NOTHING, EVERYTHING = ("none", 0, Decimal(0), False, True), ("champion", 1, Decimal(30_000), True, True)


def test_what_is_for_marketing_alone_is_not_worked_out_until_she_agrees_and_goes_when_she_takes_it_back(
    house: House,
) -> None:
    patient = rich(house)
    profiles.refresh(now=days(1))
    assert known(patient) == NOTHING
    consents.give(patient, "marketing", now=days(1))
    profiles.refresh(now=days(2))
    assert known(patient) == EVERYTHING
    tag = Tag.objects.create(code="eager", name="着急", created_at=EIGHT)
    tags.put(Profile.objects.get(patient=patient), tag, now=days(2), flow="dormant")
    consents.refuse(patient, "automated", now=days(2))
    profiles.refresh(now=days(3))
    assert known(patient) == NOTHING, "who is not to be sorted is not sorted"
    assert not Tagging.objects.exists()
    assert not tags.put(Profile.objects.get(patient=patient), tag, now=days(3))
    consents.give(patient, "automated", now=days(3))
    consents.withdraw(patient, "marketing", now=days(3))
    profiles.refresh(now=days(4))
    assert known(patient) == EVERYTHING
    consents.withdraw(patient, "automated", now=days(4))
    profiles.refresh(now=days(5))
    assert known(patient) == NOTHING


def test_a_purpose_that_the_hospital_stops_empties_it_for_everybody_at_once(house: House) -> None:
    patient, officer = rich(house), StaffFactory(role="privacy", campus=house.campus)
    consents.give(patient, "marketing", now=EIGHT)
    profiles.refresh(now=days(1))
    Profile.objects.update(score=9)
    for purpose in Purpose.objects.filter(code__in=("marketing", "survey")):
        purposes.switch(purpose.public_id, is_active=False, by=officer, now=days(1))
    profiles.refresh(now=days(1))
    assert known(patient) == NOTHING
    assert Profile.objects.get(patient=patient).score is None
    profiles.read_now([patient.pk], now=days(2))
    assert known(patient) == NOTHING, "nor is it filled anew"


def test_a_lead_becomes_a_customer_and_keeps_her_tags(house: House) -> None:
    lead = house.lead()
    profiles.refresh(now=EIGHT)
    mine = Profile.objects.get(lead=lead)
    assert (mine.is_customer, mine.lead_status, mine.source) == (False, "open", "douyin")
    tag = Tag.objects.create(code="eager", name="着急", created_at=EIGHT)
    Tagging.objects.create(tag=tag, profile=mine, at=EIGHT)
    lead.patient = house.patient()
    lead.save(update_fields=["patient"])
    leads.lose(lead.public_id, loss=LeadLoss.PRICE, by=house.online, now=days(1))
    profiles.refresh(now=days(1))
    found = Profile.objects.get()
    assert (found.patient, found.lead, found.lead_loss) == (lead.patient, None, "price")
    assert found.taggings.get().tag == tag


def test_only_those_the_log_names_are_read_again(house: House) -> None:
    first, second = house.patient(), house.patient()
    house.request(first)
    profiles.refresh(now=EIGHT)
    house.request(second, starts_at=TEN + HALF_HOUR)
    assert profiles.refresh(now=days(1)) == 1
    read = dict(Profile.objects.values_list("patient", "read_at"))
    assert read == {first.pk: EIGHT, second.pk: days(1)}


def test_the_restricted_the_erased_and_the_canaries_are_never_in(house: House) -> None:
    people = [house.patient() for _n in range(3)]
    profiles.refresh(now=EIGHT)
    segment = make(house)
    segments.follow(segment, is_followed=True, now=EIGHT)
    assert len(inside(segment)) == 3
    erasure.restrict(people[0], now=EIGHT)
    assert inside(segment) == {people[1].pk, people[2].pk}
    erasure.carry_out(people[1], now=EIGHT)
    assert not Profile.objects.filter(patient=people[1]).exists()
    profiles.refresh(now=days(1))
    segments.sync(segment, now=days(1))
    assert list(SegmentMember.objects.values_list("profile__patient", flat=True)) == [people[2].pk]


def test_an_erased_lead_is_in_no_segment(house: House) -> None:
    house.lead()
    profiles.refresh(now=EIGHT)
    assert Profile.objects.count() == 1
    assert erasing.erase_due(now=days(800)) == 1
    assert Profile.objects.count() == 0


def test_marketing_asks_for_consent_age_and_no_refusal(house: House) -> None:
    agreed, minor, refused, silent = (
        house.patient(),
        house.patient(person__birth_date=date(2010, 1, 1)),
        house.patient(),
        house.patient(),
    )
    for one in (agreed, refused):
        consents.give(one, "marketing", now=EIGHT)
    consents.refuse(refused, "automated", now=EIGHT)
    profiles.refresh(now=EIGHT)
    Profile.objects.filter(patient=minor).update(agrees_marketing=True)
    segment = make(house, use=MARKETING)
    assert inside(segment) == {agreed.pk}
    counted = queries.count(rules.EVERYBODY, MARKETING, on=ON, by=house.manager)
    assert (counted.fitting, counted.inside, counted.left_out) == (4, 1, 3)
    reasons = queries.explain(segment, Profile.objects.get(patient=silent), now=EIGHT)
    assert [one.holds for one in reasons.law] == [True, False, True, True]
    assert not reasons.is_in


def test_health_is_asked_for_care_only_and_of_those_who_agreed(house: House) -> None:
    tree = {"field": "surgery_on", "op": "empty"}
    with pytest.raises(RuleBroken, match="医疗健康信息"):
        make(house, tree, use=MARKETING)
    agreed, silent = house.patient(), house.patient()
    consents.give(agreed, "care.health", now=EIGHT)
    profiles.refresh(now=EIGHT)
    assert silent.pk not in inside(make(house, tree))
    assert inside(make(house, tree)) == {agreed.pk}


def test_members_follow_what_happens_without_asking_everybody(house: House) -> None:
    came, stays = house.patient(), house.patient()
    profiles.refresh(now=EIGHT)
    segment = make(house, {"field": "visits", "op": "gte", "value": 1})
    segments.follow(segment, is_followed=True, now=EIGHT)
    assert SegmentMember.objects.count() == 0
    house.arrived(came)
    later = EIGHT + timedelta(hours=3)
    profiles.refresh(now=later)
    assert segments.sync(segment, now=later) == (1, 0)
    assert segments.sync(segment, now=later) == (0, 0)
    assert SegmentMember.objects.get().profile.patient == came != stays


def test_rules_that_speak_of_days_are_asked_again_each_day(house: House) -> None:
    house.arrived(house.patient())
    profiles.refresh(now=days(0.5))
    segment = make(house, {"field": "last_visit_on", "op": "last", "value": 3}, now=days(0.5))
    segments.follow(segment, is_followed=True, now=days(0.5))
    assert SegmentMember.objects.count() == 1
    assert segments.sync(segment, now=days(3)) == (0, 0)
    assert segments.sync(segment, now=days(4.2)) == (0, 1)


def test_each_change_is_a_version_and_a_foreign_segment_is_not_found(house: House) -> None:
    segment = make(house, name="复购")
    tree = {"field": "paid_times", "op": "gte", "value": 2}
    changed = segments.change(
        segment.public_id, name="复购", use=CARE, tree=tree, by=house.manager, now=days(1)
    )
    same = segments.change(segment.public_id, name="复购", use=CARE, tree=tree, by=house.manager, now=days(2))
    assert (changed.number, same.number) == (2, 2)
    assert [one.rules for one in segment.versions.all()] == [tree, EVERYBODY]
    with pytest.raises(RuleBroken, match="同名"):
        make(house, name=" 复购 ")
    with pytest.raises(RuleBroken, match="没有「nobody」"):
        make(house, {"field": "tags", "op": "tagged", "value": ["nobody"]})
    other = House()
    for act in (
        lambda: segments.archive(segment.public_id, by=other.manager, now=EIGHT),
        lambda: segments.archive(segment.public_id, by=house.online, now=EIGHT),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_those_whom_the_reader_may_see_are_explained(house: House) -> None:
    patient, lead = house.patient(), house.lead()
    profiles.refresh(now=EIGHT)
    segment = make(house)
    explain = {"by": house.manager, "now": EIGHT}
    assert segments.explain(segment.public_id, text="129 0000 0001", **explain).is_in
    with pytest.raises(NotFound):
        segments.explain(segment.public_id, text=str(patient.file_no), **explain)
    care = house.staff("aftercare", "客服")
    answer = segments.explain(segment.public_id, text=str(patient.file_no), by=care, now=EIGHT)
    assert answer.is_in
    assert lead.patient is None


# ---- the filter and the evaluator are one ---------------------------------------------------------


def values_of(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.kind == FieldKind.TAG:
        return st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2)
    if spec.kind == FieldKind.CHOICE:
        return st.lists(st.sampled_from([str(code) for code, _l in spec.choices]), min_size=1, max_size=3)
    if spec.kind == FieldKind.DATE:
        return st.integers(0, 40)
    return st.sampled_from([0, 1, 2, "1.5", "0.01", -1, 999_999_999])


@st.composite
def a_test(draw: st.DrawFn) -> dict[str, Any]:
    spec = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    op = draw(st.sampled_from(spec.operators))
    found: dict[str, Any] = {"field": spec.code, "op": op.value}
    if op not in WITHOUT_VALUE:
        found["value"] = draw(values_of(spec))
    return found


trees = st.recursive(
    a_test(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


@pytest.fixture
def crowd(house: House) -> list[Profile]:
    """People of every kind: nothing known, everything known, and on each side of the limits."""
    tags = [Tag.objects.create(code=code, name=code, created_at=EIGHT) for code in ("a", "b")]
    made = []
    for n in range(8):
        day = ON - timedelta(days=n * 6 - 12) if n % 4 else None
        codes = {
            spec.code: str(spec.choices[n % len(spec.choices)][0])
            for spec in FIELDS.values()
            if spec.kind == FieldKind.CHOICE
        }
        dates = dict.fromkeys([s.code for s in FIELDS.values() if s.kind == FieldKind.DATE], day)
        profile = Profile.objects.create(
            campus=house.campus,
            patient=Patient.objects.get(pk=house.patient().pk),
            read_at=EIGHT,
            **codes | dates | {"known_on": day or ON, "is_customer": True},
            visits=n % 3,
            paid_times=n % 2,
            paid_total=Decimal("1.50") * (n % 3),
            score=None if n % 3 == 0 else n,
            is_vip=n % 2 == 0,
            agrees_marketing=n % 2 == 1,
            agrees_profiling=n % 5 == 1,
        )
        for tag in tags[: n % 3]:
            Tagging.objects.create(tag=tag, profile=profile, at=EIGHT)
        made.append(profile)
    return made


def test_whoever_the_filter_finds_the_rules_find_too(crowd: list[Profile]) -> None:
    facts = {profile.pk: queries.facts_of(profile) for profile in crowd}

    @given(trees)
    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(tree: dict[str, Any]) -> None:
        node = rules.parse(tree)
        found = set(Profile.objects.filter(queries.fitting(node, ON)).values_list("pk", flat=True))
        assert found == {pk for pk, known in facts.items() if rules.holds(node, known, on=ON)}

    holds()
