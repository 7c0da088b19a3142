"""Files of enquiries: each line once, whoever dies on the way; what is refused says why and can be mended."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from tests.factories.ui import sign_in
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import bringing, erasing
from yimei.growth.enums import EraseReason
from yimei.growth.models import Lead, LeadFile, LeadFileLine
from yimei.growth.queries import intake as queries

pytestmark = pytest.mark.django_db
SHORT = "称呼,手机,项目\n林女士,12900000001,\n王女士,12900000002,眼部\n空号,12,\n,12900000003,\n"


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is long is three lines here, and a job takes two."""
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    monkeypatch.setattr(bringing, "SLICE", 2)


def bring(house: House, text: str = SHORT) -> LeadFile:
    return bringing.bring_in(text.encode(), source="wechat", by=house.manager, now=EIGHT)


def test_a_short_file_is_taken_in_at_once_and_keeps_the_reason_of_each_line_it_refuses(house: House) -> None:
    house.lead(phone="12900000001")
    file = bring(house)
    assert (file.rows, file.created, file.linked, file.finished_at) == (4, 1, 1, EIGHT)
    assert [number for number, _why in file.refused] == [4, 5]
    assert "电话号码不正确" in file.refused[0][1]
    assert Lead.objects.filter(source="wechat", duplicate_of=None).get().owner is not None
    with pytest.raises(RuleBroken, match="已经导入过"):
        bring(house)
    assert (LeadFile.objects.count(), Lead.objects.count()) == (1, 3)


def test_a_long_file_goes_to_the_worker_slice_by_slice_and_says_how_far_it_is(
    house: House, queued: None
) -> None:
    file = bring(house)
    assert (file.finished_at, Lead.objects.count()) == (None, 0)
    [row] = queries.files(by=house.manager)
    assert (row.done, row.is_running, row.has_stopped) == (0, True, False)
    bringing.take(file.public_id, now=EIGHT, most=2)
    [row] = queries.files(by=house.manager)
    assert (row.done, row.percent, row.file.is_finished) == (2, 50, False)
    with time_machine.travel(EIGHT, tick=False):
        jobs.run_waiting()
    file.refresh_from_db()
    assert (file.created, len(file.refused), file.finished_at) == (2, 2, EIGHT)
    assert LeadFileLine.objects.count() == 4


def test_a_worker_killed_in_a_line_leaves_it_whole_or_not_at_all_and_the_next_goes_on(
    house: House, queued: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bring(house)
    create, seen = LeadFileLine.objects.create, []

    def dies_in_the_second(**values: object) -> LeadFileLine:
        seen.append(values["number"])
        if len(seen) == 2:
            raise KeyboardInterrupt
        return create(**values)

    with monkeypatch.context() as patch:
        patch.setattr(LeadFileLine.objects, "create", dies_in_the_second)
        with pytest.raises(KeyboardInterrupt):
            bringing.take(file.public_id, now=EIGHT)
    assert (Lead.objects.count(), LeadFileLine.objects.count()) == (1, 1), "no lead without its line"
    for _twice in range(2):
        bringing.take(file.public_id, now=EIGHT)
    file.refresh_from_db()
    assert (file.created, len(file.refused), Lead.objects.count()) == (2, 2, 2)


def test_a_file_that_nobody_works_on_any_more_can_be_continued(house: House, queued: None) -> None:
    file = bring(house)
    jobs.forget(before=timezone.now() + timedelta(days=1))
    [row] = queries.files(by=house.manager)
    assert row.has_stopped
    with pytest.raises(NotFound):
        bringing.go_on(file.public_id, by=House().manager, now=EIGHT)
    bringing.go_on(file.public_id, by=house.manager, now=EIGHT)
    with time_machine.travel(EIGHT, tick=False):
        jobs.run_waiting()
    file.refresh_from_db()
    assert file.created == 2


def test_refused_lines_are_fetched_as_texts_for_a_week_and_by_their_campus_only(
    house: House, client: Client
) -> None:
    file = bring(house, SHORT + "=HYPERLINK(1),12,,\n")
    address = reverse("desk:leads-file-refused", args=[file.public_id])
    with time_machine.travel(EIGHT, tick=False):
        sign_in(client, house.manager)
        assert "下载未收下的行" in client.get(reverse("desk:leads-file")).content.decode()
        sheet = client.get(address)
        for stranger in (house.online, House().manager):
            assert sign_in(Client(), stranger).get(address).status_code == 404
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert [row[:2] for row in rows[1:]] == [["空号", "12"], ["", "12900000003"], ["=HYPERLINK(1)", "12"]]
    assert "电话号码不正确" in rows[1][-1]
    assert Entry.objects.filter(action="growth.lead.file_refused").count() == 1
    assert bringing.forget_old(now=days(6.9)) == 0
    assert bringing.forget_old(now=days(7.1)) == 1
    with pytest.raises(RuleBroken, match="已在 7 天后销毁"):
        bringing.refused_lines(file.public_id, by=house.manager, now=days(8))


def test_erasing_one_of_them_destroys_the_file_at_once(house: House) -> None:
    file = bring(house)
    lead = Lead.objects.order_by("pk").first()
    assert lead is not None
    later = EIGHT + timedelta(hours=1)
    erasing.erase(lead.public_id, why=EraseReason.ASKED, by=house.manager, now=later)
    file.refresh_from_db()
    assert (file.cleared_at, file.vault_key.is_destroyed) == (later, True)  # type: ignore[union-attr]


def test_only_whoever_hands_leads_out_brings_files(house: House) -> None:
    with pytest.raises(NotFound):
        bringing.bring_in(SHORT.encode(), source="douyin", by=house.online, now=EIGHT)
    for text, says in (("手机\n1\n", "列"), ("称呼,手机\n", "没有一行")):
        with pytest.raises(RuleBroken, match=says):
            bring(house, text)
