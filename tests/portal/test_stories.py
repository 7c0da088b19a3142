"""Her story on her phone: written, signed, seen where it stands, taken back by one click."""

import io
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.factories.photos import NOW, Studio, drawn
from tests.growth.test_stories import WORDS, signature
from tests.portal.test_centre import clock, inside, officer, page, patient, somebody
from yimei.growth.actions import stories
from yimei.growth.models import Story
from yimei.journey.models import Case
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents
from yimei.privacy.models import Consent
from yimei.vault import files

pytestmark = pytest.mark.django_db
__all__ = ["clock", "officer", "patient"]


def test_she_writes_signs_and_takes_back(client: Client, patient: Patient, clock: Any) -> None:
    inside(client)
    assert "我的故事" in page(client, "centre")
    assert "写一个" in page(client, "stories")
    begun = client.post(reverse("portal:story-begin"))
    story = Story.objects.get()
    where = [story.public_id]
    assert begun.headers["Location"] == reverse("portal:story", args=where)
    post = {"title": "恢复", "words": WORDS, "category": "eye"}
    assert client.post(reverse("portal:story-write", args=where), {**post, "words": "短"}).status_code == 422
    assert client.post(reverse("portal:story-write", args=where), post).status_code == 302
    shot = SimpleUploadedFile("a.jpg", drawn(), "image/jpeg")
    sent = client.post(reverse("portal:story-add-picture", args=where), {"picture": shot})
    assert sent.status_code == 302
    picture = story.pictures.get()
    shown = client.get(reverse("portal:story-picture", args=[picture.public_id]))
    assert (shown.status_code, shown["Cache-Control"]) == (200, "private, no-store")
    studio = Studio(agreed=False)
    consents.give(studio.patient, "image.clinical", now=NOW)
    photo = studio.take().public_id
    thumb, chart = (
        reverse("portal:story-chart-photo", args=[photo]),
        reverse("portal:story-add-chart", args=where),
    )
    band = {"mask_top": "0", "mask_bottom": "50", "photo": photo}
    assert (client.get(thumb).status_code, client.post(chart, band).status_code) == (404, 404), "a stranger's"
    Case.objects.filter(pk=studio.case.pk).update(patient=patient)
    assert thumb in page(client, "story", story.public_id)
    assert client.get(thumb).status_code == 200
    assert client.post(chart, {**band, "photo": ""}).status_code == 422
    assert client.post(chart, band).status_code == 302
    copied = story.pictures.last()
    with Image.open(io.BytesIO(files.read(copied.file))) as image:
        assert image.getpixel((image.width // 2, image.height // 4)) < (9, 9, 9), "black before it is kept"
    assert copied.file.key == story.vault_key, "it ends with the story, the chart keeps its own"
    consent = {"uses": ["talk"], "has_pictures": "on", "span": "180", "signature": ""}
    refused = client.post(reverse("portal:story-agree", args=where), consent)
    assert (refused.status_code, "手写签名" in refused.content.decode()) == (422, True)
    done = client.post(reverse("portal:story-agree", args=where), {**consent, "signature": signature()})
    assert done.status_code == 302
    assert Consent.objects.get(purpose__code="story.share").channel == "portal"
    assert "面诊时给其他客户看" in page(client, "story", story.public_id)
    assert client.post(reverse("portal:story-withdraw", args=where)).status_code == 302
    assert "已停止使用" in page(client, "stories")
    assert client.get(reverse("portal:story-picture", args=[picture.public_id])).status_code == 404
    assert "我的故事" in page(client, "centre-consent", "story.share")


def test_anothers_story_is_not_there(
    client: Client, officer: Staff, patient: Patient, clock: Any, now: datetime
) -> None:
    other = somebody(officer, name="他人", phone="+8612000000002", id_no="")
    story = stories.begin_own(other, now=now)
    inside(client)
    for name in ("story", "story-write", "story-agree", "story-withdraw"):
        address = reverse(f"portal:{name}", args=[story.public_id])
        answer = client.get(address) if name == "story" else client.post(address, {"uses": "talk"})
        assert answer.status_code == 404, name


def test_a_stranger_is_led_to_the_door(client: Client) -> None:
    assert client.get(reverse("portal:stories")).headers["Location"] == reverse("portal:centre-door")
