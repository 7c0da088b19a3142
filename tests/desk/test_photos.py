"""The photo pages: series, camera, one photo, compare; and the only route that hands out a picture."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

from tests.factories.photos import NOW, Studio, consent, drawn
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.desk.templatetags.pictures import is_fresh, photo_link
from yimei.desk.urls import photos as addresses
from yimei.journey.enums import PhotoMoment
from yimei.journey.models import Photo
from yimei.people.models import Staff
from yimei.privacy.enums import ConsentAct

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"desk:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()


def send(client: Client, studio: Studio, data: bytes, name: str = "a.jpg", **values: str) -> object:
    asked = {"angle": "front", "moment": "before", "origin": "upload"} | values
    return client.post(
        reverse("desk:photo-take", args=[studio.case.public_id]),
        asked | {"picture": SimpleUploadedFile(name, data)},
        headers={"HX-Request": "true"},
    )


def test_the_gallery_shows_progress_and_every_photo(client: Client) -> None:
    studio = Studio()
    shot = studio.take("front")
    sign_in(client, studio.surgeon)
    html = page(client, "case-photos", studio.case.public_id)
    assert "<b>1</b> / 6" in html
    assert reverse("desk:photo-image", args=[shot.public_id, "thumb"]) in html
    assert reverse("desk:photo-take", args=[studio.case.public_id]) + "?angle=basal" in html
    assert 'src="data:' not in html


def test_a_picture_is_taken_and_the_next_angle_is_offered(client: Client) -> None:
    studio = Studio()
    sign_in(client, studio.nurse)
    response = send(client, studio, drawn(), origin="camera")
    assert response.status_code == 200  # type: ignore[attr-defined]
    assert "angle=oblique-left" in response.headers["HX-Redirect"]  # type: ignore[attr-defined]
    photo = Photo.objects.get()
    assert (photo.angle, photo.taken_by, photo.origin) == ("front", studio.nurse, "camera")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7" + b"0" * 500, "PDF"),
        (b"\0\0\0\x18ftypheic" + b"0" * 500, "已损坏"),
        (b"\xff\xd8\xff" + b"0" * (31 * 1024 * 1024), "30 MB"),
        (b"hello", "不是照片"),
    ],
    ids=["pdf", "heic", "big", "text"],
)
def test_what_is_no_photo_is_refused_and_the_page_stays(client: Client, data: bytes, said: str) -> None:
    studio = Studio()
    sign_in(client, studio.surgeon)
    response = send(client, studio, data)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert said in response.content.decode()  # type: ignore[attr-defined]
    assert response.headers["HX-Retarget"] == "#notices"  # type: ignore[attr-defined]
    assert not Photo.objects.exists()


def test_a_form_without_a_picture_says_so(client: Client) -> None:
    studio = Studio()
    sign_in(client, studio.surgeon)
    response = client.post(
        reverse("desk:photo-take", args=[studio.case.public_id]),
        {"angle": "front", "moment": "before", "origin": "upload"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 422
    assert "请先拍照或选择照片文件" in response.content.decode()
    assert 'id="picture-fields"' in response.content.decode()


def test_the_refusal_without_consent_links_to_the_consents(client: Client) -> None:
    studio = Studio(agreed=False)
    sign_in(client, studio.surgeon)
    response = send(client, studio, drawn())
    assert response.status_code == 422  # type: ignore[attr-defined]
    where = reverse("desk:patient-consents", args=[studio.patient.public_id])
    assert where in response.content.decode()  # type: ignore[attr-defined]
    assert where in page(client, "case-photos", studio.case.public_id)


def test_a_picture_is_kept_by_no_cache_and_every_one_is_logged(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    sign_in(client, studio.surgeon)
    before = Entry.objects.filter(action="journey.photo.photo_view").count()
    for size in ("thumb", "screen", "full"):
        response = client.get(photo_link(studio.surgeon, shot.public_id, size))
        assert response.status_code == 200
        assert response["Content-Type"] == "image/jpeg"
        assert "no-store" in response["Cache-Control"]
    assert Entry.objects.filter(action="journey.photo.photo_view").count() == before + 3
    assert client.get(photo_link(studio.surgeon, shot.public_id, "huge")).status_code == 404
    assert client.get(photo_link(studio.surgeon, uuid4(), "thumb")).status_code == 404


def test_a_link_to_a_picture_opens_for_its_reader_only_and_for_ten_minutes(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    sign_in(client, studio.surgeon)
    html = page(client, "case-photos", studio.case.public_id)
    [link] = re.findall(r'src="(/desk/photos/[^"]*thumb[^"]*)"', html)
    assert client.get(link).status_code == 200
    bare = reverse("desk:photo-image", args=[shot.public_id, "thumb"])
    others = photo_link(studio.nurse, shot.public_id, "thumb")
    for broken in (bare, f"{bare}?k=x", link.replace("thumb", "full"), others):
        assert client.get(broken).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert not is_fresh(studio.surgeon, shot.public_id, "thumb", link.rsplit("=", 1)[1])


def test_looks_at_photos_stand_in_the_list_of_looks(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    sign_in(client, studio.surgeon)
    client.get(photo_link(studio.surgeon, shot.public_id, "screen"))
    assert "查看照片" in page(client, "patient-log", studio.patient.public_id)


@pytest.mark.parametrize("role", ["reception", "cashier", "director", "admin", "marketing", "aftercare"])
def test_other_roles_find_no_page_and_no_picture(client: Client, role: str) -> None:
    studio = Studio()
    shot = studio.take()
    somebody = studio.staff(role, "某某")
    studio.cares(somebody)
    sign_in(client, somebody)
    for name, args in (
        ("case-photos", [studio.case.public_id]),
        ("photo-compare", [studio.case.public_id]),
        ("photo-take", [studio.case.public_id]),
        ("photo", [shot.public_id]),
        ("photo-image", [shot.public_id, "thumb"]),
    ):
        assert client.get(reverse(f"desk:{name}", args=args)).status_code == 404, name
    assert client.get(photo_link(somebody, shot.public_id, "thumb")).status_code == 404


def test_a_consultant_sees_by_consent_and_may_not_take(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    consultant = studio.staff("consultant", "周蕾")
    studio.cares(consultant)
    sign_in(client, consultant)
    thumb = reverse("desk:photo-image", args=[shot.public_id, "thumb"])
    assert thumb in page(client, "case-photos", studio.case.public_id)
    assert client.get(photo_link(consultant, shot.public_id, "thumb")).status_code == 200
    assert client.get(reverse("desk:photo-take", args=[studio.case.public_id])).status_code == 404
    consent(studio.patient, act=ConsentAct.WITHDRAWN, at=NOW)
    html = page(client, "case-photos", studio.case.public_id)
    assert thumb not in html
    assert "没有同意影像留存，现场咨询不能查看" in html
    assert client.get(thumb).status_code == 404
    assert thumb not in page(client, "photo-compare", studio.case.public_id)


def test_a_private_part_is_locked_for_a_nurse_without_care(client: Client) -> None:
    studio = Studio()
    shot = studio.take("front", is_intimate=True)
    sign_in(client, studio.nurse)
    html = page(client, "case-photos", studio.case.public_id)
    assert str(shot.public_id) not in html
    assert "您不能查看这张照片" in html
    assert client.get(reverse("desk:photo", args=[shot.public_id])).status_code == 404


def test_a_clinician_without_a_ground_is_asked_for_one(client: Client) -> None:
    studio = Studio()
    studio.take()
    stranger = studio.staff("surgeon", "外人")
    sign_in(client, stranger)
    assert client.get(reverse("desk:case-photos", args=[studio.case.public_id])).status_code in {200, 404}
    assert not Entry.objects.filter(actor=stranger.public_id, action="journey.photo.photo_view").exists()


def test_void_hides_and_tells_who_and_why(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    sign_in(client, studio.surgeon)
    address = reverse("desk:photo-void", args=[shot.public_id])
    assert client.post(address, {"reason": "错"}).status_code == 422
    assert client.post(address, {"reason": "角度标错"}).status_code == 302
    html = page(client, "case-photos", studio.case.public_id)
    assert "角度标错" in html
    assert str(shot.public_id) not in html


def test_release_for_teaching_shows_its_state(client: Client) -> None:
    studio = Studio()
    shot = studio.take()
    sign_in(client, studio.surgeon)
    assert "客户没有同意用于院内教学" in page(client, "photo", shot.public_id)
    consent(studio.patient, "image.teaching")
    assert client.post(reverse("desk:photo-release", args=[shot.public_id, "teaching"])).status_code == 302
    assert "可用" in page(client, "photo", shot.public_id)
    consent(studio.patient, "image.teaching", act=ConsentAct.WITHDRAWN, at=NOW)
    assert "不可用：同意已撤回" in page(client, "photo", shot.public_id)
    assert client.post(reverse("desk:photo-release", args=[shot.public_id, "tv"])).status_code == 404
    assert client.post(reverse("desk:photo-withhold", args=[shot.public_id, "teaching"])).status_code == 302


def test_compare_puts_two_dates_of_one_angle_beside_each_other_or_on_top(client: Client) -> None:
    studio = Studio()
    old = studio.take("front", taken_on=(NOW - timedelta(days=5)).date(), data=drawn(shade=90))
    new = studio.take("front")
    sign_in(client, studio.surgeon)
    side = page(client, "photo-compare", studio.case.public_id)
    assert "compare-side" in side
    slider = page(client, "photo-compare", studio.case.public_id, mode="slider", angle="front")
    assert "data-ym-compare" in slider
    for shot in (old, new):
        assert reverse("desk:photo-image", args=[shot.public_id, "screen"]) in side
        assert reverse("desk:photo-image", args=[shot.public_id, "screen"]) in slider
    empty = page(client, "photo-compare", studio.case.public_id, angle="left")
    assert "还没有可对比的照片" in empty


def test_the_earlier_photo_stands_behind_the_camera(client: Client) -> None:
    studio = Studio()
    old = studio.take("front", taken_on=(NOW - timedelta(days=5)).date())
    sign_in(client, studio.surgeon)
    ghost = reverse("desk:photo-image", args=[old.public_id, "screen"])
    assert ghost in page(client, "photo-take", studio.case.public_id, angle="front")
    assert ghost not in page(client, "photo-take", studio.case.public_id, angle="left")


def test_the_camera_is_allowed_to_our_own_pages_only(client: Client) -> None:
    studio = Studio()
    sign_in(client, studio.surgeon)
    response = client.get(reverse("desk:photo-take", args=[studio.case.public_id]))
    assert "camera=(self)" in response["Permissions-Policy"]
    assert "blob:" in response["Content-Security-Policy"]


def test_only_one_address_hands_out_pictures() -> None:
    """Whoever adds a second one must think of role, ground, consent, mark and log first."""
    names = {pattern.name for pattern in addresses.urlpatterns if isinstance(pattern, URLPattern)}
    assert names == {
        "case-photos",
        "photo-take",
        "photo-compare",
        "photo",
        "photo-void",
        "photo-release",
        "photo-withhold",
        "photo-image",
    }


def _cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.slow(reason="takes real pictures, one and then many")
@pytest.mark.parametrize("name", ["case-photos", "photo-compare", "photo-take"])
def test_pages_cost_the_same_for_one_photo_and_for_many(client: Client, name: str) -> None:
    studio = Studio()
    studio.take("front")
    sign_in(client, studio.surgeon)
    address = reverse(f"desk:{name}", args=[studio.case.public_id])
    _cost(client, address)
    few = _cost(client, address)
    for days in (3, 2):
        day: datetime = NOW - timedelta(days=days)
        studio.take_all(taken_on=day.date(), data=drawn(shade=100 + days), moment=PhotoMoment.BEFORE)
    assert _cost(client, address) == few


def test_nobody_signed_out_sees_a_picture(client: Client) -> None:
    shot = Studio().take()
    response = client.get(reverse("desk:photo-image", args=[shot.public_id, "thumb"]))
    assert response.status_code == 302
    assert isinstance(shot.taken_by, Staff)
