"""What must come before each step: a gate names what is missing, which rule asks for it and where to mend it.

A gate is a plain function from Facts to Checks. ``GATES`` says which gates stand before which stage: the law
and the checklist of the hospital in one table, so that nobody has to remember it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import Missing, RuleBroken
from yimei.core.money import format_yuan
from yimei.journey.enums import CaseStage as Stage
from yimei.journey.enums import ReferralOutcome

CLINICAL = frozenset({"tests", "fit", "body_image", "screening", "stops"})
"""Checks whose detail says something about health."""


@dataclass(frozen=True)
class Check:
    """One line of a gate: met or not, with its detail, its ground and the page that mends it."""

    code: str
    title: str
    is_met: bool
    detail: str = ""
    why: str = ""
    where: str = ""
    discreet: tuple[str, str, str] | None = None
    """Title, detail and ground for those to whom level 5 is not shown, where the others would tell it."""

    def seen_by(self, *, sees_special: bool) -> "Check":
        """The line as it may be shown: who does not treat her by name learns no level 5 (GB/T 39725)."""
        if sees_special or self.discreet is None:
            return self
        title, detail, why = self.discreet
        return replace(self, title=title, detail=detail, why=why)

    def as_missing(self, *, sees_clinical: bool = True, sees_special: bool = False) -> Missing:
        """Return it for a refusal; without its detail of health to those who may not see the chart."""
        said = self.seen_by(sees_special=sees_special)
        is_private = said.code in CLINICAL and not sees_clinical
        what = f"{said.title}：{said.detail}" if said.detail and not is_private else said.title
        return Missing(what=what, why=said.why, where="" if is_private else said.where)


@dataclass(frozen=True)
class TestFact:
    """One ordered test: the newest result, if any."""

    name: str
    is_done: bool = False
    is_abnormal: bool = False
    is_accepted: bool = False
    valid_to: date | None = None
    is_special: bool = False
    """Its result is level 5."""


@dataclass(frozen=True)
class StopFact:
    """One finding of a stop rule, and who let it pass."""

    words: str
    source: str = ""
    is_blocking: bool = True
    passed_by: str = ""
    passed_why: str = ""


@dataclass(frozen=True)
class FormFact:
    """One document that the plan asks for and whether it is signed for exactly this plan version."""

    title: str
    is_signed: bool
    was_voided: bool = False
    is_outgrown: bool = False


@dataclass(frozen=True)
class ReferralFact:
    """A screening that asks for a physician's decision, and the decision that stands, if any."""

    outcome: ReferralOutcome | None = None
    by_name: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the gates of one case look at; gathered by ``queries.facts``, judged here."""

    case_id: UUID
    patient_id: UUID
    on: date
    is_registered: bool = False
    has_health_consent: bool = False
    needs_guardian: bool = False
    has_guardian: bool = False
    is_consulted: bool = False
    is_assessed: bool = False
    is_fit: bool = False
    has_body_image_concern: bool = False
    tests: tuple[TestFact, ...] = ()
    tests_ordered: bool = False
    stops: tuple[StopFact, ...] = ()
    referrals: tuple[ReferralFact, ...] = ()
    plan_version: int | None = None
    plan_is_chosen: bool = False
    choice_holds: bool = True
    grade: int = 0
    institution_grade: int = 4
    privilege: tuple[Missing, ...] | None = None
    deposit_due: Decimal = Decimal("0")
    deposit_paid: Decimal = Decimal("0")
    has_order: bool = False
    forms: tuple[FormFact, ...] = ()
    cooling_until: datetime | None = None
    cooling_days: int = 0
    at: datetime | None = None
    has_operation: bool = False
    has_image_consent: bool = False
    photos_due: int = 0
    photos_taken: int = 0
    sign_out_done: bool = False
    recovery: tuple[Missing, ...] | None = None
    has_review: bool = False
    survey_settled: bool = False


Gate = Callable[[Facts], Iterable[Check]]


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


def privilege(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-plan:{facts.case_id}"
    yield Check(
        "institution",
        _("本院区可开展该级别"),
        facts.grade <= facts.institution_grade,
        detail=""
        if facts.grade <= facts.institution_grade
        else _("项目为 %(grade)d 级，本院区最高 %(max)d 级")
        % {"grade": facts.grade, "max": facts.institution_grade},
        why=_("医疗美容项目分级管理目录"),
        where=where,
    )
    if facts.privilege is None:
        yield Check("privilege", _("主诊医师资格与授权"), False, detail=_("尚未指定主诊医师"), where=where)
    elif not facts.privilege:
        yield Check("privilege", _("主诊医师资格与授权"), True, why=_("医疗美容服务管理办法第十一条"))
    for missing in facts.privilege or ():
        yield Check("privilege", missing.what, False, why=missing.why, where=missing.where or where)


def plan(facts: Facts) -> Iterable[Check]:
    version = facts.plan_version
    is_met = facts.plan_is_chosen and facts.choice_holds
    detail = "" if is_met else _("方案待客户选择") if version else _("尚无方案")
    if facts.plan_is_chosen and not facts.choice_holds:
        detail = _("须由监护人签名选定")
    yield Check(
        "plan",
        _("客户已选定方案") + (f" v{version}" if version else ""),
        is_met,
        detail=detail,
        why=_("民法典第一千二百一十九条"),
        where=f"desk:case-plan:{facts.case_id}",
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


def deposit(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-money:{facts.case_id}"
    if not facts.has_order:
        yield Check("deposit", _("定金"), False, detail=_("尚未开单"), why=_("医院收费规定"), where=where)
        return
    is_met = facts.deposit_paid >= facts.deposit_due
    short = facts.deposit_due - facts.deposit_paid
    yield Check(
        "deposit",
        _("定金") + " " + format_yuan(facts.deposit_due),
        is_met,
        detail="" if is_met else _("还差 %(short)s") % {"short": format_yuan(short)},
        why=_("医院收费规定"),
        where=where,
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


def operation(facts: Facts) -> Iterable[Check]:
    yield Check(
        "operation",
        _("手术室、医师、护士已排"),
        facts.has_operation,
        where=f"desk:case-schedule:{facts.case_id}",
    )


def photos(facts: Facts) -> Iterable[Check]:
    """Before an operation the series is whole; who does not want to be photographed is operated without."""
    if facts.grade < 1 or not facts.photos_due:
        return
    if not facts.has_image_consent:
        yield Check("photos", _("术前照片"), True, detail=_("客户未同意影像采集"))
        return
    yield Check(
        "photos",
        _("术前照片 %(taken)d/%(due)d") % {"taken": facts.photos_taken, "due": facts.photos_due},
        facts.photos_taken >= facts.photos_due,
        why=_("医院手术流程：术前照相"),
        where=f"desk:case-photos:{facts.case_id}",
    )


def sign_out(facts: Facts) -> Iterable[Check]:
    yield Check(
        "sign_out",
        _("离开手术室前核查"),
        facts.sign_out_done,
        why=_("手术安全核查制度（卫办医政发〔2010〕41号）"),
        where=f"desk:case-surgery:{facts.case_id}",
    )


def recovery(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-recovery:{facts.case_id}"
    if facts.recovery is None:
        yield Check("recovery", _("恢复室观察"), False, detail=_("尚无观察记录"), where=where)
        return
    if not facts.recovery:
        yield Check("recovery", _("恢复达到离院标准"), True)
    for missing in facts.recovery:
        yield Check("recovery", missing.what, False, why=missing.why, where=missing.where or where)


def reviewed(facts: Facts) -> Iterable[Check]:
    yield Check("review", _("术后复查记录"), facts.has_review, where=f"desk:case-review:{facts.case_id}")


def surveyed(facts: Facts) -> Iterable[Check]:
    yield Check(
        "survey",
        _("满意度已收回或已到期"),
        facts.survey_settled,
        where=f"desk:case-review:{facts.case_id}",
    )


BEFORE_OPERATION: tuple[Gate, ...] = (
    health_consent,
    guardian,
    screened,
    privilege,
    tests,
    stops,
    plan,
    cooling,
    deposit,
    operation,
    photos,
    forms,
)
"""What the customer page shows as 「手术前必须齐备」."""

GATES: Mapping[Stage, tuple[Gate, ...]] = {
    Stage.ARRIVED: (registered,),
    Stage.CONSULTED: (registered, health_consent, consulted),
    Stage.ASSESSED: (health_consent, guardian, assessed),
    Stage.PLANNED: (health_consent, guardian, assessed, screened, tests, privilege, plan),
    Stage.SCHEDULED: (
        health_consent,
        guardian,
        screened,
        privilege,
        tested,
        stops,
        plan,
        cooling,
        deposit,
    ),
    Stage.IN_SURGERY: BEFORE_OPERATION,
    Stage.RECOVERING: (sign_out,),
    Stage.DISCHARGED: (recovery,),
    Stage.REVIEWED: (reviewed,),
    Stage.CLOSED: (surveyed,),
}


def checks(gates: Iterable[Gate], facts: Facts) -> tuple[Check, ...]:
    return tuple(check for gate in gates for check in gate(facts))


def before(stage: Stage, facts: Facts) -> tuple[Check, ...]:
    return checks(GATES.get(stage, ()), facts)


def missing(
    stage: Stage, facts: Facts, *, sees_clinical: bool = True, sees_special: bool = False
) -> list[Missing]:
    """Return what still stands before a stage."""
    return [
        check.as_missing(sees_clinical=sees_clinical, sees_special=sees_special)
        for check in before(stage, facts)
        if not check.is_met
    ]


def pass_gate(stage: Stage, facts: Facts, *, sees_clinical: bool = True, sees_special: bool = False) -> None:
    """Refuse the stage with the whole list of what is missing; silent when nothing is."""
    lacking = missing(stage, facts, sees_clinical=sees_clinical, sees_special=sees_special)
    if lacking:
        text = _("还不能进入「%(stage)s」，还差 %(count)d 项。")
        raise RuleBroken(text % {"stage": stage.label, "count": len(lacking)}, missing=lacking, code="gate")
