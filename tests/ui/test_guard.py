import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import resolve

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from tests.ui import pages
from yimei.people.roles import Permission, RoleCode
from yimei.ui.guard import opens

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.pages")]

HTMX = {"HX-Request": "true"}


def test_a_stranger_is_sent_to_the_door_with_the_way_back(client: Client) -> None:
    response = client.get("/desk/today?day=2026-06-16")
    assert response.status_code == 302
    assert response["Location"] == "/desk/sign-in?next=%2Fdesk%2Ftoday%3Fday%3D2026-06-16"


def test_a_stranger_on_htmx_leaves_the_whole_page_for_the_door(client: Client) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/desk/today?tab=2"}
    response = client.get("/desk/money", headers=headers)
    assert response["HX-Redirect"] == "/desk/sign-in?next=%2Fdesk%2Ftoday%3Ftab%3D2"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/desk/today", "//evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    response = client.post("/desk/today", headers={"Referer": elsewhere})
    assert response["Location"] == "/desk/sign-in"


def test_a_post_comes_back_to_the_page_of_its_form(client: Client) -> None:
    response = client.post("/desk/today", headers={"Referer": "http://testserver/desk/money?x=1"})
    assert response["Location"] == "/desk/sign-in?next=%2Fdesk%2Fmoney%3Fx%3D1"


def test_without_the_right_the_page_does_not_exist(client: Client) -> None:
    sign_in(client, StaffFactory(role=RoleCode.RECEPTION))
    assert client.get("/desk/money").status_code == 404


def test_one_of_several_rights_is_enough(client: Client) -> None:
    sign_in(client, StaffFactory(role=RoleCode.AUDITOR))
    assert client.get("/desk/money").content == b"money"


def test_everybody_who_is_signed_in_may_open_a_page_without_rights(client: Client) -> None:
    staff = StaffFactory(role=RoleCode.RECEPTION)
    assert staff.name in sign_in(client, staff).get("/desk/today").content.decode()


def test_a_view_says_which_rights_open_it() -> None:
    assert resolve("/desk/money").func.permission == (Permission.REFUND_WRITE, Permission.AUDIT_VIEW)
    assert resolve("/desk/today").func.permission == ()
    assert pages.door.public == "the door"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("/desk/money", False),
        ("/desk/today?day=2026-06-16", True),
        (f"/desk/case/{pages.CASE}", True),
        ("https://www.nmpa.gov.cn/", True),
    ],
)
def test_a_link_asks_the_guard_of_its_page(url: str, is_open: bool) -> None:
    assert opens(StaffFactory(role=RoleCode.RECEPTION), url) is is_open
    assert opens(AnonymousUser(), url) is url.startswith("https:")
