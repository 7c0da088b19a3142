"""The watch over the log through its screens: exports, alarms, looks, seals, minors."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.factories.audit import EntryFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import PatientFactory, PersonFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.actions import seals
from yimei.audit.models import Entry
from yimei.core.documents import locked
from yimei.people.models import Canary, MinorLook, Staff
from yimei.privacy.actions import alarms, reference
from yimei.privacy.models import Alarm, Export, RightsRequest
from yimei.privacy.queries import exports

pytestmark = pytest.mark.django_db

EXPORTS, ALARMS, LOG, SEALS = (
    reverse(f"desk:{name}") for name in ("exports", "alarms", "access-log", "seals")
)


def at_desk(client: Client, role: str = "reception") -> Staff:
    staff = StaffFactory(role=role)
    sign_in(client, staff)
    return staff


def test_a_list_leaves_by_the_ledger_and_shows_its_password_once(client: Client) -> None:
    staff = at_desk(client)
    for _one in range(2):
        PatientFactory(campus=staff.campus)
    decoy = PatientFactory(campus=staff.campus, person__name="不存在")
    Canary.objects.create(patient=decoy, planted_for=staff, planted_at=timezone.now())
    ask = reverse("desk:export-ask", args=["customers"])
    assert ask in client.get(reverse("desk:patients")).content.decode()
    assert "范围：全部阶段的客户。搜索框里的字不是范围" in client.get(ask, {"q": "林"}).content.decode()
    assert "范围：阶段为「已结案」的客户，只含自己名下的" in client.get(
        ask, {"stage": "closed", "mine": "1"}
    ).content.decode()  # fmt: skip
    refused = client.post(ask, {"purpose": "service", "reason": "", "is_abroad": "on"})
    assert (refused.status_code, "境外" in refused.content.decode()) == (422, True)
    client.post(ask, {"purpose": "service", "reason": ""})
    export = Export.objects.get()
    made = client.post(reverse("desk:export-make", args=[export.public_id]))
    password = made.context["password"]
    assert password in made.content.decode()
    assert password not in client.get(EXPORTS).content.decode()
    answer = client.post(reverse("desk:export-fetch", args=[export.public_id]))
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = locked.unlock(answer.content, password)
    assert sheet.startswith(b"PK")
    export.refresh_from_db()
    assert (export.rows, export.downloads) == (3, 1), "her own canary is hidden in the list"
    fetch = reverse("desk:export-fetch", args=[export.public_id])
    assert fetch in client.get(EXPORTS).content.decode()
    Export.objects.update(downloads=3)
    assert fetch not in client.get(EXPORTS).content.decode(), "no button for a fourth time"
    client.post(reverse("desk:export-revoke", args=[export.public_id]))
    again = client.post(reverse("desk:export-fetch", args=[export.public_id]))
    assert again.status_code == 422


def test_somebody_elses_export_cannot_be_made_fetched_or_seen(client: Client) -> None:
    other = StaffFactory()
    export = Export.objects.create(
        kind="file", source="customers", purpose="service", reason="", subjects=1, needed=0, asked_by=other,
        asked_at=timezone.now(),
    )  # fmt: skip
    at_desk(client)
    assert other.name not in client.get(EXPORTS).content.decode()
    for name in ("make", "fetch", "revoke"):
        assert client.post(reverse(f"desk:export-{name}", args=[export.public_id])).status_code == 404
    assert client.post(reverse("desk:export-judge", args=[export.public_id])).status_code == 404


def test_the_officer_judges_a_long_list(client: Client) -> None:
    export = Export.objects.create(
        kind="looks", purpose="service", reason="季度病历质控抽查", subjects=250, needed=2,
        asked_by=StaffFactory(name="周宁"), asked_at=timezone.now(),
    )  # fmt: skip
    at_desk(client, "privacy")
    page = client.get(EXPORTS).content.decode()
    assert "周宁" in page
    assert "0/2" in page
    client.post(reverse("desk:export-judge", args=[export.public_id]), {"is_granted": "yes"})
    assert "1/2" in client.get(EXPORTS).content.decode()


@pytest.mark.parametrize("role", ["reception", "nurse", "admin", "cashier", "marketing"])
def test_the_watch_is_closed_to_others(client: Client, role: str) -> None:
    at_desk(client, role)
    for url in (ALARMS, LOG, SEALS, reverse("desk:leaver-report", args=[StaffFactory().public_id])):
        assert client.get(url).status_code == 404


@time_machine.travel("2026-06-16T12:00:00+08:00", tick=False)
def test_an_alarm_is_read_taken_and_closed(client: Client) -> None:
    nurse, now = StaffFactory(role="nurse", name="何静"), timezone.now()
    for _one in range(6):
        patient = PatientFactory(campus=nurse.campus, person__name="林晓雨")
        EntryFactory("people.patient.view", subject=patient.person.vault_key, by=nurse, at=now)
    alarms.scan(now=timezone.now())
    alarm = Alarm.objects.get()
    at_desk(client, "privacy")
    page = client.get(ALARMS).content.decode()
    assert "查看没有业务往来的客户" in page
    url = reverse("desk:alarm", args=[alarm.public_id])
    shown = client.get(url).content.decode()
    assert "何静" in shown
    assert "林**" in shown
    assert "林晓雨" not in shown
    client.post(reverse("desk:alarm-take", args=[alarm.public_id]))
    assert client.post(url, {"verdict": "work", "note": ""}).status_code == 422
    client.post(url, {"verdict": "misuse", "note": "已约谈并停用账号"})
    alarm.refresh_from_db()
    assert (alarm.verdict, alarm.taken_by) == ("misuse", alarm.closed_by)
    assert "违规查看" in client.get(f"{ALARMS}?all=1").content.decode()


def test_who_looked_is_found_by_customer_staff_and_time(client: Client) -> None:
    nurse = StaffFactory(role="nurse", name="何静")
    patient = PatientFactory(registered=True)
    EntryFactory("people.patient.view", subject=patient.person.vault_key, by=nurse)
    EntryFactory("people.patient.view", by=StaffFactory(name="周宁"))
    at_desk(client, "privacy")
    assert "何静" in client.get(LOG, {"file_no": patient.file_no}).content.decode()
    assert "周宁" not in client.get(LOG, {"staff": "何静"}).content.decode()
    assert "何静" not in client.get(LOG, {"until": "2020-01-01"}).content.decode()
    assert "没有符合条件" in client.get(LOG, {"file_no": "ZZ1"}).content.decode()
    report = client.get(reverse("desk:leaver-report", args=[nurse.public_id])).content.decode()
    assert "何静" in report


def test_the_seals_are_shown_and_checked_against_the_checkpoints_outside(
    client: Client, tmp_path: Path
) -> None:
    at_desk(client, "auditor")
    EntryFactory()
    file = tmp_path / "heads.jsonl"
    with override_settings(AUDIT_CHECKPOINT=str(file)):
        assert "还没有检查点" in client.get(SEALS).content.decode()
        seals.checkpoint(file, now=timezone.now())
        page = client.post(reverse("desk:seals-verify")).content.decode()
        assert "1 个检查点一致" in page


def test_a_minors_chart_is_asked_for_on_its_page(client: Client) -> None:
    nurse = at_desk(client, "nurse")
    person = PersonFactory(birth_date=date.today() - timedelta(days=15 * 365))
    case = CaseFactory(patient=PatientFactory(campus=nurse.campus, person=person))
    page = client.get(reverse("desk:case-tests", args=[case.public_id])).content.decode()
    assert "未成年人病历须先经批准" in page
    url = reverse("desk:minor-ask", args=[case.patient.public_id])
    assert client.post(url, {"reason": "看"}).status_code == 422
    client.post(url, {"reason": "今晚由我代管该患者的换药"})
    look = MinorLook.objects.get()
    officer = at_desk(client, "privacy")
    listed = reverse("desk:minor-looks")
    assert nurse.name in client.get(listed).content.decode()
    client.post(reverse("desk:minor-judge", args=[look.public_id]), {"is_granted": "yes"})
    look.refresh_from_db()
    assert (look.is_granted, look.judged_by) == (True, officer)


def test_canaries_are_planted_once_found_by_search_and_in_no_list(client: Client) -> None:
    consultant, cashier = StaffFactory(role="consultant"), StaffFactory(role="cashier")
    StaffFactory(role="marketing")
    officer = at_desk(client, "privacy")
    alarms_page = client.get(ALARMS).content.decode()
    assert reverse("desk:canaries") in alarms_page
    assert "还有 3 位" in client.get(reverse("desk:canaries")).content.decode()
    client.post(reverse("desk:canaries-plant"))
    planted = set(Canary.objects.values_list("planted_for", flat=True))
    assert planted == {consultant.pk, cashier.pk, officer.pk}
    client.post(reverse("desk:canaries-plant"))
    assert Canary.objects.count() == 3
    decoy = Canary.objects.get(planted_for=consultant).patient
    sign_in(client, consultant)
    listing = reverse("desk:patients")
    assert str(decoy.public_id) not in client.get(listing).content.decode()
    assert str(decoy.public_id) in client.get(listing, {"q": decoy.person.phone[-11:]}).content.decode()
    client.get(reverse("desk:patient", args=[decoy.public_id]))
    [alarm] = alarms.scan(now=timezone.now())
    assert (alarm.kind, alarm.staff) == ("canary", consultant)


def test_a_number_that_turned_up_outside_says_whose_list_it_was(client: Client) -> None:
    consultant, officer = StaffFactory(role="consultant", name="许知远"), at_desk(client, "privacy")
    url = reverse("desk:canaries")
    client.post(reverse("desk:canaries-plant"))
    decoy = Canary.objects.get(planted_for=consultant).patient.person
    own = Canary.objects.get(planted_for=officer).patient.person
    shown = client.get(url).content.decode()
    assert decoy.phone in shown
    assert own.phone not in shown, "nobody sees her own"
    assert "许知远（现场咨询）的诱饵" in client.post(url, {"phone": decoy.phone[3:]}).content.decode()
    assert "不是任何人的诱饵" in client.post(url, {"phone": own.phone}).content.decode()
    assert "不是任何人的诱饵" in client.post(url, {"phone": "13800000000"}).content.decode()
    assert Entry.objects.filter(action="people.canary.traced").count() == 3
    sign_in(client, consultant)
    assert client.get(url).status_code == 404
    assert client.post(url, {"phone": decoy.phone}).status_code == 404


def test_a_call_hands_the_number_to_the_telephone_and_not_to_the_page(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus, person__phone="+8612012345678")
    url = reverse("desk:patient-reveal", args=[patient.public_id])
    answer = client.post(url, {"purpose": "booking", "call": "1"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (204, "tel:+8612012345678", b"")
    line = Entry.objects.get(action="people.patient.reveal")
    assert (line.purpose, line.detail) == ("booking", {"call": True})


def test_every_clinical_page_bears_its_readers_name(client: Client) -> None:
    nurse = StaffFactory(role="nurse", name='何<静>&"')
    sign_in(client, nurse)
    case = CaseFactory(patient=PatientFactory(campus=nurse.campus))
    assert 'class="watermarked"' in client.get(reverse("desk:case", args=[case.public_id])).content.decode()
    tile = client.get(reverse("desk:watermark"))
    drawn = tile.content.decode()
    assert "何&lt;静&gt;" in drawn
    assert str(nurse.public_id)[-4:].upper() in drawn
    assert "private" in tile["Cache-Control"]
    assert Client().get(reverse("desk:watermark")).status_code == 302


@pytest.mark.slow(reason="loads the whole register of the law, and two officers ask")
def test_the_page_of_a_request_stops_whoever_has_seen_too_many_in_a_day(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference.load(timezone.now() - timedelta(days=1))
    at_desk(client, "privacy")
    patient, other = PatientFactory(), PatientFactory()
    values = {"kind": "copy", "requester": "self", "channel": "desk"}
    client.post(reverse("desk:request-new", args=[patient.public_id]), values)
    url = reverse("desk:request", args=[RightsRequest.objects.get().public_id])
    assert client.get(url).status_code == 200
    colleague = Client()
    at_desk(colleague, "privacy")
    colleague.post(reverse("desk:request-new", args=[other.public_id]), values)
    numbers = replace(exports.numbers(timezone.localdate()), approval_from=2)
    monkeypatch.setattr(exports, "numbers", lambda on: numbers)
    late = reverse("desk:request", args=[RightsRequest.objects.get(patient=other).public_id])
    refused = client.get(late)
    assert (refused.status_code, "两人批准" in refused.content.decode()) == (422, True)
    assert client.get(url).status_code == 200, "seen already"


def test_no_screen_writes_a_look_past_the_gate() -> None:
    views = Path(__file__).resolve().parents[2] / "src/yimei/desk/views"
    past = [path.name for path in views.rglob("*.py") if "looks.record(" in path.read_text("utf-8")]
    assert past == []
