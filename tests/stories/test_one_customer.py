"""One customer, all the way: every step by the right person, every gate first refused and then met."""

import hashlib
from datetime import date, datetime, timedelta

import pytest

from tests.factories.people import DutyFactory
from tests.stories.hospital import (
    DAY,
    DOCUMENTS,
    HOUR,
    MINUTE,
    TEN,
    Customer,
    Hospital,
    refused,
)
from yimei.audit import chain
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, NotFound
from yimei.insight import queries as insight
from yimei.journey.actions import aftercare, cases, surgeries, surveys, tests
from yimei.journey.enums import CaseStage, ClavienDindo, LossReason, Phase, SurgeryStatus, TaskStatus
from yimei.journey.models import Case, ResourceClaim, Survey
from yimei.journey.queries import cases as case_queries
from yimei.journey.queries import plans as plan_queries
from yimei.journey.queries import surveys as survey_queries
from yimei.outbox.models import Message
from yimei.people.enums import CareReason

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow(reason="loads the whole catalogue and walks a whole way"),
]
KNIFE = TEN + 2 * DAY


@pytest.fixture
def at() -> Hospital:
    return Hospital()


def stage(customer: Customer) -> str:
    return str(Case.objects.values_list("stage", flat=True).get(pk=customer.case.pk))


