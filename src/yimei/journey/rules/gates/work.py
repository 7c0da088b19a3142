"""Gates about the work: who may do it, what was chosen and paid, and that each step was finished."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.core.money import format_yuan
from yimei.journey.rules.gates.facts import Check, Facts


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


def deposit(facts: Facts) -> Iterable[Check]:
    where = f"desk:case-money:{facts.case_id}"
    if not facts.has_order:
        yield Check("deposit", _("定金"), False, detail=_("尚未开单"), why=_("医院收费规定"), where=where)
        return
    if not facts.deposit_due:
        yield Check("deposit", _("定金"), True, detail=_("本项目不收"))
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
