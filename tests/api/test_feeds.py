"""Other programs read figures by a key: what each protocol gives, what a stranger gets, how often."""

import base64
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.journey import TEN
from tests.factories.marts import with_mart
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import feeds, mart
from yimei.insight.gateways import reader
from yimei.insight.models import FeedToken
from yimei.insight.queries import figures
from yimei.insight.rules import feeds as rules
from yimei.insight.rules.metrics import BY_CODE
from yimei.people.models import Staff
from yimei.privacy.models import Export

pytestmark = pytest.mark.django_db
NOON = TEN + timedelta(hours=2)
SERVICE = reverse("api:feed-service")


@pytest.fixture(autouse=True)
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOON, tick=False):
        with_mart(lambda: mart.build(now=NOON), __name__)
        yield
    reader.forget()
    figures.forget()


@pytest.fixture
def director() -> Staff:
    found: Staff = StaffFactory(role="director")
    return found


def key_of(by: Staff, page: str = "operations") -> str:
    return feeds.create("Power BI", page=page, days=30, by=by, now=NOON)[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.slow(reason="answers ten questions twice")
def test_power_bi_finds_what_there_is_and_reads_it(director: Staff) -> None:
    client, key = Client(), key_of(director)
    basic = base64.b64encode(f"anybody:{key}".encode()).decode()
    service = client.get(SERVICE, headers={"Authorization": f"Basic {basic}"})
    names = [one["name"] for one in service.json()["value"]]
    assert len(names) == len(set(names)) == 10
    schema = client.get(reverse("api:feed-metadata"), headers=bearer(key)).content.decode()
    tree = ElementTree.fromstring(schema)
    kinds = [one.get("Name") for one in tree.iter("{http://docs.oasis-open.org/odata/ns/edm}EntityType")]
    assert kinds == names
    rows = client.get(f"{SERVICE}bookings?$top=1&$count=true&$select=row,value", headers=bearer(key))
    assert rows["OData-Version"] == "4.0"
    assert rows.json()["@odata.count"] == 1
    assert rows.json()["value"] == [{"row": 1, "value": 0}]
    assert rows.json()["@odata.context"].endswith("$metadata#bookings")
    for query in ("$filter=value gt 1", "$orderby=value"):
        assert client.get(f"{SERVICE}bookings?{query}", headers=bearer(key)).status_code == 422
    for query in ("$top=x", "$select=evil"):
        assert client.get(f"{SERVICE}bookings?{query}", headers=bearer(key)).status_code == 404


def test_google_sheets_reads_csv_and_the_ledger_knows_once_a_day(director: Staff) -> None:
    client, key = Client(), key_of(director)
    address = reverse("api:feed-sheet", args=[key, "bookings"])
    for _again in range(3):
        response = client.get(address)
    rows = list(csv.reader(io.StringIO(response.content.decode())))
    assert rows[0] == ["预约数", "95% 下限", "95% 上限", "人数", "为保护隐私不显示"]
    assert Export.objects.filter(source="bookings").count() == 1
    assert FeedToken.objects.get().reads == 3
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        client.get(address)
    assert Export.objects.filter(source="bookings").count() == 2


def test_a_share_is_not_called_percent_while_its_number_is_a_share(director: Staff) -> None:
    """36 % is written 0.36: under （%） whoever reads it would have it a hundred times too small."""
    table = feeds.read(key_of(director), "no_show_rate", now=NOON)
    assert str(BY_CODE["no_show_rate"].unit) == "%"
    assert table.columns[0].words == "爽约率"


def test_a_stranger_gets_nothing_but_not_found(director: Staff) -> None:
    client, key = Client(), key_of(director)
    wrong = [
        client.get(SERVICE),
        client.get(SERVICE, headers=bearer("x" * 43)),
        client.get(SERVICE, headers={"Authorization": "Basic ????"}),
        client.get(f"{SERVICE}net_receipts", headers=bearer(key)),
        client.get(reverse("api:feed-sheet", args=["x" * 43, "bookings"])),
    ]
    assert {one.status_code for one in wrong} == {404}
    assert len({one.content for one in wrong}) == 1
    feed = FeedToken.objects.get()
    with pytest.raises(NotFound):
        feeds.revoke(feed.public_id, by=StaffFactory(role="analyst"), now=NOON)
    feeds.revoke(feed.public_id, by=director, now=NOON)
    assert client.get(SERVICE, headers=bearer(key)).status_code == 404


def test_a_key_ends_with_its_time_and_with_its_owners_right(director: Staff) -> None:
    key = key_of(director)
    with pytest.raises(NotFound):
        feeds.read(key, "bookings", now=NOON + timedelta(days=31))
    director.role.grants.filter(permission="insight.export").delete()
    with pytest.raises(NotFound):
        feeds.read(key, "bookings", now=NOON)


def test_what_a_key_may_be_made_for(director: Staff) -> None:
    marketing = StaffFactory(role="marketing", campus=director.campus)
    for changes in ({"page": "finance"}, {"page": "nothing"}, {"days": 0}, {"days": 366}):
        with pytest.raises(RuleBroken):
            feeds.create("x", **{"page": "operations", "days": 30, **changes}, by=marketing, now=NOON)
    with pytest.raises(NotFound):
        feeds.create("x", page="operations", days=30, by=StaffFactory(role="surgeon"), now=NOON)


def test_one_read_too_many_of_a_minute_is_refused(director: Staff) -> None:
    key = key_of(director)
    FeedToken.objects.update(window_at=NOON, window_reads=rules.MOST)
    response = Client().get(reverse("api:feed-sheet", args=[key, "bookings"]))
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert response.json()["type"] == "too-many"
    assert feeds.read(key, "bookings", now=NOON + timedelta(minutes=1))


def test_a_name_for_each_question() -> None:
    assert rules.names(["visits", "win_rate", "visits"]) == ["visits", "win_rate", "visits_2"]


def test_the_page_of_keys_shows_a_key_once(director: Staff) -> None:
    client, address = sign_in(Client(), director), reverse("desk:insight-feeds")
    assert "还没有令牌" in client.get(address).content.decode()
    text = client.post(address, {"name": "BI", "page": "operations", "days": "30"}).content.decode()
    found = re.search(r"/feeds/([\w-]{43})/bookings\.csv", text)
    assert found is not None
    assert found[1] not in client.get(address).content.decode()
    feed = FeedToken.objects.get()
    client.post(reverse("desk:insight-feed-revoke", args=[feed.public_id]))
    assert "已收回" in client.get(address).content.decode()
    nurse = sign_in(Client(), StaffFactory(role="nurse"))
    assert nurse.get(address).status_code == 404