def test_one_customer_all_the_way(at: Hospital) -> None:
    she = Customer(at)

    # ---- the phone ---------------------------------------------------------------------------------
    she.call()
    assert (she.booking.status, stage(she)) == ("requested", "booked")
    at.later(minutes=6)
    assert she.confirm().status == "confirmed"

    # ---- the desk: no file, no arrival -------------------------------------------------------------
    at.now = TEN - 8 * MINUTE
    refused(she.arrive, "建档", f"desk:patient-register:{she.patient.public_id}")
    refused(she.consult, kind=NotFound)  # nobody's consultant before arrival
    she.register()
    assert she.patient.file_no
    she.arrive()
    she.triage()
    assert stage(she) == "arrived"

    # ---- the consultation: no consent to health data, no consultation -------------------------------
    at.now = TEN
    refused(she.consult, "健康信息单独同意", "个人信息保护法第二十九条", "desk:patient-consents:")
    she.agree("care.health")
    she.agree("image.clinical")
    at.later(minutes=25)
    she.consult()
    assert stage(she) == "consulted"
    she.booking.refresh_from_db()
    assert she.booking.status == "served"
    she.ask_price()

    # ---- the physician: before the referral there is no chart ---------------------------------------
    at.later(minutes=10)
    refused(she.assess, kind=NotFound)
    she.refer()
    refused(she.write_plan, "完成术前评估后才能定方案")
    she.assess(is_fit=False)
    assert stage(she) == "consulted"
    refused(she.write_plan, "完成术前评估后才能定方案")
    at.later(minutes=5)
    refused(lambda: she.assess(concern=True), "体像障碍筛查", "心理评估")
    she.assess()
    assert stage(she) == "assessed"

    # ---- the plan: only a responsible physician with the privilege writes it ------------------------
    refused(lambda: she.write_plan(by=at.consultant), kind=NotFound)
    at.novice.care_relations.create(patient=she.patient, reason=CareReason.SURGEON, since=at.now)
    refused(
        lambda: she.write_plan(by=at.novice), "您还不能为这个项目定方案", "美容外科一级手术授权", "第十一条"
    )
    she.write_plan()
    refused(she.choose, "术前检查", "尚未开单")
    platelets = she.test(abnormal="PLT")
    assert platelets is not None
    refused(she.choose, "血小板计数 异常，须医师说明理由后接受", "desk:case-tests:")
    refused(
        lambda: tests.accept(platelets.public_id, reason="可以", by=at.surgeon, now=at.now), "至少 5 个字"
    )
    refused(
        lambda: tests.accept(platelets.public_id, reason="复查正常范围", by=at.nurse, now=at.now),
        kind=NotFound,
    )
    tests.accept(platelets.public_id, reason="轻度升高，凝血正常，可手术", by=at.surgeon, now=at.now)
    she.choose()
    assert (stage(she), she.plan.version) == ("planned", 1)

    # ---- the board: no order, no deposit, no place --------------------------------------------------
    refused(lambda: she.schedule(KNIFE), "定金", "尚未开单")
    she.open_order()
    refused(lambda: she.schedule(KNIFE), "定金 ¥1,000.00", "还差 ¥1,000.00", "desk:case-money:")
    she.pay_deposit()
    taken = ResourceClaim.objects.create(
        kind="room",
        resource_id=at.theatre.pk,
        starts_at=KNIFE + HOUR,
        ends_at=KNIFE + 2 * HOUR,
        booking=she.booking,
    )
    conflict = refused(lambda: she.schedule(KNIFE), "手术间一", kind=Conflict)
    assert isinstance(conflict, Conflict)
    ResourceClaim.objects.filter(pk=taken.pk).update(released_at=at.now)
    lonely = surgeries.Team(nurse=at.nurse.public_id)
    refused(lambda: she.schedule(KNIFE, team=lonely), "须安排一名助手")
    refused(lambda: she.schedule(at.now - MINUTE), "已经过去")
    surgery = she.schedule(KNIFE)
    assert stage(she) == "scheduled"
    assert surgery.ends_at - surgery.starts_at == timedelta(minutes=10 + 75 + 20)
    held = ResourceClaim.objects.filter(surgery=surgery, released_at=None)
    assert sorted(held.values_list("kind", flat=True)) == ["patient", "room", "staff", "staff", "staff"]

    # ---- the signatures: for exactly this version ---------------------------------------------------
    at.now = KNIFE - DAY
    refused(lambda: she.sign("consent-eye", by=at.anaesthetist), "这份同意书须由主诊医师本人谈话")
    first = she.sign("consent-eye")
    pdf = first.pdf.read()
    assert pdf.startswith(b"%PDF")
    assert hashlib.sha256(pdf).hexdigest() == first.pdf_sha256
    assert first.plan_sha256 == she.plan.sha256
    refused(lambda: she.sign("consent-eye"), "已经签署")
    at.now = KNIFE
    refused(she.enter, "局部麻醉知情同意书 v1：待签署", "影像", "desk:case-consents:")
    refused(she.enter, "术前照片 0/", "desk:case-photos:")
    she.photograph()
    for code in DOCUMENTS[1:]:
        she.sign(code)
    she.write_plan(sites="双侧上睑，加内眦")
    refused(she.enter, "方案待客户选择", "眼部手术知情同意书 v2：方案更新后作废，须重签")
    first.refresh_from_db()
    assert (first.voided_at, first.void_reason) == (at.now, "方案更新为 v2")
    assert [each.label for each in plans_of(she)[0]] == ["部位与设计"]
    she.choose()
    refused(she.enter, "须重签")
    for code in DOCUMENTS:
        she.sign(code)
    surgery.refresh_from_db()
    assert (surgery.plan_id, surgery.status) == (she.plan.pk, "scheduled")

    # ---- the theatre: three moments, three signatures each ------------------------------------------
    refused(lambda: she.answer(Phase.SIGN_IN), "患者入室后")
    she.enter()
    assert stage(she) == "in_surgery"
    refused(lambda: anaesthesia(she), "麻醉实施前", "还没有全部签名")
    refused(lambda: she.answer(Phase.SIGN_IN, allergy=""), "还有 1 项没有确认", "过敏史已核对")
    refused(lambda: she.answer(Phase.SIGN_IN, consent="na"), "知情同意书已签")
    refused(lambda: she.sign_check(Phase.SIGN_IN, at.surgeon), "请先完成")
    she.answer(Phase.SIGN_IN)
    refused(lambda: she.sign_check(Phase.SIGN_IN, at.assistant), "不在这台手术的核查签名人中")
    she.sign_check(Phase.SIGN_IN, at.surgeon)
    refused(lambda: she.sign_check(Phase.SIGN_IN, at.surgeon), "已经签过名")
    refused(lambda: she.answer(Phase.SIGN_IN, iv="na"), "已有人签名")
    refused(lambda: she.answer(Phase.TIME_OUT), "不能进行「手术开始前」核查")
    she.sign_check(Phase.SIGN_IN, at.anaesthetist)
    she.sign_check(Phase.SIGN_IN, at.nurse)
    at.later(minutes=6)
    refused(lambda: knife(she), "还没有登记麻醉开始时间")
    anaesthesia(she)
    refused(lambda: anaesthesia(she), "已经登记过")
    refused(lambda: knife(she), "手术开始前", "还没有全部签名")
    she.pass_check(Phase.TIME_OUT)
    at.later(minutes=8)
    knife(she)
    at.later(minutes=70)
    refused(lambda: close(she, by=at.nurse), "手术记录由手术医师书写")
    refused(lambda: close(she, record="顺利"), "至少 10 个字")
    close(she)
    refused(lambda: leave(she), "离开手术室前核查", "卫办医政发〔2010〕41号")
    refused(lambda: she.answer(Phase.SIGN_OUT, count_skin="19"), "器械敷料清点不一致（20 / 20 / 20 / 19）")
    she.pass_check(Phase.SIGN_OUT)
    at.later(minutes=4)
    leave(she)
    assert stage(she) == "recovering"
    assert not held.exists()

    # ---- the recovery room: steady for half an hour -------------------------------------------------
    refused(she.go_home, "恢复室观察记录", "desk:case-recovery:")
    at.later(minutes=2)
    she.observe(consciousness=1, oxygen=1)
    refused(she.go_home, "Aldrete 评分 8，须达到 9", "连续稳定 30 分钟（目前 0 分钟）")
    for minutes in (12, 12):
        at.later(minutes=minutes)
        she.observe()
    refused(she.go_home, "目前 24 分钟")
    at.later(minutes=8)
    she.observe()
    refused(lambda: she.go_home(escort_name="", advice_given=False), "陪同人", "书面术后注意事项")
    at.later(minutes=3)
    discharge = she.go_home()
    assert (stage(she), discharge.second, discharge.override_reason) == ("discharged", None, "")

    # ---- aftercare, from the template ----------------------------------------------------------------
    tasks = list(she.case.aftercare_tasks.all())
    day = local_date(KNIFE)
    assert [(each.kind, (local_date(each.due_at) - day).days) for each in tasks] == [
        (step.kind, step.day) for step in at.procedure.aftercare_steps.order_by("day", "id")
    ]
    at.now = tasks[0].due_at
    refused(
        lambda: aftercare.finish_task(
            tasks[0].public_id, outcome=" ", has_red_flag=False, by=at.carer, now=at.now
        ),
        "请写明",
    )
    done = aftercare.finish_task(
        tasks[0].public_id, outcome="轻度肿胀，无渗血", has_red_flag=False, by=at.carer, now=at.now
    )
    assert done.status == TaskStatus.DONE
    refused(lambda: aftercare.close(she.case.public_id, by=at.carer, now=at.now), "满意度已收回或已到期")

    # ---- review, survey, end ------------------------------------------------------------------------
    at.now = KNIFE + 30 * DAY
    refused(lambda: review(she, complication=ClavienDindo.ONE), "有并发症时须写明处理")
    refused(lambda: review(she, by=at.nurse), kind=NotFound)
    review(she)
    assert stage(she) == "reviewed"
    token = token_of(she)
    assert survey_queries.by_token(token, now=at.now).case_id == she.case.pk
    at.later(hours=5)
    answer(token, at.now)
    refused(lambda: answer(token, at.now), "已经提交过")
    refused(lambda: answer("forged", at.now), kind=NotFound)
    at.later(days=1)
    ended = aftercare.close(she.case.public_id, by=at.carer, now=at.now)
    assert (ended.stage, ended.closed_at, ended.next_action) == ("closed", at.now, "")
    assert not she.case.aftercare_tasks.filter(status=TaskStatus.OPEN).exists()

    # ---- what the director sees, and what the line tells --------------------------------------------
    counts = {row.stage: row.count for row in insight.stage_counts(by=at.director)}
    assert counts[CaseStage.CLOSED] == sum(counts.values()) == 1
    score = insight.satisfaction(by=at.director, now=at.now)
    assert (score.sent, score.answered) == (1, 1)
    assert score.score is not None
    assert score.score.value == 9
    assert [each.comment for each in score.comments] == ["医生讲得很清楚。"]
    line = case_queries.timeline(by=at.surgeon, now=at.now, case_id=she.case.public_id)
    assert {"已到诊", "已咨询", "已评估", "方案已定", "已排台", "手术中", "恢复中", "已离院", "已复查"} <= {
        item.title for item in line
    }
    assert chain.verify().is_sound


