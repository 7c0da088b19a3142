"""The officer's registers of parties, transfers and assessments through their addresses."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import shipped
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.core.clock import local_date
from yimei.people.models import Staff
from yimei.privacy.models import Assessment, Party, Purpose, Transfer
from yimei.privacy.rules.parties import DILIGENCE, TERMS

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Staff:
    return shipped.officer_since()


@pytest.fixture
def desk(client: Client, officer: Staff) -> Client:
    return sign_in(client, officer)


@pytest.fixture
def second(officer: Staff) -> Client:
    return sign_in(Client(), StaffFactory(role="director", campus=officer.campus))


def write(desk: Client, second: Client, subject: str) -> Assessment:
    page = reverse("desk:assessment-new")
    assert desk.get(page, {"subject": subject}).status_code == 200
    known = {
        "title": "评估", "subject": subject, "triggers": ["entrust", "abroad", "sensitive"],
        **dict.fromkeys(("necessity", "impact", "measures"), "写满十个字的说明文字内容"),
        "what_1": "外泄", "measure_1": "加密", "likelihood_1": "2", "severity_1": "4",
        "likelihood_after_1": "1", "severity_after_1": "4",
    }  # fmt: skip
    assert desk.post(page, known | {"likelihood_1": ""}).status_code == 422
    assert desk.post(page, known).status_code == 302
    one = Assessment.objects.latest("pk")
    detail, move = (reverse(f"desk:assessment{end}", args=[one.public_id]) for end in ("", "-move"))
    assert "外泄" in desk.get(detail).content.decode()
    assert desk.post(move, {"to": "submitted"}).status_code == 302
    assert desk.post(move, {"to": "approved"}).status_code == 422
    assert second.post(move, {"to": "approved", "remark": "同意"}).status_code == 302
    assert "写满十个字" in desk.get(detail).content.decode()
    return one


@pytest.mark.slow(reason="fills page after page of two registers")
def test_a_party_and_its_transfer_from_paper_to_release(desk: Client, second: Client) -> None:
    for name in ("parties", "transfers", "assessments", "party-new", "transfer-new"):
        assert desk.get(reverse(f"desk:{name}")).status_code == 200
    assert "标准合同备案、个人信息保护认证" in desk.get(reverse("desk:transfers")).content.decode()
    known = {
        "code": "cloud.sg", "name": "海外云", "kind": "processor", "service": "病例讨论", "method": "接口",
        "country": "SG", "holdings": ["people.identity"], "contact": "a", "incident_contact": "b",
        "valid_to": "2099-01-01", "terms": list(TERMS), "diligence": list(DILIGENCE),
        "diligence_note": "已看",
    }  # fmt: skip
    assert desk.post(reverse("desk:party-new"), known | {"code": "海外"}).status_code == 422
    assert desk.post(reverse("desk:party-new"), known).status_code == 302
    party = Party.objects.get()
    assert "未获批准" in desk.get(reverse("desk:party", args=[party.public_id])).content.decode()
    approve = reverse("desk:party-move", args=[party.public_id])
    assert second.post(approve, {"to": "active"}).status_code == 422
    write(desk, second, "party:cloud.sg")
    assert second.post(approve, {"to": "active"}).status_code == 302
    assert "存放在境外" in desk.get(reverse("desk:party", args=[party.public_id])).content.decode()

    asked = {
        "code": "case.sg", "party": str(party.public_id), "title": "病例讨论", "ground": "contract",
        "holdings": ["people.identity"], "is_sensitive": "on", "rights": "邮件", "route": "exempt",
    }  # fmt: skip
    assert desk.post(reverse("desk:transfer-new"), asked).status_code == 302
    transfer = Transfer.objects.get()
    page, move = (reverse(f"desk:transfer{end}", args=[transfer.public_id]) for end in ("", "-move"))
    assert "还缺" in desk.get(page).content.decode()
    assert second.post(move, {"to": "active"}).status_code == 422
    write(desk, second, "transfer:case.sg")
    assert second.post(move, {"to": "active"}).status_code == 302
    assert "条件齐备" in desk.get(page).content.decode()
    assert "现在可以发送" in desk.get(reverse("desk:party", args=[party.public_id])).content.decode()
    paper = reverse("desk:party-proof", args=[party.public_id])
    assert desk.get(paper).status_code == 404
    lying = SimpleUploadedFile("a.pdf.html", b"<script>alert(1)</script>", "text/html")
    ended = desk.post(approve, {"to": "ended", "text": "删除证明 1 号", "paper": lying})
    assert ended.status_code == 302
    kept = second.get(paper)
    assert (kept.content, kept.headers["Content-Type"]) == (
        b"<script>alert(1)</script>", "application/octet-stream",
    )  # fmt: skip
    assert kept.headers["Content-Disposition"] == 'attachment; filename="cloud.sg-proof.bin"'
    assert "下载证明文件" in desk.get(reverse("desk:party", args=[party.public_id])).content.decode()
    transfer.refresh_from_db()
    assert transfer.state == "stopped"


def test_a_purpose_is_registered_changed_and_shown_with_its_ground(desk: Client, second: Client) -> None:
    page = desk.get(reverse("desk:purposes")).content.decode()
    assert "履行法定职责或法定义务所必需" in page
    assert "《个人信息保护法》第十三条第一款第二项" in page
    asked = {
        "code": "face.queue", "name": "人脸排队", "description": "用面部影像在到院时核对身份并叫号。",
        "basis": "consent", "mode": "general", "article": "第二十九条", "retention": "lead",
        "is_sensitive": "on",
    }  # fmt: skip
    refused = desk.post(reverse("desk:purpose-new"), asked)
    assert (refused.status_code, "单独同意" in refused.content.decode()) == (422, True)
    assert second.post(reverse("desk:purpose-new"), asked).status_code == 404
    assert desk.post(reverse("desk:purpose-new"), asked | {"mode": "separate"}).status_code == 302
    made = Purpose.objects.get(code="face.queue")
    address = reverse("desk:purpose", args=[made.public_id])
    assert "还不能启用，缺" in desk.get(address).content.decode()
    assert desk.post(address, asked | {"mode": "written"}).status_code == 302
    seen = second.get(address).content.decode()
    assert "实质变更" in seen
    assert "书面同意" in seen
    assert second.post(address, asked | {"mode": "written"}).status_code == 404


def test_a_purpose_is_switched_on_behind_its_gate(desk: Client, second: Client) -> None:
    purpose = Purpose.objects.get(code="image.publicity")
    url = reverse("desk:purpose-switch", args=[purpose.public_id])
    assert desk.post(url, {"on": "no"}).status_code == 302
    refused = desk.post(url, {"on": "yes"})
    assert refused.status_code == 422
    assert "影响评估" in refused.content.decode()
    day = local_date(timezone.now()) + timedelta(days=9)
    Purpose.objects.filter(pk=purpose.pk).update(is_active=True, assess_by=day)
    later, move = day + timedelta(days=1), reverse("desk:purpose-postpone", args=[purpose.public_id])
    short = desk.post(move, {"until": f"{later}", "reason": "还早"})
    assert (short.status_code, "至少 10 个字" in short.text, "还早" in short.text) == (422, True, True)
    asked = {"until": f"{later}", "reason": "律师在看这一份，下月初签"}
    assert desk.post(move, asked).status_code == 302
    again = desk.post(move, asked | {"until": f"{later + timedelta(days=1)}"})
    assert (again.status_code, "只能改一次" in again.text) == (422, True)
    assert Purpose.objects.get(pk=purpose.pk).assess_by == later
    assert second.post(move, asked).status_code == 404
