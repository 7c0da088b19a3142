from datetime import datetime

import pytest

from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital.actions import forms
from yimei.hospital.enums import FormKind
from yimei.hospital.models import FormTemplate
from yimei.hospital.rules.forms import Section

pytestmark = pytest.mark.django_db

FIRST: list[Section] = [{"title": "风险", "paragraphs": ["可能出血。"]}]
SECOND: list[Section] = [{"title": "风险", "paragraphs": ["可能出血、感染。"]}]


def publish(sections: list[Section], clerk: Clerk, now: datetime) -> FormTemplate:
    return forms.publish(
        "consent-ear", kind=FormKind.SURGERY, title="耳部手术", sections=sections, by=clerk, at=now
    )


def test_a_new_text_is_the_next_version_and_the_old_one_stays(clerk: Clerk, now: datetime) -> None:
    publish(FIRST, clerk, now)
    publish(SECOND, clerk, now)
    texts = FormTemplate.objects.order_by("version").values_list("version", "sections")
    assert list(texts) == [(1, FIRST), (2, SECOND)]
    assert Entry.objects.count() == 2


def test_the_same_text_again_and_an_empty_one_are_refused(clerk: Clerk, now: datetime) -> None:
    publish(FIRST, clerk, now)
    with pytest.raises(RuleBroken, match="与第 1 版相同"):
        publish(FIRST, clerk, now)
    with pytest.raises(RuleBroken, match="至少要有一个章节"):
        publish([], clerk, now)
    assert FormTemplate.objects.count() == 1