def test_a_minor_moves_nowhere_without_a_guardian(at: Hospital) -> None:
    she = Customer(at, name="林小雨", born=date(2010, 1, 8))
    she.call()
    she.confirm()
    at.now = TEN
    she.register()
    she.arrive()
    refused(lambda: she.agree("care.health"), "监护人")
    she.bring_guardian()
    she.agree("care.health")
    she.consult()
    she.walk_to_plan()
    refused(lambda: she.schedule(KNIFE), "冷静期 7 天", "desk:case-plan:")
    later = KNIFE + 6 * DAY
    DutyFactory(staff=at.surgeon, starts_at=later - 2 * HOUR, ends_at=later + 8 * HOUR)
    she.schedule(later)
    at.now = later
    she.retake()
    guardian, drawn = she.guardian, she.guardian_signature
    she.guardian_signature = ""
    refused(lambda: she.sign("consent-eye"), "须监护人到场并签名", "民法典第十九条")
    she.guardian, she.guardian_signature = None, drawn
    refused(lambda: she.sign("consent-eye"), "请先核对监护人的身份与关系")
    she.guardian = guardian
    for code in DOCUMENTS:
        assert she.sign(code).guardian_signature is not None
    assert guardian is not None
    type(guardian).objects.filter(pk=guardian.pk).update(verified_at=None, verified_by=None)
    refused(she.enter, "监护人身份与关系核对", "医疗美容服务管理办法", "desk:patient-guardians:")
    type(guardian).objects.filter(pk=guardian.pk).update(verified_at=at.now, verified_by=at.reception)
    she.enter()
    assert stage(she) == "in_surgery"


