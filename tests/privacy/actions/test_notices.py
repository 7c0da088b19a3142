from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from tests.factories.hospital import CampusFactory
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Campus
from yimei.privacy.actions import notices
from yimei.privacy.enums import Audience
from yimei.privacy.models import Notice
from yimei.privacy.queries import notices_in_force
from yimei.privacy.queries.register import shipped
from yimei.privacy.rules.notices import digest, missing_items

pytestmark = pytest.mark.django_db


def publish(campus: Campus, now: datetime, **changes: Any) -> Notice:
    row = shipped("notices")[0]
    arguments = {
        "audience": Audience.ADULT,
        "title": row["title"],
        "sections": row["sections"],
        "purpose_codes": row["purposes"],
        "campus": campus,
        "at": now,
        **changes,
    }
    return notices.publish("customer", **arguments)


def text_of(notice: Notice) -> str:
    return "\n".join(text for section in notice.body for text in section["paragraphs"])


def test_the_shipped_notices_say_everything_that_the_law_asks_for(campus: Campus) -> None:
    for notice in Notice.objects.all():
        assert missing_items(notice.body, Audience(notice.audience)) == ()
        assert campus.name in text_of(notice)
        assert campus.phone in text_of(notice)
        assert "{" not in text_of(notice)


def test_collected_items_and_receivers_come_from_the_data_map(campus: Campus) -> None:
    notice = Notice.objects.get(code="customer")
    lists = {section["code"]: section["paragraphs"] for section in notice.body}
    assert any(line.startswith("身份与联系方式：姓名、手机、证件号") for line in lists["collected"])
    assert any("自最后一次就诊起 15 年，期满删除。" in line for line in lists["collected"])
    assert not any("未核实" in line for line in lists["collected"])
    assert any(line.startswith("本院有照护关系的医务人员：") for line in lists["shared"])
    assert not any("员工、资质与登录" in line for line in lists["collected"])


def test_the_hash_is_that_of_the_published_text(campus: Campus) -> None:
    notice = Notice.objects.get(code="customer")
    assert notice.sha256 == digest(
        code=notice.code,
        version=notice.version,
        audience=notice.audience,
        title=notice.title,
        sections=notice.body,
        purposes=list(notice.purposes.values_list("code", flat=True)),
    )


def test_a_notice_without_an_item_is_refused_and_leaves_no_trace(campus: Campus, now: datetime) -> None:
    sections = [each for each in shipped("notices")[0]["sections"] if each["code"] != "rights"]
    with pytest.raises(RuleBroken, match="行使权利的方式"):
        publish(campus, now, sections=sections)
    assert Notice.objects.filter(code="customer").count() == 1


def test_a_handler_without_a_telephone_cannot_publish(campus: Campus, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="补全"):
        publish(CampusFactory(phone=""), now)


def test_an_unknown_purpose_is_refused(campus: Campus, now: datetime) -> None:
    with pytest.raises(RuleBroken, match=r"night\.shift"):
        publish(campus, now, purpose_codes=["marketing", "night.shift"])


def test_a_change_is_a_new_version_and_the_old_one_stays(campus: Campus, now: datetime) -> None:
    first = Notice.objects.get(code="customer")
    second = publish(campus, now, title="个人信息处理告知（修订）")
    assert (first.version, second.version) == (1, 2)
    assert second.sha256 != first.sha256
    assert [notice.title for notice in notices_in_force() if notice.code == "customer"] == [second.title]
    assert Notice.objects.get(pk=first.pk).body == first.body


def test_the_database_refuses_to_edit_or_delete_a_published_notice(campus: Campus) -> None:
    notices_of = Notice.objects.filter(code="customer")
    with pytest.raises(IntegrityError, match="notice_append_only"), transaction.atomic():
        notices_of.update(title="改")
    with pytest.raises(IntegrityError, match="notice_append_only"), transaction.atomic():
        notices_of._raw_delete(notices_of.db)


def test_a_notice_speaks_chinese_whatever_its_publisher_reads(campus: Campus, now: datetime) -> None:
    with translation.override("en"):
        notice = publish(campus, now)
    assert notice.body == publish(campus, now).body
