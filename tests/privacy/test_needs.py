"""What no purpose in force needs is not shown, not read and not kept."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.journey import CaseFactory
from yimei.core.errors import RuleBroken
from yimei.desk.forms.photos import PictureForm
from yimei.hospital.enums import Category, Evidence
from yimei.hospital.models import Campus
from yimei.hospital.rules.photos import Angle, Series
from yimei.journey.actions import surveys as actions
from yimei.journey.models import Photo, Survey
from yimei.journey.rules import surveys as rules
from yimei.portal.forms.surveys import SurveyForm
from yimei.privacy.models import Purpose
from yimei.privacy.queries import needs

pytestmark = pytest.mark.django_db
TOKEN = "a-link-that-nobody-can-guess-0002"


def stop(*codes: str) -> None:
    Purpose.objects.filter(code__in=codes).update(is_active=False)


@pytest.mark.usefixtures("campus")
def test_a_column_is_needed_while_one_of_its_purposes_is_in_force() -> None:
    stop("image.teaching", "image.publicity", "survey")
    assert needs.unneeded("journey.Photo", ["angle"]) == frozenset()
    assert needs.unneeded("journey.Survey", ["score", "comment"]) == {"score", "comment"}
    assert needs.unneeded("people.Person", ["name"]) == frozenset(), "needed for care"
    stop("image.clinical")
    assert not needs.is_needed("journey.Photo")


@pytest.mark.usefixtures("campus")
def test_a_column_may_name_narrower_purposes_than_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Photo, "PURPOSES", {"is_intimate": ("image.teaching",)}, raising=False)
    stop("image.teaching")
    assert needs.unneeded("journey.Photo", ["is_intimate", "angle"]) == {"is_intimate"}
    form = _picture({"angle": "front", "moment": "before", "is_intimate": "on", "origin": "upload"})
    assert str(form["is_intimate"]) == ""
    assert form.is_valid(), form.errors
    assert form.cleaned_data["is_intimate"] is False, "a forged value is not read"


@pytest.mark.usefixtures("campus")
def test_a_form_none_of_whose_purposes_is_in_force_asks_nothing_and_takes_nothing() -> None:
    stop("image.clinical", "image.teaching", "image.publicity")
    form = _picture({"angle": "front", "moment": "before", "origin": "upload"})
    assert "input" not in form.as_p()
    assert not form.is_valid()
    assert "已停用的目的" in str(form.errors["picture"])


def _picture(data: dict[str, str]) -> PictureForm:
    sent = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff", "image/jpeg")
    series = Series(
        Category.FACE,
        "面部",
        (Angle("front", "正面", ""),),
        is_intimate=False,
        evidence=Evidence.OFFICIAL,
        source="",
    )
    return PictureForm(data, {"picture": sent}, series=series, has_side=False)


def test_a_survey_whose_purpose_is_stopped_is_not_asked_and_not_kept(
    campus: Campus, client: Client, now: datetime
) -> None:
    survey = Survey.objects.create(
        case=CaseFactory(),
        token_hash=rules.token_hash(TOKEN),
        created_at=timezone.now(),
        expires_at=timezone.now() + rules.VALID_FOR,
    )
    address = reverse("portal:survey", args=[TOKEN])
    assert client.get(address).status_code == 200
    stop("survey")
    for answer in (client.get(address), client.post(address, {"score": "9", "comment": "很好"})):
        assert (answer.status_code, "已停用的目的" in answer.content.decode()) == (422, True)
    with pytest.raises(RuleBroken, match="已停用的目的"):
        actions.answer(TOKEN, score=9, dimensions={}, comment="", now=timezone.now())
    survey.refresh_from_db()
    assert survey.score is None
    assert not SurveyForm({"score": "9"}).is_valid()
