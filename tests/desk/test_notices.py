"""The officer writes the next version, sees what it changes, and the list of whom to ask again follows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import shipped
from tests.factories.hospital import CampusFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.core.errors import Conflict
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents, notices, reference
from yimei.privacy.enums import Audience
from yimei.privacy.models import Notice, NoticeException
from yimei.privacy.queries import has_consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Staff:
    return shipped.officer_since(days=90)


@pytest.fixture
def patient(officer: Staff) -> Patient:
    return PatientFactory(campus=officer.campus, registered=True)


def written(notice: Notice, **changes: str) -> dict[str, object]:
    texts = {
        f"text_{section['code']}": "\n".join(section["paragraphs"])
        for section in notice.body
        if section["code"] not in {"brief", "purposes", "retention", "collected", "shared"}
    }
    codes = list(notice.purposes.values_list("code", flat=True))
    return {"title": notice.title, "purposes": codes, **texts, **changes}


def test_a_changed_method_asks_everybody_again(client: Client, officer: Staff, patient: Patient) -> None:
    now = timezone.now()
    consents.give(patient, "marketing", by=officer, now=now - timedelta(days=5))
    desk, notice = sign_in(client, officer), Notice.objects.get(code="customer")
    address = reverse("desk:notice-edit", args=[notice.public_id])
    assert "收集清单" in desk.get(address).content.decode()
    changed = written(notice, text_methods="改为由上海的数据中心处理。")
    preview = desk.post(address, {**changed, "act": "preview"}).content.decode()
    assert "改为由上海的数据中心处理。" in preview
    assert "须重新同意" in preview
    assert Notice.objects.filter(code="customer").count() == 1
    assert desk.post(address, {**changed, "act": "publish"}).status_code == 302
    newest = Notice.objects.filter(code="customer").latest("version")
    assert newest.is_material
    published = reverse("desk:notice-version", args=[newest.public_id])
    assert "与第 1 版的差别" in desk.get(published).content.decode()
    assert (
        "上海的数据中心" in desk.get(reverse("desk:notice-version", args=[newest.public_id])).content.decode()
    )
    assert not has_consent(patient, "marketing", timezone.now())
    again = desk.get(reverse("desk:consents-again")).content.decode()
    assert reverse("desk:consent-ask", args=[patient.public_id, "marketing"]) in again


def test_a_notice_that_lacks_an_item_is_not_published(client: Client, officer: Staff) -> None:
    desk, notice = sign_in(client, officer), Notice.objects.get(code="customer")
    address = reverse("desk:notice-edit", args=[notice.public_id])
    response = desk.post(address, {**written(notice, text_rights=""), "act": "publish"})
    assert response.status_code == 422
    assert "行使权利的方式" in response.content.decode()
    preview = desk.post(address, {**written(notice, text_rights=""), "act": "preview"}).content.decode()
    assert "行使权利的方式" in preview
    assert 'value="publish"' not in preview


def test_an_emergency_is_told_later_and_stood_for_by_another(
    client: Client, officer: Staff, patient: Patient
) -> None:
    reception = StaffFactory(role="reception", campus=officer.campus)
    front = sign_in(Client(), reception)
    address = reverse("desk:notice-exception-new", args=[patient.public_id])
    assert front.post(address, {"kind": "emergency", "reason": "短"}).status_code == 422
    words = {"kind": "emergency", "reason": "昏迷送来，先处理伤口"}
    assert front.post(address, words).status_code == 302
    made = NoticeException.objects.get()
    settle = reverse("desk:notice-exception", args=[made.public_id])
    assert front.post(settle, {"act": "approve"}).status_code == 404
    desk = sign_in(client, officer)
    assert "昏迷送来" in desk.get(reverse("desk:consents-again")).content.decode()
    assert desk.post(settle, {"act": "approve"}).status_code == 302
    assert front.post(settle, {"act": "told"}).status_code == 302
    made.refresh_from_db()
    assert (made.approved_by, made.told_by) == (officer, reception)
    assert front.post(settle, {"act": "told"}).status_code == 422
    assert "昏迷送来" not in desk.get(reverse("desk:consents-again")).content.decode()


def test_the_notices_of_the_house_are_listed_with_their_hash(client: Client, officer: Staff) -> None:
    page = sign_in(client, officer).get(reverse("desk:notice-list")).content.decode()
    assert "员工个人信息处理告知" in page
    assert Notice.objects.get(code="staff").sha256[:12] in page


def test_a_shipped_notice_is_read_whole_and_published_by_the_officer(client: Client) -> None:
    """A hospital of its own begins without a notice: what ships waits, and nobody is asked before."""
    reference.load(timezone.now() - timedelta(days=1), publishes=False)
    officer = StaffFactory(role="privacy", campus=CampusFactory(phone=""))
    patient = PatientFactory(campus=officer.campus, registered=True)
    asking = sign_in(client, StaffFactory(role="reception", campus=officer.campus))
    assert "还没有发布告知" in asking.get(reverse("desk:patient-consents", args=[patient.public_id])).text
    desk = sign_in(client, officer)
    assert "「个人信息处理告知」还没有发布" in desk.get(reverse("desk:today")).text
    assert "核对并发布" in desk.get(reverse("desk:notice-list")).text
    address = reverse("desk:notice-first", args=["customer"])
    form = desk.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    lacking = desk.post(address, {**typed, "act": "preview"})
    assert lacking.status_code == 422
    assert "请先在院区资料中补全" in lacking.text

    Campus.objects.update(name="颐美示范医院", phone="021-12345678")
    whole = desk.post(address, {**typed, "act": "preview"}).text
    assert "个人信息处理者是颐美示范医院" in whole
    assert not Notice.objects.exists()
    assert desk.post(address, {**typed, "text_rights": "", "act": "publish"}).status_code == 422
    assert desk.post(address, {**typed, "act": "publish"}).status_code == 302
    made = Notice.objects.get()
    assert (made.code, made.version, made.published_by) == ("customer", 1, officer.public_id)
    assert desk.get(address).status_code == 404
    with pytest.raises(Conflict, match="刚由别人发布"):
        notices.publish(
            "customer",
            audience=Audience.ADULT,
            title=made.title,
            sections=made.body,
            purpose_codes=["money"],
            campus=officer.campus,
            at=timezone.now(),
            by=officer,
            is_first=True,
        )
    assert "「个人信息处理告知」还没有发布" not in desk.get(reverse("desk:today")).text
    reference.load(timezone.now(), publishes=False)
    assert Notice.objects.count() == 1
