"""Credit through its addresses: a consultant's month, an appeal, a ruling, a new version of the rules."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tests.desk.front import at_time, url
from tests.factories.ui import sign_in
from tests.growth.house import days
from tests.growth.test_credit import Court
from yimei.growth.models import CreditAppeal, CreditPolicy, CreditRuling
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
THIRD = days(3)


class Screens(Court):
    def client(self, staff: Staff, at: datetime = THIRD) -> Client:
        with at_time(at):
            return sign_in(Client(), staff)


@pytest.fixture
def court() -> Screens:
    return Screens()


def body(response: Any) -> str:
    return str(response.content.decode())


def test_a_consultant_reads_her_month_and_appeals(court: Screens) -> None:
    order = court.deal()
    client, stranger = court.client(court.wu), court.client(court.reception)
    with at_time(days(3)):
        page = body(client.get(url("credit")))
        deal = body(client.get(url("credit-deal", order.public_id)))
        refused = client.post(url("credit-appeal", order.public_id), {"party": "onsite", "words": ""})
        forged = client.post(url("credit-appeal", order.public_id), {"party": "house", "words": "都是我的"})
        sent = client.post(
            url("credit-appeal", order.public_id), {"party": "onsite", "words": "方案是我谈的"}
        )
        assert stranger.get(url("credit")).status_code == 404
        assert stranger.get(url("credit-deal", order.public_id)).status_code == 404
        assert client.get(url("credit-rules-new")).status_code == 404
    assert "周蕾 60%" in page
    assert "报价成交" in deal
    assert (refused.status_code, forged.status_code, sent.status_code) == (422, 422, 302)
    assert CreditAppeal.objects.get().staff == court.wu


def test_a_manager_rules_once(court: Screens) -> None:
    appeal = court.appeal(court.deal())
    client = court.client(court.manager, days(4))
    online, wu = (
        f"{party}_{one.public_id}" for party, one in (("online", court.online), ("onsite", court.wu))
    )
    asked = {"verdict": "changed", "why": "面诊记录是小吴写的", online: "40", wu: "60"}
    with at_time(days(4)):
        assert "1 条申诉等待裁定" in body(client.get(url("credit")))
        short = client.post(url("credit-rule", appeal.public_id), asked | {wu: "50"})
        assert client.post(url("credit-rule", appeal.public_id), asked).status_code == 302
        again = client.post(url("credit-rule", appeal.public_id), asked)
    assert short.status_code == 422
    assert "100%" in body(short)
    assert "面诊记录是小吴写的" in body(short)
    assert again.status_code in {409, 422}
    assert CreditRuling.objects.count() == 1


def test_the_director_tries_new_rules_on_the_past_before_they_count(court: Screens) -> None:
    court.deal()
    client = court.client(court.head)
    with at_time(days(3)):
        page = client.get(url("credit-rules-new"))
        form = page.context["form"]
        asked = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        asked |= {"effective_from": "2026-07-01", "reason": "网电提成上调", "months": "3"}
        asked |= {"first_online_online": "50", "first_online_onsite": "50"}
        wrong = client.post(url("credit-rules-new"), asked | {"first_online_onsite": "40"})
        tried = client.post(url("credit-rules-new"), asked | {"act": "try"})
        seen = tried.context["seen"]
        other = client.post(
            url("credit-rules-new"), asked | {"act": "publish", "seen": "x", "first_online_online": "50"}
        )
        assert CreditPolicy.objects.count() == 1
        done = client.post(url("credit-rules-new"), asked | {"act": "publish", "seen": seen})
        listed = body(client.get(url("credit-rules")))
        text = body(client.get(f"{url('credit-rules-file')}?version=2"))
    assert wrong.status_code == 422
    assert "合计 90%" in body(wrong)
    assert "+¥780.00" in body(tried)
    assert (other.status_code, done.status_code) == (200, 302)
    assert "待生效" in listed
    assert "online: 50" in text
