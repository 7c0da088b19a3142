"""A list leaves by one way only: with a purpose, others' word, encrypted, marked, for a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from django.db import IntegrityError, transaction

from tests.factories.audit import EntryFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.privacy import RetentionRuleFactory
from yimei.audit import chain
from yimei.audit.models import Entry
from yimei.core.documents import locked
from yimei.core.errors import NotFound, RuleBroken
from yimei.outbox.models import Notification
from yimei.people.enums import LookPurpose
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.actions import erasure, exports
from yimei.privacy.enums.watch import ExportState
from yimei.privacy.models import Export
from yimei.privacy.queries import exports as queries
from yimei.privacy.registry import ExportRow, ExportSource
from yimei.privacy.rules import exports as rules

pytestmark = pytest.mark.django_db

REASON = "回访名单，只给客服组，周五前删除"
NUMBERS = rules.Numbers(
    purpose_from=50, approval_from=250, one_approval_from=50, rows_most=2000, hours=24, downloads=3
)


class Listing:
    """A list of as many people as the test wants."""

    def __init__(self) -> None:
        self.people: list[UUID] = []
        self.asked: list[Mapping[str, str]] = []

    def rows(self, by: Staff, query: Mapping[str, str], now: datetime, most: int) -> list[ExportRow]:
        self.asked.append(dict(query))
        return [
            ExportRow(key, {"name": "=林**", "file_no": str(n)}) for n, key in enumerate(self.people[:most])
        ]


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Listing:
    made = Listing()
    source = ExportSource(
        code="probe",
        title="名单",
        columns={"name": "姓名", "file_no": "档案号"},
        permission=Permission.PATIENT_VIEW,
        keys=("stage",),
        holdings=("people.identity",),
        rows=made.rows,
    )
    monkeypatch.setitem(registry._sources, "probe", source)
    return made


def ask(by: Staff, now: datetime, **values: object) -> Export:
    known: dict[str, object] = {"query": {}, "purpose": LookPurpose.SERVICE, "reason": REASON}
    return exports.ask("probe", by=by, now=now, **(known | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subjects", "seen", "needed"),
    [(1, 0, 0), (50, 0, 0), (51, 0, 1), (249, 0, 1), (250, 0, 2), (10, 240, 2)],
)
def test_how_many_must_agree_follows_from_the_laws_number(subjects: int, seen: int, needed: int) -> None:
    assert rules.approvals_needed(subjects=subjects, seen_today=seen, numbers=NUMBERS) == needed


def test_a_short_list_is_made_encrypted_marked_and_counted(listing: Listing, now: datetime) -> None:
    listing.people = [uuid4() for _one in range(3)]
    staff = StaffFactory()
    export = ask(staff, now, query={"stage": "booked", "name": "林"}, reason="")
    assert (export.state(now), export.query) == (ExportState.GRANTED, {"stage": "booked"})
    export, password = exports.make(export.public_id, by=staff, now=now)
    assert export.file is not None
    assert password not in str(Export.objects.values().get())
    name, data = exports.download(export.public_id, by=staff, now=now)
    sheet = locked.unlock(data, password)
    page = openpyxl.load_workbook(BytesIO(sheet)).active
    assert page is not None
    assert staff.name in str(page["A1"].value)
    assert export.mark in str(page["A1"].value)
    assert [page["A3"].value, page["A3"].data_type] == ["=林**", "s"], "nobody's name becomes a formula"
    assert [page["A3"].value, page["B5"].value, page.dimensions] == ["=林**", "2", "A1:B5"]
    assert export.mark in name
    lines = Entry.objects.filter(action="privacy.list.export")
    assert set(lines.values_list("subject_key", flat=True)) == set(listing.people)
    assert chain.verify().is_sound
    with pytest.raises(RuleBroken, match="已经生成过"):
        exports.make(export.public_id, by=staff, now=now)


def test_more_than_fifty_need_words_and_another_persons_word(listing: Listing, now: datetime) -> None:
    listing.people = [uuid4() for _one in range(51)]
    staff, officer = StaffFactory(), StaffFactory(role="privacy")
    with pytest.raises(RuleBroken, match="用途"):
        ask(staff, now, reason="回访")
    export = ask(staff, now)
    with pytest.raises(RuleBroken, match="还没有获准"):
        exports.make(export.public_id, by=staff, now=now)
    with pytest.raises(NotFound):
        exports.judge(export.public_id, is_granted=True, by=StaffFactory(role="nurse"), now=now)
    with pytest.raises(NotFound):
        exports.judge(export.public_id, is_granted=True, by=staff, now=now)
    assert queries.waiting_count(officer) == 1
    exports.judge(export.public_id, is_granted=True, by=officer, now=now)
    assert queries.waiting_count(officer) == 0
    assert exports.make(export.public_id, by=staff, now=now)[0].state(now) == ExportState.READY


def test_two_hundred_and_fifty_in_a_day_need_two_others(listing: Listing, now: datetime) -> None:
    staff, officer, director = StaffFactory(), StaffFactory(role="privacy"), StaffFactory(role="director")
    listing.people = [uuid4() for _one in range(5)]
    for _person in range(246):
        EntryFactory("people.patient.view", subject=uuid4(), by=staff, at=now - timedelta(hours=1))
    export = ask(staff, now)
    assert export.needed == 2
    [bell] = Notification.objects.filter(key=f"export:{export.public_id}")
    assert (bell.staff, bell.text) == (officer, "名单待审批：5 人，须 2 人批准")
    exports.judge(export.public_id, is_granted=True, by=officer, now=now)
    with pytest.raises(RuleBroken, match="另一人"):
        exports.judge(export.public_id, is_granted=True, by=officer, now=now)
    with pytest.raises(RuleBroken, match="还没有获准"):
        exports.make(export.public_id, by=staff, now=now)
    exports.judge(export.public_id, is_granted=True, by=director, now=now)
    exports.make(export.public_id, by=staff, now=now)


def test_a_list_that_grew_past_a_limit_is_not_made(listing: Listing, now: datetime) -> None:
    staff = StaffFactory()
    listing.people = [uuid4()]
    export = ask(staff, now, reason="")
    listing.people = [uuid4() for _one in range(51)]
    with pytest.raises(RuleBroken, match="比申请时多"):
        exports.make(export.public_id, by=staff, now=now)
    assert not Entry.objects.filter(action="privacy.list.export").exists()


def test_nobody_judges_their_own_and_one_no_ends_it(listing: Listing, now: datetime) -> None:
    listing.people = [uuid4() for _one in range(60)]
    officer = StaffFactory(role="privacy")
    export = ask(officer, now)
    with pytest.raises(RuleBroken, match="自己的"):
        exports.judge(export.public_id, is_granted=True, by=officer, now=now)
    exports.judge(export.public_id, is_granted=False, by=StaffFactory(role="director"), now=now)
    assert Export.objects.get().state(now) == ExportState.REFUSED
    with pytest.raises(RuleBroken, match="已经有结论"):
        exports.judge(export.public_id, is_granted=True, by=StaffFactory(role="auditor"), now=now)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        export.words.update(is_granted=True)


def test_a_file_lives_a_day_and_three_downloads(listing: Listing, now: datetime) -> None:
    listing.people, staff = [uuid4()], StaffFactory()
    export, _password = exports.make(ask(staff, now).public_id, by=staff, now=now)
    for _time in range(3):
        exports.download(export.public_id, by=staff, now=now)
    with pytest.raises(RuleBroken, match="最多下载 3 次"):
        exports.download(export.public_id, by=staff, now=now)
    assert export.file is not None
    path, late = export.file.path, now + timedelta(hours=24)
    with pytest.raises(RuleBroken, match="已到期"):
        exports.download(export.public_id, by=staff, now=late)
    assert exports.drop_expired(now=now) == 0
    assert path.exists()
    assert exports.drop_expired(now=late) == 1
    assert exports.drop_expired(now=late) == 0
    export.refresh_from_db()
    assert (export.file, export.deleted_at, export.state(late)) == (None, late, ExportState.EXPIRED)


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_is_gone_from_the_disk(listing: Listing, now: datetime) -> None:
    listing.people, staff = [uuid4()], StaffFactory()
    export, _password = exports.make(ask(staff, now).public_id, by=staff, now=now)
    assert export.file is not None
    path = export.file.path
    with pytest.raises(NotFound):
        exports.revoke(export.public_id, by=StaffFactory(role="nurse"), now=now)
    exports.revoke(export.public_id, by=StaffFactory(role="privacy"), now=now)
    assert not path.exists()
    with pytest.raises(RuleBroken, match="撤回"):
        exports.download(export.public_id, by=staff, now=now)
    with pytest.raises(RuleBroken, match="已经结束"):
        exports.revoke(export.public_id, by=staff, now=now)


def test_only_whoever_asked_makes_and_fetches(listing: Listing, now: datetime) -> None:
    listing.people, staff = [uuid4()], StaffFactory()
    export = ask(staff, now)
    for other in (StaffFactory(), StaffFactory(role="privacy")):
        with pytest.raises(NotFound):
            exports.make(export.public_id, by=other, now=now)
    exports.make(export.public_id, by=staff, now=now)
    for other in (StaffFactory(), StaffFactory(role="privacy")):
        with pytest.raises(NotFound):
            exports.download(export.public_id, by=other, now=now)


def test_what_must_not_leave_does_not(listing: Listing, now: datetime) -> None:
    listing.people, staff = [uuid4()], StaffFactory()
    with pytest.raises(RuleBroken, match="境外"):
        ask(staff, now, is_abroad=True)
    with pytest.raises(NotFound):
        ask(StaffFactory(role="admin"), now)
    with pytest.raises(NotFound):
        exports.ask("no-such", query={}, purpose=LookPurpose.SERVICE, reason="", by=staff, now=now)
    listing.people = []
    with pytest.raises(RuleBroken, match="没有符合"):
        ask(staff, now)
    listing.people = [uuid4()] * 2001
    with pytest.raises(RuleBroken, match="最多导出 2000 行"):
        ask(staff, now)


def test_the_person_who_makes_the_laws_number_needs_leave(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, patient, known = StaffFactory(), PatientFactory(), PatientFactory()
    EntryFactory("people.patient.view", subject=known.person.vault_key, by=staff, at=now - timedelta(hours=1))
    monkeypatch.setattr(queries, "numbers", lambda on: replace(NUMBERS, approval_from=5))
    for _person in range(3):
        EntryFactory("people.patient.view", subject=uuid4(), by=staff, at=now - timedelta(hours=1))
    with pytest.raises(RuleBroken, match="已查看 4 位客户，再看一位就达到 5 人") as refused:
        exports.look(patient, page="case", by=staff, now=now)
    assert [missing.where for missing in refused.value.missing] == ["desk:export-leave"]
    assert exports.look(known, page="case", by=staff, now=now) == LookPurpose.SERVICE, "seen already"
    assert exports.look(patient, page="case", by=staff, now=now + timedelta(hours=24))
    leave = exports.ask_to_look(purpose=LookPurpose.SERVICE, reason=REASON, by=staff, now=now)
    for role in ("privacy", "director"):
        exports.judge(leave.public_id, is_granted=True, by=StaffFactory(role=role), now=now)
    exports.look(patient, page="case", by=staff, now=now)
    with pytest.raises(RuleBroken):
        exports.make(leave.public_id, by=staff, now=now)


def test_whoever_is_restricted_stands_in_no_list_that_leaves(listing: Listing, now: datetime) -> None:
    by = StaffFactory(role="privacy")
    hers, others = PatientFactory(), PatientFactory()
    Patient.objects.filter(pk=hers.pk).update(restricted_at=now)
    listing.people = [one.person.vault_key.public_id for one in (hers, others)]
    export = ask(by, now)
    assert (export.subjects, export.rows) == (1, 1)
    made, _password = exports.make(export.public_id, by=by, now=now)
    assert (made.subjects, made.rows) == (1, 1)


@pytest.mark.parametrize("act", [erasure.restrict, erasure.carry_out])
def test_a_list_in_which_somebody_stands_goes_with_her(listing: Listing, now: datetime, act: Any) -> None:
    for code in ("lead", "voucher", "record.outpatient", "record.inpatient"):
        RetentionRuleFactory(code=code)
    by = StaffFactory(role="privacy")
    hers, others = PatientFactory(), PatientFactory()
    made = []
    for people in ([hers, others], [others]):
        listing.people = [one.person.vault_key.public_id for one in people]
        made.append(exports.make(ask(by, now).public_id, by=by, now=now)[0])
    act(hers, now=now)
    with pytest.raises(RuleBroken, match="不能下载"):
        exports.download(made[0].public_id, by=by, now=now)
    assert Export.objects.get(pk=made[0].pk).file is None
    assert exports.download(made[1].public_id, by=by, now=now)[1]
