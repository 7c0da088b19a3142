from uuid import uuid4

import pytest
from django.test import Client

from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.people.roles import Permission, RoleCode
from yimei.ui import registry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.pages")]


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_rail", "_commands", "_campuses", "_notifications"):
        monkeypatch.setattr(registry, name, [])
    registry.rail_item("", "组件", "sun-high", "desk:kit", None, badge=lambda staff: 8, tab=True)
    registry.rail_item("经营", "退款", "cash", "desk:money", Permission.REFUND_WRITE)
    registry.rail_item("合规", "日志", "certificate", "desk:money", Permission.AUDIT_VIEW)
    registry.rail_item("合规", "未建成", "certificate", "desk:not-built", None)
    registry.command("登记新客户", "desk:today", None, keywords="建档")


def page(client: Client, role: RoleCode) -> str:
    return sign_in(client, StaffFactory(role=role, name="周蕾")).get("/desk/_kit").content.decode()


def test_the_rail_shows_what_the_reader_may_open_and_what_exists(client: Client) -> None:
    text = page(client, RoleCode.AUDITOR)
    assert "日志" in text
    assert "退款" not in text.split("<main")[0]
    assert "未建成" not in text


def test_the_place_where_we_are_is_marked_and_has_room_for_its_count(client: Client) -> None:
    text = page(client, RoleCode.AUDITOR).split("</nav>")[0]
    assert text.count('aria-current="page"') == 1
    assert text.count("data-ym-badge hidden") == 1


def test_what_waits_is_counted_only_behind_places_the_reader_may_open() -> None:
    registry.rail_item("经营", "到账", "cash", "desk:money", Permission.REFUND_WRITE, badge=lambda staff: 3)
    assert registry.badges_for(StaffFactory(role=RoleCode.AUDITOR)) == {"/desk/_kit": 8}


def test_commands_are_offered_with_their_keywords(client: Client) -> None:
    assert 'data-words="登记新客户 建档"' in page(client, RoleCode.AUDITOR)


def test_the_shell_names_the_reader_and_his_campus(client: Client) -> None:
    registry.campuses(lambda staff: [registry.Campus(uuid4(), "杭州院区", True)])
    text = page(client, RoleCode.AUDITOR)
    assert "周蕾" in text
    assert "杭州院区" in text


def test_a_waiting_toast_is_shown_once(client: Client) -> None:
    sign_in(client, StaffFactory())
    client.post("/moved")
    text = client.get("/desk/_kit").content.decode()
    assert 'data-undo="/desk/undo"' in text
    assert "已改期。" in text
    assert "data-ym-toast" not in client.get("/desk/_kit").content.decode()


def test_the_kit_draws_every_piece_without_inline_code(client: Client) -> None:
    response = sign_in(client, StaffFactory()).get("/desk/_kit")
    text = response.content.decode()
    assert response.status_code == 200
    assert " style=" not in text
    assert " onclick=" not in text
    assert "unsafe" not in response["Content-Security-Policy"]
