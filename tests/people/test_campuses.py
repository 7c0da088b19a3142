"""Working at another campus: given by somebody else, entered, and gone with the next click after its end."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.desk.front import Front, at_time, url
from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.people.access import campuses_of, stand_at
from yimei.people.actions import campuses
from yimei.people.models import CampusAccess, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def admin(front: Front) -> Staff:
    return front.staff("admin", "管理员")


def granted(front: Front, admin: Staff) -> CampusAccess:
    here = front.campus.public_id
    return campuses.grant(front.stranger.public_id, campus_id=here, by=admin, at=EIGHT)


def switch(client: Client, campus: object, **values: str) -> int:
    return client.post(url("campus"), {"campus": str(campus), **values}).status_code


def test_whoever_may_work_at_two_campuses_sees_one_at_a_time(front: Front, admin: Staff) -> None:
    booking = front.confirmed()
    client, home = front.client(front.stranger), front.stranger.campus.public_id
    page = url("booking", booking.public_id)
    with at_time(EIGHT):
        assert client.get(page).status_code == 404
        assert switch(client, front.campus.public_id) == 404, "nobody has let her"
        granted(front, admin)
        assert client.get(page).status_code == 404, "a right is not yet a step"
        assert switch(client, front.campus.public_id) == 302
        assert client.get(page).status_code == 200
        assert front.campus.name in client.get(url("today")).text
        assert switch(client, home) == 302
        assert client.get(page).status_code == 404
    front.stranger.refresh_from_db()
    assert front.stranger.campus.public_id == home, "she still belongs to her own"
    assert Entry.objects.filter(action="people.campus.switch").count() == 2


def test_what_is_taken_back_is_gone_with_the_next_click(front: Front, admin: Staff) -> None:
    booking, access = front.confirmed(), granted(front, admin)
    client = front.client(front.stranger)
    with at_time(EIGHT):
        switch(client, front.campus.public_id)
        campuses.end(access.public_id, by=admin, at=EIGHT)
        assert client.get(url("booking", booking.public_id)).status_code == 404
        assert "campus" not in client.session
    with pytest.raises(Conflict):
        campuses.end(access.public_id, by=admin, at=EIGHT)


def test_nobody_widens_her_own_reach_and_a_campus_admin_nobodys(front: Front, admin: Staff) -> None:
    other = CampusFactory().public_id
    with pytest.raises(RuleBroken, match="另一位管理员"):
        campuses.grant(admin.public_id, campus_id=other, by=admin, at=EIGHT)
    with pytest.raises(NotFound):
        campuses.grant(front.online.public_id, campus_id=other, by=front.reception, at=EIGHT)
    admin.role.grants.filter(permission="staff.write").update(scope="campus")
    local = Staff.objects.get(pk=admin.pk)
    with pytest.raises(RuleBroken, match="集团"):
        campuses.grant(front.online.public_id, campus_id=other, by=local, at=EIGHT)
    assert not CampusAccess.objects.exists()


def test_her_own_campus_and_one_twice_are_refused(front: Front, admin: Staff) -> None:
    with pytest.raises(RuleBroken, match="本来就在"):
        campuses.grant(front.online.public_id, campus_id=front.campus.public_id, by=admin, at=EIGHT)
    granted(front, admin)
    with pytest.raises(Conflict):
        granted(front, admin)


def test_whoever_holds_all_for_the_group_may_stand_anywhere(front: Front) -> None:
    other = CampusFactory()
    assert next(one.pk for one in campuses_of(front.director)) == front.campus.pk
    assert stand_at(front.director, other.public_id)
    assert front.director.campus == other
    assert not stand_at(StaffFactory(role="reception", campus=front.campus), other.public_id)


def test_the_page_of_one_row_is_left_for_today(front: Front, admin: Staff) -> None:
    granted(front, admin)
    client, here = front.client(front.stranger), str(front.campus.public_id)

    def lands(next_page: str) -> str:
        return client.post(url("campus"), {"campus": here, "next": next_page}).headers["Location"]

    with at_time(EIGHT):
        assert lands(url("waiting")) == url("waiting")
        assert lands(reverse("desk:booking", args=[front.confirmed().public_id])) == url("today")
        assert lands("https://elsewhere.example/") == url("today")


def test_an_administrator_gives_and_takes_it_on_the_page(front: Front, admin: Staff) -> None:
    client = front.client(admin)
    page = url("staff-edit", front.stranger.public_id)
    with at_time(EIGHT):
        assert front.campus.name in client.get(page).text
        address = url("staff-campus", front.stranger.public_id)
        assert client.post(address, {"campus": str(front.campus.public_id)}).status_code == 302
        access = CampusAccess.objects.get()
        assert "收回" in client.get(page).text
        assert client.post(url("staff-campus-end", access.public_id)).status_code == 302
        assert client.post(address, {"campus": "nonsense"}).status_code == 404
    access.refresh_from_db()
    assert access.until == EIGHT
