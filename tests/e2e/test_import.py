"""A dirty table from upload to a judged doubt, in a real browser, at the desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import DESK, PHONE, House
from tests.factories.dirty import dirty_file
from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from yimei.core import jobs
from yimei.insight.models import Doubt, ImportBatch

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="drives a real browser"),
]


def test_a_dirty_table_is_brought_mended_and_judged(house: House) -> None:
    analyst = house.person(StaffFactory(role="analyst", name="数据小林", campus=CampusFactory()))
    analyst.open("insight-imports").sees("还没有导入过表")
    file = {"name": "旧系统.csv", "mimeType": "text/csv", "buffer": dirty_file()}
    analyst.page.locator('input[type="file"]').set_input_files(files=[file])  # type: ignore[list-item]
    analyst.pick("template", "患者").press("上传并对列")
    analyst.sees("混用了 UTF-8 和 GBK", "哪一列是什么").press("试跑")
    analyst.sees("试跑中")
    jobs.run_waiting()
    batch = ImportBatch.objects.get()
    analyst.open("insight-import", batch.public_id).sees("可以入库").follow("列的体检")
    analyst.sees("1 个大于 120", "2 个不是日期").look("列的体检", DESK)
    analyst.open("insight-import", batch.public_id).press("导入 63 行")
    jobs.run_waiting()
    analyst.open("insight-import", batch.public_id).sees("没有入库", "质量分")
    assert "王小一" not in analyst.page.content()
    analyst.look("没有入库的行", PHONE)
    first = analyst.page.locator("form", has_text="修好并入库").first
    analyst.fill(first, birth_year="1994-02-28", age="30").press("修好并入库", within=first)
    analyst.told("这一行已入库")
    doubt = Doubt.objects.select_related("batch__vault_key").first()
    if doubt is None:
        batch = ImportBatch.objects.select_related("vault_key").get()
        doubt = Doubt.objects.create(batch=batch, number=2, column="visits", kind="far", value="5", why="—")
    analyst.open("insight-import-doubts", batch.public_id).press(
        "排除", within=analyst.page.locator("tbody tr").first
    )
    analyst.told("已排除")
    expect(analyst.page.get_by_text("这里没有疑点")).to_be_visible()