def test_a_cancelled_operation_frees_everything_it_held(at: Hospital) -> None:
    she = Customer(at)
    she.walk_in()
    she.walk_to_plan()
    surgery = she.schedule(KNIFE)
    refused(
        lambda: surgeries.cancel(surgery.public_id, reason=" ", by=at.scheduler, now=at.now), "取消手术的原因"
    )
    refused(
        lambda: surgeries.cancel(surgery.public_id, reason="感冒", by=at.consultant, now=at.now),
        kind=NotFound,
    )
    ended = surgeries.cancel(surgery.public_id, reason="客户感冒", by=at.scheduler, now=at.now)
    assert (ended.status, stage(she)) == (SurgeryStatus.CANCELLED, "planned")
    assert not ResourceClaim.objects.filter(surgery=surgery, released_at=None).exists()
    again = she.schedule(KNIFE)
    assert (again.pk != surgery.pk, stage(she)) == (True, "scheduled")
    refused(
        lambda: surgeries.cancel(surgery.public_id, reason="再取消", by=at.scheduler, now=at.now),
        "手术不能从「已取消」变为「已取消」",
    )


def test_whoever_does_not_buy_is_lost_with_a_reason(at: Hospital) -> None:
    she = Customer(at)
    she.walk_in()
    lost = cases.lose(she.case.public_id, reason=LossReason.PRICE, by=at.consultant, now=at.now)
    assert (lost.stage, lost.loss_reason) == ("lost", "price")
    refused(she.assess, kind=NotFound)


# ---- steps that only this story takes -------------------------------------------------------------


def plans_of(she: Customer) -> list[tuple[object, ...]]:
    return [tuple(each.differences) for each in plan_queries.versions(she.case)]


def anaesthesia(she: Customer) -> object:
    return surgeries.start_anaesthesia(she.surgery.public_id, by=she.at.anaesthetist, now=she.at.now)


def knife(she: Customer) -> object:
    return surgeries.start_operation(she.surgery.public_id, by=she.at.surgeon, now=she.at.now)


def close(she: Customer, *, by: object = None, record: str = "按方案施术，过程顺利，逐层缝合。") -> object:
    return surgeries.finish_operation(
        she.surgery.public_id, record=record, blood_loss_ml=5, by=by or she.at.surgeon, now=she.at.now
    )


def leave(she: Customer) -> object:
    return surgeries.leave_room(she.surgery.public_id, by=she.at.nurse, now=she.at.now)


def review(she: Customer, *, complication: ClavienDindo = ClavienDindo.NONE, by: object = None) -> object:
    return aftercare.review(
        she.case.public_id,
        findings="切口愈合好，双侧基本对称",
        complication=complication,
        complication_note="",
        goal_reached=9,
        by=by or she.at.surgeon,
        now=she.at.now,
    )


def token_of(she: Customer) -> str:
    """The secret in the link of the invitation; the survey itself keeps only its hash."""
    message = Message.objects.get(patient=she.patient, template__code="survey.invite")
    link = (message.params or {})["link"]
    assert link in (message.body or "")
    token = link.rstrip("/").rsplit("/", 1)[-1]
    assert not Survey.objects.filter(token_hash=token).exists()
    return str(token)


def answer(token: str, now: datetime) -> Survey:
    return surveys.answer(
        token, score=9, dimensions={"doctor": 5, "service": 4}, comment="医生讲得很清楚。", now=now
    )
