"""The editor of a segment: the tree travels with the form, the count is live, strangers see nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.ui import sign_in
from tests.growth.house import House
from tests.journey.clinic import EIGHT
from yimei.desk.forms import segments as drafts
from yimei.growth.actions import profiles, segments
from yimei.growth.enums import SegmentUse
from yimei.growth.models import Segment
from yimei.growth.rules import segments as rules

pytestmark = pytest.mark.django_db
TREE: dict[str, Any] = {
    "all": [
        {"field": "source", "op": "in", "value": ["douyin", "wechat"]},
        {"not": {"any": [{"field": "visits", "op": "gte", "value": 2}]}},
        {"field": "is_vip", "op": "no"},
    ]
}
POSTED: dict[str, Any] = {
    "name": "抖音未到院",
    "use": "care",
    "kind.0": "all",
    "kind.0.0": "test",
    "field.0.0": "source",
    "op.0.0": "in",
    "value.0.0": ["douyin", "wechat"],
    "kind.0.1": "none",
    "kind.0.1.0": "test",
    "field.0.1.0": "visits",
    "op.0.1.0": "gte",
    "value.0.1.0": "2",
    "kind.0.2": "test",
    "field.0.2": "is_vip",
    "op.0.2": "no",
}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(EIGHT, tick=False):
        yield


@pytest.fixture
def house(client: Client) -> House:
    made = House()
    sign_in(client, made.manager)
    return made


def test_what_the_form_sends_becomes_the_tree(client: Client, house: House) -> None:
    answer = client.post(reverse("desk:segment-new"), {**POSTED, "do": "save"})
    saved = Segment.objects.get()
    assert answer.status_code == 302
    assert (saved.name, saved.campus, saved.rules) == ("抖音未到院", house.campus, TREE)
    assert rules.plain(rules.parse(drafts.tree_of(drafts.from_tree(TREE)))) == TREE


def test_a_click_draws_the_tree_again_with_its_count(client: Client, house: House) -> None:
    house.lead()
    profiles.refresh(now=EIGHT)
    page = client.post(
        reverse("desk:segment-new"), {**POSTED, "do": "test:0.1"}, headers={"HX-Request": "true"}
    )
    words = page.content.decode()
    assert 'name="kind.0.1.1"' in words
    assert "<html" not in words
    assert "填一个数字" in words
    page = client.post(
        reverse("desk:segment-new"), {**POSTED, "do": "drop:0.1"}, headers={"HX-Request": "true"}
    )
    words = page.content.decode()
    assert 'name="kind.0.2"' not in words
    assert '<span class="segment-figure">1</span>' in words


def test_a_half_filled_condition_is_named_and_nothing_is_lost(client: Client, house: House) -> None:
    page = client.post(reverse("desk:segment-new"), {**POSTED, "value.0.1.0": "两次", "do": "save"})
    words = page.content.decode()
    assert page.status_code == 422
    assert Segment.objects.count() == 0
    assert "抖音未到院" in words
    assert "请为「到诊次数」填一个数字" in words


def test_odd_posts_break_nothing(client: Client, house: House) -> None:
    for odd in (
        {"do": "drop:9.9.9", "kind.0": "all"},
        {"do": "group:0.0.0.0.0.0", "kind.0": "sql", "field.0": "'; drop", "op.0": "𠮷"},
        {"do": "save", "name": "x", "use": "spam"},
        {},
    ):
        assert client.post(reverse("desk:segment-new"), odd).status_code in {200, 422}


def test_why_somebody_is_in_or_out(client: Client, house: House) -> None:
    house.lead()
    profiles.refresh(now=EIGHT)
    made = segments.create(name="甲", use=SegmentUse.CARE, tree=TREE, by=house.manager, now=EIGHT)
    page = client.post(reverse("desk:segment-explain", args=[made.public_id]), {"text": "129 0000 0001"})
    assert "在这个分群里" in page.content.decode()
    assert "首次来源 是以下之一 抖音、微信" in page.content.decode()
    page = client.post(reverse("desk:segment-explain", args=[made.public_id]), {"text": "ZX2025000001"})
    assert page.status_code == 422
    assert "没有找到" in page.content.decode()


def test_who_may_not_write_reads_and_who_may_not_read_finds_nothing(client: Client, house: House) -> None:
    made = segments.create(name="甲", use=SegmentUse.CARE, tree=TREE, by=house.manager, now=EIGHT)
    address = reverse("desk:segment", args=[made.public_id])
    sign_in(client, house.staff("aftercare", "客服"))
    page = client.get(address)
    assert page.status_code == 200
    assert "保存分群" not in page.content.decode()
    assert client.post(address, {**POSTED, "do": "save"}).status_code == 404
    sign_in(client, house.online)
    assert client.get(address).status_code == client.get(reverse("desk:segments")).status_code == 404
    sign_in(client, House().manager)
    assert client.get(address).status_code == 404


def test_the_list_asks_as_often_for_many_as_for_one(
    client: Client, house: House, django_assert_max_num_queries: Any
) -> None:
    for n in range(5):
        segments.create(name=f"群{n}", use=SegmentUse.CARE, tree=TREE, by=house.manager, now=EIGHT)
    with django_assert_max_num_queries(30):
        assert "群4" in client.get(reverse("desk:segments")).content.decode()


def test_a_tag_is_added_once(client: Client, house: House) -> None:
    assert client.post(reverse("desk:tags"), {"name": "周末方便"}).status_code == 302
    assert client.post(reverse("desk:tags"), {"name": " 周末方便"}).status_code == 422
    assert "周末方便" in client.get(reverse("desk:tags")).content.decode()


def test_the_list_counts_as_the_page_does_whatever_was_kept(client: Client, house: House) -> None:
    made = segments.create(name="甲", use=SegmentUse.CARE, tree=TREE, by=house.manager, now=EIGHT)
    house.lead()
    profiles.refresh(now=EIGHT)
    listed = client.get(reverse("desk:segments")).content.decode()
    address = reverse("desk:segment-count", args=[made.public_id])
    assert (made.counted, f'hx-get="{address}" hx-trigger="load"' in listed) == (0, True)
    page = client.get(reverse("desk:segment", args=[made.public_id])).content.decode()
    assert client.get(address).content.decode().strip() == "1"
    assert '<span class="segment-figure">1</span>' in page
    sign_in(client, house.online)
    assert client.get(address).status_code == 404
