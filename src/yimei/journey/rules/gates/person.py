"""Gates about the person: who she is, what she agreed to, who stands by her, and what is signed."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.journey.rules.gates.facts import Check, Facts


def registered(facts: Facts) -> Iterable[Check]:
    yield Check(
        "registered",
        _("建档"),
        facts.is_registered,
        why=_("病历须能确认本人身份（医疗机构病历管理规定）"),
        where=f"desk:patient-register:{facts.patient_id}",
    )


def health_consent(facts: Facts) -> Iterable[Check]:
    yield Check(
        "health_consent",
        _("健康信息单独同意"),
        facts.has_health_consent,
        why=_("个人信息保护法第二十九条"),
        where=f"desk:patient-consents:{facts.patient_id}",
    )


def guardian(facts: Facts) -> Iterable[Check]:
    if facts.needs_guardian:
        yield Check(
            "guardian",
            _("监护人身份与关系核对"),
            facts.has_guardian,
            detail="" if facts.has_guardian else _("未满十八周岁或无法确认年龄"),
            why=_("医疗美容服务管理办法：须经监护人同意；民法典第十九条"),
            where=f"desk:patient-guardians:{facts.patient_id}",
        )


def cooling(facts: Facts) -> Iterable[Check]:
    """Between the choice and a grave operation, or one on a minor, lie some days to think again (冷静期)."""
    if facts.cooling_until is None or facts.at is None:
        return
    named = {"days": facts.cooling_days, "until": facts.cooling_until.astimezone(SHANGHAI)}
    yield Check(
        "cooling",
        _("冷静期 %(days)d 天") % named,
        facts.at >= facts.cooling_until,
        detail=_("最早 %s") % f"{named['until']:%Y-%m-%d %H:%M}",
        why=_("医院规定（天数待确认）：高级别手术与未成年人手术前留出考虑时间"),
        where=f"desk:case-plan:{facts.case_id}",
    )


def forms(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-consents:{facts.case_id}"
    for form in facts.forms:
        detail = ""
        if not form.is_signed:
            detail = _("方案更新后作废，须重签") if form.was_voided else _("待签署")
            if form.is_outgrown:
                detail = _("行为能力有变化：由本人签署还是须监护人一同签署已不同，须重签")
        yield Check(
            "form",
            form.title + (f" v{facts.plan_version}" if facts.plan_version else ""),
            form.is_signed,
            detail=detail,
            why=_("民法典第一千二百一十九条"),
            where=where,
        )
    if not facts.forms:
        yield Check("form", _("手术知情同意书"), False, detail=_("尚无可签署的方案"), where=where)
