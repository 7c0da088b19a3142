"""Taking, looking, voiding, releasing; on rows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.hospital import RoomFactory
from tests.factories.people import StaffFactory, broken_glass
from tests.factories.photos import NOW, Studio, consent, drawn
from yimei.audit.models import Entry
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Grade
from yimei.hospital.queries import photos_for
from yimei.journey.actions import photos
from yimei.journey.enums import PhotoMoment, PhotoOrigin, PhotoSize, PhotoUse, Side
from yimei.journey.models import Photo, Plan, Surgery
from yimei.journey.queries import cases
from yimei.journey.queries import photos as queries
from yimei.people.models import Staff
from yimei.privacy.enums import ConsentAct

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def withdraw(studio: Studio, code: str = "image.clinical") -> None:
    consent(studio.patient, code, act=ConsentAct.WITHDRAWN, at=NOW + timedelta(minutes=1))


def operate(studio: Studio, *, days_ago: int = 0, begun: bool = True) -> Surgery:
    """An operation of this case, begun some days before now, or on the board for tomorrow."""
    at = NOW - timedelta(days=days_ago, hours=1) if begun else NOW + timedelta(days=1)
    plan = Plan.objects.create(
        case=studio.case,
        version=1,
        procedure=studio.case.procedure,
        surgeon=studio.surgeon,
        anaesthesia="local",
        price=1,
        by=studio.surgeon,
        at=at,
    )
    times = {"entered_at": at, "anaesthesia_at": at, "incision_at": at} if begun else {}
    return Surgery.objects.create(
        case=studio.case,
        plan=plan,
        campus=studio.case.campus,
        room=RoomFactory(campus=studio.case.campus),
        starts_at=at,
        ends_at=at + timedelta(hours=2),
        created_at=at,
        created_by=studio.surgeon,
        **times,
    )


# ---- taking --------------------------------------------------------------------------------------


def test_a_photo_is_kept_in_three_encrypted_sizes_under_the_patients_key() -> None:
    studio = Studio()
    photo = studio.take("basal")
    key = studio.patient.person.vault_key
    for size in PhotoSize:
        stored = photo.file(size)
        assert stored.key == key
        assert stored.read().startswith(b"\xff\xd8\xff")
        assert b"\xff\xd8\xff" not in stored.path.read_bytes()
    assert (photo.taken_by, photo.taken_at, photo.consent) == (studio.surgeon, NOW, studio.consent)
    entry = Entry.objects.latest("seq")
    assert (entry.action, entry.subject_key, entry.level) == ("journey.photo.taken", key.public_id, "4")


def test_the_same_picture_twice_is_one_photo() -> None:
    studio = Studio()
    assert studio.take() == studio.take(now=LATER)
    assert studio.take("left", data=drawn(shade=145)).angle == "left"
    assert Photo.objects.count() == 2


def test_without_consent_nothing_is_kept_and_the_way_is_shown() -> None:
    studio = Studio(agreed=False)
    with pytest.raises(RuleBroken) as refused:
        studio.take()
    assert refused.value.missing[0].where == f"desk:patient-consents:{studio.patient.public_id}"
    assert not Photo.objects.exists()


def test_withdrawal_ends_the_taking() -> None:
    studio = Studio()
    withdraw(studio)
    with pytest.raises(RuleBroken, match="没有同意影像留存"):
        studio.take(now=LATER)


def test_an_older_picture_needs_consent_on_its_own_day() -> None:
    studio = Studio()
    given_on = studio.consent.at.date()
    upload = {"origin": PhotoOrigin.UPLOAD}
    kept = studio.take("left", taken_on=given_on + timedelta(days=1), **upload)
    assert kept.taken_at < NOW
    with pytest.raises(RuleBroken, match="没有同意影像留存"):
        studio.take(taken_on=given_on - timedelta(days=1), **upload)


def test_an_angle_of_another_series_is_refused() -> None:
    with pytest.raises(RuleBroken, match="没有这个角度"):
        Studio().take("arms-up")


def test_a_sided_procedure_keeps_its_side_and_another_none() -> None:
    studio = Studio(has_side=True)
    assert studio.take(side=Side.LEFT).side == Side.LEFT
    with pytest.raises(RuleBroken, match="部位侧"):
        studio.take("left")
    assert Studio().take(side=Side.LEFT).side == Side.NONE


def test_after_the_operation_days_are_counted() -> None:
    studio = Studio()
    with pytest.raises(RuleBroken, match="还没有手术"):
        studio.take(moment=PhotoMoment.AFTER)
    operate(studio, days_ago=7)
    assert studio.take(moment=PhotoMoment.AFTER).day == 7
    with pytest.raises(RuleBroken, match="不是术前"):
        studio.take("left")


def test_a_private_part_is_photographed_only_by_those_who_care() -> None:
    studio = Studio(category="breast")
    assert studio.take().level == 5
    with pytest.raises(RuleBroken, match="诊疗关系"):
        studio.take("left", by=studio.nurse)
    studio.cares(studio.nurse)
    assert studio.take("left", by=studio.nurse).is_intimate


@pytest.mark.parametrize("role", ["consultant", "reception", "admin", "director", "aftercare", "marketing"])
def test_only_surgeon_and_nurse_take_photos(role: str) -> None:
    studio = Studio()
    somebody = studio.staff(role, "某某")
    studio.cares(somebody)
    with pytest.raises(NotFound):
        studio.take(by=somebody)


# ---- looking -------------------------------------------------------------------------------------


def see(photo: Photo, by: Staff, size: PhotoSize = PhotoSize.SCREEN) -> bytes:
    return photos.show(photo.public_id, size=size, by=by, now=LATER)


@pytest.mark.parametrize("size", PhotoSize)
def test_every_look_is_marked_and_written_down(size: PhotoSize) -> None:
    studio = Studio()
    photo = studio.take()
    seen = see(photo, studio.surgeon, size)
    assert seen.startswith(b"\xff\xd8\xff")
    assert seen != photo.file(size).read()
    assert seen != see(photo, studio.nurse, size)
    entry = Entry.objects.filter(actor=studio.surgeon.public_id).latest("seq")
    assert entry.action == "journey.photo.photo_view"
    assert entry.subject_key == studio.patient.person.vault_key.public_id
    assert entry.object_id == str(photo.public_id)
    assert (entry.purpose, entry.detail["size"]) == ("treatment", size.value)


def test_a_consultant_sees_by_consent_and_care_and_loses_it_at_once() -> None:
    studio = Studio()
    photo = studio.take()
    consultant = studio.staff("consultant", "周蕾")
    with pytest.raises(NotFound):
        see(photo, consultant)
    studio.cares(consultant)
    assert see(photo, consultant)
    withdraw(studio)
    with pytest.raises(NotFound):
        see(photo, consultant)
    assert see(photo, studio.surgeon), "the chart keeps what was taken under consent"


def test_a_private_part_is_seen_only_by_clinicians_who_care_or_break_the_glass() -> None:
    studio = Studio(category="body")
    photo = studio.take()
    consultant = studio.staff("consultant", "周蕾")
    studio.cares(consultant)
    for somebody in (studio.nurse, consultant):
        with pytest.raises(NotFound):
            see(photo, somebody)
    stranger = StaffFactory(role="nurse")
    broken_glass(studio.patient, by=stranger, now=NOW)
    assert see(photo, stranger)
    assert Entry.objects.latest("seq").level == "5"


@pytest.mark.parametrize("role", ["reception", "admin", "director", "aftercare", "auditor", "cashier"])
def test_nobody_else_sees_a_photo(role: str) -> None:
    studio = Studio()
    photo = studio.take()
    somebody = studio.staff(role, "某某")
    studio.cares(somebody)
    count = Entry.objects.count()
    with pytest.raises(NotFound):
        see(photo, somebody)
    assert Entry.objects.count() == count


def test_a_nurse_of_another_campus_sees_nothing() -> None:
    studio = Studio()
    photo = studio.take()
    with pytest.raises(NotFound):
        see(photo, StaffFactory(role="nurse"))


# ---- voiding -------------------------------------------------------------------------------------


def test_a_mistaken_photo_is_hidden_and_kept() -> None:
    studio = Studio()
    photo = studio.take()
    photos.void(photo.public_id, reason="拍错客户了", by=studio.nurse, now=LATER)
    with pytest.raises(NotFound):
        see(photo, studio.surgeon)
    with pytest.raises(NotFound):
        photos.void(photo.public_id, reason="拍错客户了", by=studio.nurse, now=LATER)
    grid = queries.gallery(studio.case)
    assert [one.void_reason for one in grid.voided] == ["拍错客户了"]
    assert not grid.sessions
    assert photo.full.read()
    assert studio.take(now=LATER) != photo, "the same picture may be taken again"


def test_the_database_refuses_to_change_or_remove_a_photo() -> None:
    photo = Studio().take()
    for change in (
        lambda: Photo.objects.filter(pk=photo.pk).update(angle="left"),
        lambda: Photo.objects.filter(pk=photo.pk).delete(),
        lambda: Photo.objects.filter(pk=photo.pk).update(void_reason="无人无时"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# ---- other uses ----------------------------------------------------------------------------------


def usable(photo: Photo, use: PhotoUse) -> bool:
    return next(one.is_usable for one in queries.standings(photo, now=LATER) if one.use == use)


def release(studio: Studio, photo: Photo, use: PhotoUse, *, is_on: bool = True) -> None:
    photos.release(photo.public_id, use=use, is_on=is_on, by=studio.surgeon, now=NOW)


def test_a_clinical_photo_is_for_care_alone_until_its_own_consent_and_release() -> None:
    studio = Studio()
    photo = studio.take()
    with pytest.raises(RuleBroken, match="院内教学"):
        release(studio, photo, PhotoUse.TEACHING)
    consent(studio.patient, "image.teaching")
    assert not usable(photo, PhotoUse.TEACHING), "consent alone releases nothing"
    release(studio, photo, PhotoUse.TEACHING)
    assert usable(photo, PhotoUse.TEACHING)
    assert not usable(photo, PhotoUse.PUBLICITY)
    with pytest.raises(RuleBroken, match="公开宣传"):
        release(studio, photo, PhotoUse.PUBLICITY)


def test_withdrawal_ends_a_use_at_once_and_a_new_consent_does_not_revive_it() -> None:
    studio = Studio()
    photo = studio.take()
    consent(studio.patient, "image.teaching")
    release(studio, photo, PhotoUse.TEACHING)
    withdraw(studio, "image.teaching")
    assert not usable(photo, PhotoUse.TEACHING)
    consent(studio.patient, "image.teaching", at=NOW + timedelta(minutes=2))
    assert not usable(photo, PhotoUse.TEACHING)
    photos.release(photo.public_id, use=PhotoUse.TEACHING, is_on=True, by=studio.surgeon, now=LATER)
    assert usable(photo, PhotoUse.TEACHING)


def test_a_release_is_taken_back_and_a_second_click_adds_nothing() -> None:
    studio = Studio()
    photo = studio.take()
    consent(studio.patient, "image.teaching")
    for is_on in (True, True, False, False):
        release(studio, photo, PhotoUse.TEACHING, is_on=is_on)
    assert [row.is_on for row in photo.releases.all()] == [True, False]
    assert not usable(photo, PhotoUse.TEACHING)


def test_only_the_physician_releases() -> None:
    studio = Studio()
    photo = studio.take()
    with pytest.raises(NotFound):
        photos.release(photo.public_id, use=PhotoUse.TEACHING, is_on=True, by=studio.nurse, now=NOW)


# ---- the grid, the timeline, Today ---------------------------------------------------------------


def test_the_grid_is_angle_by_date_and_knows_what_is_missing() -> None:
    studio = Studio()
    first = studio.take("front")
    operate(studio, days_ago=0)
    again = studio.take("front", moment=PhotoMoment.AFTER, now=NOW + timedelta(days=7))
    grid = queries.gallery(studio.case)
    assert [session.label for session in grid.sessions] == ["术前", "术后第 7 天"]
    row = grid.row("front")
    assert row is not None
    assert row.photos == [first, again]
    assert (len(grid.taken), grid.is_complete) == (1, False)
    later = (NOW + timedelta(days=7)).date()
    assert grid.ghost("front", today=later) == first
    assert grid.ghost("left", today=later) is None
    following = grid.next_angle(queries.session_of(again))
    assert following is not None
    assert following.code == "oblique-left"


def test_a_whole_series_is_whole() -> None:
    studio = Studio()
    studio.take_all()
    grid = queries.gallery(studio.case)
    assert grid.is_complete
    assert grid.next_angle(grid.sessions[0]) is None
    assert len(queries.taken_before(studio.case)) == len(photos_for(studio.case.procedure).angles) == 6


def test_the_grid_costs_one_query_however_many_photos() -> None:
    studio = Studio()
    studio.take_all()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        queries.gallery(studio.case)
    assert len(seen) == 1


def test_the_timeline_tells_of_a_series_in_one_line() -> None:
    studio = Studio()
    studio.take_all()
    told = cases.timeline(by=studio.surgeon, now=LATER, case_id=studio.case.public_id)
    assert [item.title for item in told if item.kind == "photo"] == ["术前照片 6 张"]
    reception = studio.staff("reception", "小周")
    told = cases.timeline(by=reception, now=LATER, case_id=studio.case.public_id)
    assert not [item for item in told if item.kind == "photo"]


def test_nurses_are_told_of_a_series_that_is_missing_before_an_operation() -> None:
    studio = Studio(grade=Grade.TWO)
    operate(studio, begun=False)
    said = [item.what for item in queries.photos_to_take(studio.nurse, NOW)]
    assert said == ["术前照片 0/6：鼻整形"]
    studio.take_all()
    assert not list(queries.photos_to_take(studio.nurse, NOW))


def test_nobody_is_sent_to_a_customer_who_did_not_agree() -> None:
    studio = Studio(grade=Grade.TWO, agreed=False)
    operate(studio, begun=False)
    assert not list(queries.photos_to_take(studio.nurse, NOW))


def test_today_costs_the_same_for_one_and_for_three() -> None:
    studio = Studio(grade=Grade.TWO)
    operate(studio, begun=False)
    list(queries.photos_to_take(studio.nurse, NOW))  # her rights are read once
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as seen:
            list(queries.photos_to_take(studio.nurse, NOW))
        counts.append(len(seen))
        for _one in range(2):
            another = Studio(grade=Grade.TWO)
            another.case.campus = studio.case.campus
            another.case.save(update_fields=["campus"])
            operate(another, begun=False)
    assert counts[0] == counts[1]
