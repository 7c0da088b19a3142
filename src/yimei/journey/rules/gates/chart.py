"""Gates about her health: what was talked over, judged, tested, and what must have ended."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from yimei.journey.enums import ReferralOutcome
from yimei.journey.rules.gates.facts import Check, Facts, TestFact


def consulted(facts: Facts) -> Iterable[Check]:
    yield Check(
        "consulted",
        _("现场咨询记录"),
        facts.is_consulted,
        why=_("期望、可达到的与不能达到的须记录"),
        where=f"desk:case-consultation:{facts.case_id}",
    )


def assessed(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-assessment:{facts.case_id}"
    yield Check("assessed", _("术前评估"), facts.is_assessed, why=_("无评估不定方案"), where=where)
    if facts.is_assessed:
        yield Check(
            "fit",
            _("评估结论适合手术"),
            facts.is_fit,
            detail="" if facts.is_fit else _("医师评估为不适合"),
            why=_("医疗美容服务管理办法：严格适应证"),
            where=where,
        )
    if facts.has_body_image_concern:
        yield Check(
            "body_image",
            _("体像障碍筛查"),
            False,
            detail=_("筛查阳性，须转介心理评估后重新评估"),
            why=_("筛查转介规则（待临床确认）"),
            where=where,
            discreet=(_("医师评估"), _("须由评估医师处理后重新评估"), ""),
        )


def screened(facts: Facts) -> Iterable[Check]:
    """What a screening asked for was decided by a named physician, and the decision is to go on."""
    for referral in facts.referrals:
        detail = _("待医师决定")
        if referral.outcome is not None:
            words = {"outcome": referral.outcome.label, "who": referral.by_name}
            detail = _("%(who)s 医师：%(outcome)s") % words
        yield Check(
            "screening",
            _("体像筛查的医师决定"),
            referral.outcome == ReferralOutcome.PROCEED,
            detail=detail,
            why=_("筛查转介规则（待临床确认）"),
            where=f"desk:case-questionnaires:{facts.case_id}",
        )


def tests(facts: Facts) -> Iterable[Check]:
    """Every test is in, normal or accepted, and holds on the day."""
    return _tests(facts, _("术前检查在有效期内"), on=facts.on)


def tested(facts: Facts) -> Iterable[Check]:
    """Every test is in, normal or accepted; what runs out before the day is repeated before the operation."""
    return _tests(facts, _("术前检查已出结果"), on=None)


def _tests(facts: Facts, title: str, *, on: date | None) -> Iterable[Check]:
    where = f"desk:case-tests:{facts.case_id}"
    why = _("术前检查须在有效期内（有效天数待临床确认）")
    if not facts.tests_ordered:
        yield Check("tests", _("术前检查"), False, detail=_("尚未开单"), why=why, where=where)
        return
    bad = [said for said in (_trouble(test, on) for test in facts.tests) if said]
    told = [said for said in (_trouble(_blank(test), on) for test in facts.tests) if said]
    if len(told) < len(bad):
        told.append(_("另有一项须由诊治医师处理"))
    done = sum(1 for test in facts.tests if test.is_done)
    if not facts.tests:
        yield Check("tests", _("术前检查"), True, detail=_("本项目不需要"))
        return
    detail = "；".join(bad) if bad else _("%(done)d / %(all)d 完成") % {"done": done, "all": len(facts.tests)}
    discreet = (title, "；".join(told), why) if told != bad else None
    yield Check("tests", title, not bad, detail=detail, why=why, where=where, discreet=discreet)


def _blank(test: TestFact) -> TestFact:
    """A test whose result is level 5 says only whether it is there and in date."""
    return replace(test, is_abnormal=False) if test.is_special else test


def _trouble(test: TestFact, on: date | None) -> str:
    if not test.is_done:
        return _("%(name)s 未出结果") % {"name": test.name}
    if on is not None and (test.valid_to is None or test.valid_to < on):
        return _("%(name)s 到手术日已过期") % {"name": test.name}
    if test.is_abnormal and not test.is_accepted:
        return _("%(name)s 异常，须医师说明理由后接受") % {"name": test.name}
    return ""


def stops(facts: Facts) -> Iterable[Check]:
    """Nothing that must have ended goes on; what a physician let pass stays in sight with its reason."""
    where = f"desk:case-stops:{facts.case_id}"
    title = _("停药与禁忌期")
    for fact in facts.stops:
        if fact.passed_by:
            passed = {"words": fact.words, "who": fact.passed_by, "why": fact.passed_why}
            detail = _("%(words)s；%(who)s 说明理由后放行：%(why)s") % passed
            yield Check("stops", title, True, detail=detail, why=fact.source, where=where)
        else:
            yield Check("stops", title, not fact.is_blocking, detail=fact.words, why=fact.source, where=where)
    if not facts.stops:
        yield Check("stops", title, True)
