"""The screens of cleaning: columns, rules, doubts, gaps, quality."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories.dirty import dirty_file
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.core import jobs
from yimei.insight.models import Doubt, ImportBatch, RuleSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> Client:
    client = Client()
    sign_in(client, StaffFactory(role="analyst"))
    return client


def page(client: Client, view: str, *args: object, **data: object) -> str:
    url = reverse(f"desk:{view}", args=args)
    response = client.post(url, data, follow=True) if data else client.get(url)
    return response.content.decode()


@pytest.mark.slow(reason="walks a dirty table through every page of cleaning")
def test_a_dirty_table_is_looked_over_held_to_rules_judged_and_filled(analyst: Client) -> None:
    file = SimpleUploadedFile("旧系统.csv", dirty_file(), "text/csv")
    analyst.post(reverse("desk:insight-imports"), {"template": "patient", "file": file})
    batch = ImportBatch.objects.get()
    assert "还没有体检" in page(analyst, "insight-import-columns", batch.public_id)
    assert "混用了 UTF-8 和 GBK" in page(analyst, "insight-import", batch.public_id)
    page(analyst, "insight-import-check", batch.public_id, **{k: str(v) for k, v in batch.mapping.items()})
    jobs.run_waiting()
    seen = page(analyst, "insight-import-columns", batch.public_id)
    assert "1 个大于 120" in seen
    assert "2 个不是日期" in seen
    assert "客户0" not in seen
    rules = page(analyst, "insight-rules", "patient")
    assert "到店次数 在" in rules
    assert "还没有规则" in rules
    chosen = next(one for one in rules.split('value="') if one.startswith("到店次数 在")).split('"')[0]
    page(analyst, "insight-rules-take", "patient", take=chosen, version="0")
    assert "第 1 版" in page(analyst, "insight-rules", "patient")
    strange = {"kind": "range", "column": "city", "low": "1", "severity": "flag", "version": "1"}
    assert "只有数字列" in page(analyst, "insight-rules", "patient", **strange)
    late = {"kind": "set", "column": "city", "words": "宁波\n湖州", "severity": "flag", "version": "0"}
    assert "刷新后再改" in page(analyst, "insight-rules", "patient", **late)
    page(analyst, "insight-rules", "patient", **(late | {"version": "1"}))
    page(analyst, "insight-rules-drop", "patient", rule=chosen, version="2")
    assert RuleSet.objects.count() == 3
    page(analyst, "insight-import-check", batch.public_id, **{k: str(v) for k, v in batch.mapping.items()})
    jobs.run_waiting()
    analyst.post(reverse("desk:insight-import-run", args=[batch.public_id]))
    jobs.run_waiting()
    seen = page(analyst, "insight-import-doubts", batch.public_id)
    assert "城市 只能是：宁波、湖州" in seen
    doubt = Doubt.objects.first()
    assert doubt
    assert "已排除" in page(analyst, "insight-doubt-settle", doubt.public_id, status="excluded")
    assert (
        analyst.post(
            reverse("desk:insight-doubt-settle", args=[doubt.public_id]), {"status": "x"}
        ).status_code
        == 404
    )
    seen = page(analyst, "insight-import-gaps", batch.public_id)
    assert "补上" in seen
    seen = page(analyst, "insight-import-fill", batch.public_id, "city", method="common", group="source")
    assert "<mark>" in seen
    assert "质量分" in page(analyst, "insight-import", batch.public_id)
    assert str(ImportBatch.objects.get().quality["score"]) in page(analyst, "insight-quality")


def test_nobody_else_comes_to_the_pages_of_cleaning() -> None:
    client = Client()
    sign_in(client, StaffFactory(role="director"))
    for name, args in (("insight-quality", []), ("insight-rules", ["patient"])):
        assert client.get(reverse(f"desk:{name}", args=args)).status_code == 404
    other = Client()
    sign_in(other, StaffFactory(role="analyst"))
    assert other.get(reverse("desk:insight-rules", args=["nothing"])).status_code == 404
    assert "还没有导入过表" in page(other, "insight-quality")
