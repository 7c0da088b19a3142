"""Files of results, original reports and the printed order, through the screens."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.desk.ward import NOW, Ward
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.core.errors import NotFound
from yimei.journey.actions import labs
from yimei.journey.models import LabImport, LabRow, TestReport
from yimei.journey.models import TestResult as Result

TestReport.__test__ = False  # type: ignore[attr-defined]  # of a laboratory
pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]
MAPPING = {"file_no": "0", "name": "1", "test": "2", "value": "3", "unit": "4", "taken": "5"}
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    ward.assess()
    ward.order_tests()
    yield ward
    ward.close()


def csv_of(ward: Ward, *rows: str) -> SimpleUploadedFile:
    text = "档案号,姓名,检验项目,结果,单位,采样时间\n" + "\n".join(rows) + "\n"
    return SimpleUploadedFile("results.csv", text.encode("gbk"), "text/csv")


def row(ward: Ward, *, name: str = "", test: str = "", value: str = "132", unit: str = "g/L") -> str:
    return ",".join(
        [
            str(ward.patient.file_no),
            name or ward.patient.person.name,
            test or ward.blood.code,
            value,
            unit,
            "2026-06-16 09:00",
        ]
    )


def upload(ward: Ward, *rows: str) -> LabImport:
    ward.do("labs", by=ward.nurse, file=csv_of(ward, *rows))
    return LabImport.objects.get()


def test_a_file_goes_in_row_by_row_and_what_fits_nobody_waits_to_be_mended(ward: Ward) -> None:
    heart = row(ward, test=ward.heart.name, value=ward.heart.normal_text, unit="")
    received = upload(ward, row(ward), heart, row(ward, name="王小二"), row(ward, value="溶血"))
    page = ward.get("lab-import", received.public_id, by=ward.nurse).content.decode()
    assert "可入库 2 · 待更正 2 · 重复 0" in page
    assert "入库 2 行" in page
    assert not Result.objects.exists(), "a preview writes nothing"
    ward.do("lab-import-run", received.public_id, by=ward.nurse, **MAPPING)
    assert Result.objects.count() == 2
    waiting = list(LabRow.objects.filter(status="rejected").select_related("lab_import__vault_key"))
    assert [(each.number, each.reason[:11]) for each in waiting] == [
        (4, "报告上的姓名与这位客户"),
        (5, "「溶血」不是数值，请填"),
    ]
    assert waiting[0].cells["name"] == "王小二"
    taken_in = LabRow.objects.select_related("lab_import__vault_key").get(number=2)
    assert taken_in.cells == {}, "what went into a chart is not kept twice"
    cells = dict(waiting[1].cells) | {"value": "128"}
    ward.do("lab-row-repair", waiting[1].public_id, by=ward.nurse, **cells)
    assert Result.objects.count() == 3
    ward.do("lab-row-dismiss", waiting[0].public_id, by=ward.nurse)
    received.refresh_from_db()
    assert received.vault_key.is_destroyed, "all settled: the file ends"


def test_the_same_file_again_is_the_same_import_and_the_same_results_are_no_new_ones(ward: Ward) -> None:
    received = upload(ward, row(ward), row(ward, value="溶血"))
    ward.do("labs", by=ward.nurse, file=csv_of(ward, row(ward), row(ward, value="溶血")))
    assert LabImport.objects.count() == 1
    ward.do("lab-import-run", received.public_id, by=ward.nurse, **MAPPING)
    again = ward.refused("lab-import-run", received.public_id, by=ward.nurse, **MAPPING)
    assert "已经入库" in again
    other = labs.receive(csv_of(ward, row(ward)).read(), by=ward.nurse, now=timezone.now())
    labs.run(other.public_id, mapping={k: int(v) for k, v in MAPPING.items()}, by=ward.nurse, now=NOW)
    assert Result.objects.count() == 1
    assert other.rows.get().status == "known"


def said(ward: Ward, name: str, /, *args: object, **data: str) -> str:
    """Post as the nurse and return what the next page tells her."""
    client = sign_in(Client(), ward.nurse)
    answer = client.post(reverse(f"desk:{name}", args=args), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_told_as_it_went(ward: Ward) -> None:
    """What waits and what was there already is never called taken in; the preview knows it before."""
    kept = labs.receive(csv_of(ward, row(ward)).read(), by=ward.nurse, now=NOW)
    labs.run(kept.public_id, mapping={k: int(v) for k, v in MAPPING.items()}, by=ward.nurse, now=NOW)
    heart = row(ward, test=ward.heart.name, value=ward.heart.normal_text, unit="")
    older = row(ward, test=ward.heart.name, value="窦性心动过缓", unit="").replace("09:00", "08:00")
    ward.do("labs", by=ward.nurse, file=csv_of(ward, row(ward), heart, heart, older, row(ward, unit="g/dL")))
    received = LabImport.objects.get(closed_at=None)
    page = ward.get("lab-import", received.public_id, by=ward.nurse).content.decode()
    assert "可入库 1 · 待更正 2 · 重复 2" in page, "rows above count as taken in"
    page = said(ward, "lab-import-run", received.public_id, **MAPPING)
    assert "入库 1 · 待更正 2 · 重复 2" in page
    assert Result.objects.count() == 2
    late, unit = LabRow.objects.filter(status="rejected").select_related("lab_import__vault_key")
    assert "采样更晚" in late.reason
    page = said(ward, "lab-row-repair", unit.public_id, **dict(unit.cells) | {"unit": "g/L"})
    assert "没有重复录入" in page
    assert Result.objects.count() == 2


def test_a_file_of_which_nothing_fits_is_not_called_taken_in(ward: Ward) -> None:
    received = upload(ward, row(ward, name="王小二"), row(ward, value="溶血"))
    page = ward.get("lab-import", received.public_id, by=ward.nurse).content.decode()
    assert "留下 2 行逐行更正" in page
    assert "入库 0 · 待更正 2 · 重复 0" in said(ward, "lab-import-run", received.public_id, **MAPPING)
    assert not Result.objects.exists()


def test_a_long_file_is_judged_by_as_many_queries_as_a_short_one(ward: Ward) -> None:
    rows = [row(ward, value=str(130 + n)).replace("09:00", f"09:{n:02}") for n in range(40)]
    counts = []
    for some in (rows[:1], rows):
        each = labs.receive(csv_of(ward, *some).read(), by=ward.nurse, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            page = ward.get("lab-import", each.public_id, by=ward.nurse).content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert "前 30 行" in page
    assert "可入库 40" in page


def test_an_older_sample_never_takes_the_place_of_a_newer_one(ward: Ward) -> None:
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results() | {"taken_at": "09:30"})
    received = upload(ward, row(ward, value="99"))
    ward.do("lab-import-run", received.public_id, by=ward.nurse, **MAPPING)
    assert "采样更晚" in received.rows.get().reason


def test_a_foreign_row_is_told_nothing_and_a_foreign_file_is_not_there(ward: Ward) -> None:
    elsewhere = StaffFactory(role="nurse")
    received = labs.receive(csv_of(ward, row(ward)).read(), by=elsewhere, now=NOW)
    mapping = {k: int(v) for k, v in MAPPING.items()}
    with pytest.raises(NotFound):
        labs.run(received.public_id, mapping=mapping, by=ward.nurse, now=NOW)
    labs.run(received.public_id, mapping=mapping, by=elsewhere, now=NOW)
    assert "没有这个档案号" in received.rows.get().reason
    assert not Result.objects.exists()


def test_a_file_ends_after_thirty_days_mended_or_not(ward: Ward) -> None:
    received = upload(ward, row(ward, value="溶血"))
    assert labs.wipe_expired(now=NOW + timedelta(days=30)) == 0
    assert labs.wipe_expired(now=NOW + timedelta(days=30, seconds=1)) == 1
    received.refresh_from_db()
    assert received.vault_key.is_destroyed
    assert ward.get("lab-import", received.public_id, by=ward.nurse).status_code == 404
    assert "已清除" in ward.get("labs", by=ward.nurse).content.decode()


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"\xff\xd8\xff\xe0 jpeg", b"one line"])
def test_a_lying_file_is_refused_in_words(ward: Ward, data: bytes) -> None:
    page = ward.refused("labs", by=ward.nurse, file=SimpleUploadedFile("results.csv", data, "text/csv"))
    assert "error-summary" in page
    assert not LabImport.objects.exists()


def report(ward: Ward, data: bytes = PDF, **changes: str) -> dict[str, object]:
    values = {
        "name": ward.patient.person.name,
        "number": ward.patient.file_no,
        "taken_on": "2026-06-16",
        "laboratory": "某检验所",
    }
    return values | changes | {"file": SimpleUploadedFile("r.pdf", data, "application/pdf")}


def test_an_original_is_kept_beside_the_values_and_void_by_name(ward: Ward) -> None:
    ward.do("case-reports", ward.case.public_id, by=ward.nurse, **report(ward))
    kept = TestReport.objects.get()
    assert PDF not in kept.file.path.read_bytes()
    ward.do(
        "case-tests",
        ward.case.public_id,
        by=ward.nurse,
        **ward.results() | {"report_id": str(kept.public_id)},
    )
    assert {each.report for each in Result.objects.all()} == {kept}
    answer = ward.get("test-report", kept.public_id, by=ward.surgeon)
    assert answer.content == PDF
    assert "已经上传过" in ward.refused("case-reports", ward.case.public_id, by=ward.nurse, **report(ward))
    ward.do("test-report-void", kept.public_id, by=ward.nurse, reason="拿错了")
    assert "拿错了" in ward.get("case-reports", ward.case.public_id, by=ward.nurse).content.decode()
    stranger = StaffFactory(role="surgeon", campus=ward.campus)
    assert ward.get("test-report", kept.public_id, by=stranger).status_code == 404


@pytest.mark.parametrize(
    ("data", "changes", "words"),
    [
        (PDF, {"name": "王小二"}, "姓名与这位客户不符"),
        (PDF, {"number": "ZX19990001"}, "档案号或证件号与这位客户不符"),
        (b"\xff\xd8\xff\xe0 a picture", {}, "不是完整的 PDF"),
        (PDF[:-6], {}, "不是完整的 PDF"),
        (PDF, {"taken_on": "2027-01-01"}, "不能在今天之后"),
    ],
)
def test_a_report_of_somebody_else_or_of_nothing_is_not_kept(
    ward: Ward, data: bytes, changes: dict[str, str], words: str
) -> None:
    page = ward.refused("case-reports", ward.case.public_id, by=ward.nurse, **report(ward, data, **changes))
    assert words in page
    assert "某检验所" in page, "what was typed stays"
    assert not TestReport.objects.exists()


def test_the_order_is_offered_while_a_result_lacks_or_has_run_out(ward: Ward) -> None:
    link = reverse("desk:test-request", args=[ward.case.public_id])

    def opened() -> tuple[bool, int]:
        page = ward.get("case-tests", ward.case.public_id, by=ward.nurse).content.decode()
        answer = ward.get("test-request", ward.case.public_id, by=ward.nurse)
        assert answer.status_code != 200 or answer.content.startswith(b"%PDF-")
        return link in page, answer.status_code

    assert opened() == (True, 200)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results())
    assert opened() == (False, 422), "nothing is left to print, so nothing is offered"
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        assert opened() == (True, 200)
