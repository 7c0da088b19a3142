"""Small, valid pieces of the privacy register and of consents."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from tests.factories.people import PatientFactory
from yimei.privacy.enums import (
    AfterEnd,
    Anchor,
    Audience,
    Basis,
    ConsentAct,
    ConsentChannel,
    ConsentMode,
    Mark,
    Unit,
)
from yimei.privacy.models import Consent, Limit, Notice, Purpose, RetentionRule


class RetentionRuleFactory(DjangoModelFactory[RetentionRule]):
    class Meta:
        model = RetentionRule
        django_get_or_create = ("code", "effective_from")

    code = "record.outpatient"
    name = "门（急）诊病历"
    months = 180
    anchor = Anchor.LAST_VISIT
    after_end = AfterEnd.ERASE
    is_statutory = True
    article = "《医疗机构管理条例实施细则》第五十三条"
    mark = Mark.SECONDARY
    effective_from = date(2017, 4, 1)


class LimitFactory(DjangoModelFactory[Limit]):
    class Meta:
        model = Limit
        django_get_or_create = ("code", "effective_from")

    code = "consent.ask_again_days"
    name = "拒绝后不再征求同意的天数"
    value = 180
    unit = Unit.DAYS
    source = "院方默认"
    mark = Mark.UNVERIFIED
    effective_from = date(2025, 1, 1)


class PurposeFactory(DjangoModelFactory[Purpose]):
    """Marketing by general consent, unless a trait says otherwise."""

    class Meta:
        model = Purpose
        django_get_or_create = ("code",)

    code = "marketing"
    name = "活动与优惠信息"
    description = "用您的手机向您发送活动与优惠信息。"
    basis = Basis.CONSENT
    mode = ConsentMode.GENERAL
    retention = factory.SubFactory(RetentionRuleFactory)

    class Params:
        health = factory.Trait(
            code="care.health",
            name="诊疗中的健康信息",
            is_sensitive=True,
            is_necessary=True,
            mode=ConsentMode.SEPARATE,
        )
        publicity = factory.Trait(
            code="image.publicity", name="影像用于公开宣传", is_sensitive=True, mode=ConsentMode.WRITTEN
        )
        contract = factory.Trait(
            code="care.identity", name="预约、建档与联系", basis=Basis.CONTRACT, mode="", is_necessary=True
        )


class NoticeFactory(DjangoModelFactory[Notice]):
    """A published notice; `NoticeFactory(purposes=[purpose])` says what it is about."""

    class Meta:
        model = Notice
        skip_postgeneration_save = True

    code = "customer"
    version = factory.Sequence(lambda n: n + 101)  # clear of the versions that the program brings
    audience = Audience.ADULT
    title = "个人信息处理告知"
    body = factory.LazyFunction(
        lambda: [{"code": "handler", "title": "我们是谁", "paragraphs": ["颐美，电话 021-00000000。"]}]
    )
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    published_at = datetime(2026, 1, 1, tzinfo=UTC)

    @factory.post_generation
    def purposes(self: Any, create: bool, extracted: list[Purpose] | None, **kwargs: Any) -> None:
        self.purposes.set(extracted or [])


class ConsentFactory(DjangoModelFactory[Consent]):
    """A yes to marketing on the tablet."""

    class Meta:
        model = Consent

    patient = factory.SubFactory(PatientFactory)
    purpose = factory.SubFactory(PurposeFactory)
    notice = factory.SubFactory(
        NoticeFactory, purposes=factory.LazyAttribute(lambda notice: [notice.factory_parent.purpose])
    )
    notice_sha256 = factory.SelfAttribute("notice.sha256")
    act = ConsentAct.GIVEN
    mode = factory.SelfAttribute("purpose.mode")
    channel = ConsentChannel.TABLET
    at = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    shown_at = factory.LazyAttribute(lambda consent: consent.at - timedelta(minutes=2))
