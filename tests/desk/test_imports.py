"""The wizard of the analyst, from the upload to the undoing."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.core import jobs
from yimei.core.models import Job
from yimei.insight.models import ImportBatch, RejectedRow
from yimei.insight.rules.imports.mapping import suggest
from yimei.insight.rules.imports.templates import TEMPLATES

pytestmark = pytest.mark.django_db
TEXT = "姓名,电话,首次到店,消费金额\n林小满,13800138000,2024/3/5,1.2万\n李小二,12,2024-03-07,10\n"
INDEX = reverse("desk:insight-imports")


@pytest.fixture
def analyst() -> Client:
    client = Client()
    sign_in(client, StaffFactory(role="analyst"))
    return client


def upload(client: Client, data: bytes, name: str = "a.csv") -> str:
    file = SimpleUploadedFile(name, data, "text/csv")
    response = client.post(INDEX, {"template": "patient", "file": file}, follow=True)
    return response.content.decode()


@pytest.mark.slow(reason="walks the wizard from page to page")
def test_from_upload_to_undoing(analyst: Client) -> None:
    assert "还没有导入过表" in analyst.get(INDEX).content.decode()
    assert "林**" in upload(analyst, TEXT.encode("gbk"))
    batch = ImportBatch.objects.get()
    detail = reverse("desk:insight-import", args=[batch.public_id])
    short = analyst.post(reverse("desk:insight-import-check", args=[batch.public_id]), {"phone": "1"})
    assert short.status_code == 422
    mapping = {name: str(place) for name, place in batch.mapping.items()}
    analyst.post(reverse("desk:insight-import-check", args=[batch.public_id]), mapping)
    assert "试跑中" in analyst.get(detail).content.decode()
    jobs.run_waiting()
    page = analyst.get(detail).content.decode()
    assert "导入 1 行" in page
    assert "电话号码不正确" in page
    analyst.post(reverse("desk:insight-import-run", args=[batch.public_id]))
    jobs.run_waiting()
    page = analyst.get(detail).content.decode()
    assert "李**" in page
    assert "12000.00" in page
    assert "林小满" not in page
    assert "13800138000" not in page
    assert "李小二" not in page
    row = RejectedRow.objects.get()
    mend = reverse("desk:insight-import-mend", args=[row.public_id])
    shown = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.split(mend)[1].split("</form>")[0]))
    analyst.post(mend, shown | {"phone": "13700137000"})
    batch.refresh_from_db(fields=["accepted"])
    assert batch.accepted == 2
    analyst.post(reverse("desk:insight-import-undo", args=[batch.public_id]))
    page = analyst.get(detail).content.decode()
    assert "已撤销" in page
    assert "已撤销" in analyst.get(INDEX).content.decode()


def test_a_bad_file_is_refused_beside_the_form(analyst: Client) -> None:
    assert "内容却是 CSV" in upload(analyst, TEXT.encode(), "a.xlsx")
    assert "出现了两次" in upload(analyst, "电话,电话\n1,2\n".encode())
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("first", "later", "encoding", "words"),
    [
        ("林小满", "赵小云", "gbk", "混用了 UTF-8 和 GBK 两种编码"),
        ("Álvaro de São Pedro", "José", "cp1252", "混用了 UTF-8 和西欧编码"),
    ],
)
def test_a_file_of_two_encodings_is_told_of_both(
    analyst: Client, first: str, later: str, encoding: str, words: str
) -> None:
    plain, other = f"name,day\n{first},2024-03-05\n".encode(), f"{later},2024-03-08\n".encode(encoding)
    assert words in upload(analyst, plain + other)
    assert words not in upload(analyst, plain)


def sheets(**filled: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, lines in filled.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(out)
    return out.getvalue()


def test_a_workbook_of_several_filled_sheets_says_which_one_is_read(analyst: Client) -> None:
    one, other = [["name", "day"], ["林小满", "2024-03-05"]], [["name", "day"], ["赵小云", "2024-03-08"]]
    page = upload(analyst, sheets(一月=one, 二月=other, 三月=other, 空=[]), "a.xlsx")
    assert "只读了工作表「一月」，另外 2 张有内容的工作表没有读：二月、三月" in page
    assert "各存为一个文件" in page
    assert "只读了工作表" not in upload(analyst, sheets(一月=one, 空=[]), "b.xlsx")
    cover = sheets(封面=[["旧系统", "name"], []], 数据=other)
    assert "只读了工作表「数据」，另外 1 张有内容的工作表没有读：封面" in upload(analyst, cover, "c.xlsx")
    bare = sheets(封面=[[], ["旧系统", "name"]], 数据=other)
    refused = "工作表「封面」只有表头，另外 1 张有内容的工作表没有读"
    assert refused in upload(analyst, bare, "d.xlsx")


def test_a_filled_template_is_not_said_to_have_sheets_that_were_left_out(analyst: Client) -> None:
    made = analyst.get(reverse("desk:insight-import-template", args=["patient"])).content
    book, out = openpyxl.load_workbook(io.BytesIO(made)), io.BytesIO()
    names = [column.name for column in TEMPLATES["patient"].columns]
    book["数据"].cell(2, names.index("name") + 1, "林小满")
    book.save(out)
    page = upload(analyst, out.getvalue(), "a.xlsx")
    assert "林**" in page
    assert "只读了工作表" not in page


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_template_is_a_workbook_that_comes_back_by_itself(analyst: Client, code: str) -> None:
    response = analyst.get(reverse("desk:insight-import-template", args=[code]))
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    header = [str(cell.value) for cell in book["数据"][1]]
    assert len(suggest(header, TEMPLATES[code])) == len(TEMPLATES[code].columns)
    assert book["数据"]["A1"].comment
    assert book["代码表"].max_row >= 1


def test_others_find_nothing(analyst: Client) -> None:
    upload(analyst, TEXT.encode())
    batch = ImportBatch.objects.get()
    client = Client()
    sign_in(client, StaffFactory(role="director"))
    assert client.get(INDEX).status_code == 404
    assert client.get(reverse("desk:insight-import", args=[batch.public_id])).status_code == 404


def taken_in(client: Client, data: str) -> str:
    """The address of an import of which every row that fits is taken in."""
    upload(client, data.encode())
    batch = ImportBatch.objects.latest("id")
    mapping = {name: str(place) for name, place in batch.mapping.items()}
    client.post(reverse("desk:insight-import-check", args=[batch.public_id]), mapping)
    jobs.run_waiting()
    client.post(reverse("desk:insight-import-run", args=[batch.public_id]))
    jobs.run_waiting()
    return reverse("desk:insight-import", args=[batch.public_id])


def test_undoing_warns_of_later_imports_that_left_their_rows_to_this_one(analyst: Client) -> None:
    warning = "后来 1 次导入有「以前已入库」的行"
    first = taken_in(analyst, TEXT)
    assert warning not in analyst.get(first).content.decode()
    second = taken_in(analyst, f"{TEXT}赵小云,13800138001,2024/3/6,300\n")
    assert ImportBatch.objects.latest("id").known == 1
    assert warning in analyst.get(first).content.decode()
    assert warning not in analyst.get(second).content.decode()
    analyst.post(f"{second}undo/")
    assert warning not in analyst.get(first).content.decode()


def test_a_trial_whose_work_died_can_be_tried_again(analyst: Client) -> None:
    upload(analyst, TEXT.encode())
    batch = ImportBatch.objects.get()
    mapping = {name: str(place) for name, place in batch.mapping.items()}
    check = reverse("desk:insight-import-check", args=[batch.public_id])
    analyst.post(check, mapping)
    Job.objects.filter(name="insight.import.work").update(status="failed", finished_at=timezone.now())
    page = analyst.get(reverse("desk:insight-import", args=[batch.public_id])).content.decode()
    assert "后台任务没有完成" in page
    assert check in page
    analyst.post(check, mapping)
    jobs.run_waiting()
    batch.refresh_from_db(fields=["status"])
    assert batch.status == "checked"
