"""One customer through every clinical page; each gate is refused through the screen first and then met."""

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.desk.ward import PLAN, SIGNS, Ward, signature
from tests.factories.billing import PaymentFactory
from tests.factories.people import (
    PASSWORD,
    CareRelationFactory,
    GuardianFactory,
    LicenceFactory,
    PrivilegeFactory,
)
from yimei.journey.enums import CaseStage, Phase
from yimei.journey.models import ConsentForm, Observation, Plan, Surgery, Survey
from yimei.journey.models import TestResult as Result
from yimei.people.enums import CareReason

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow(reason="walks a customer through page after page, signed PDFs included"),
]


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    yield ward
    ward.close()


# ---- assessment -----------------------------------------------------------------------------------


def test_an_assessment_moves_the_case_and_shows_its_index(ward: Ward) -> None:
    ward.assess()
    assert ward.stage == CaseStage.ASSESSED
    page = ward.get("case-assessment", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "19.8" in page
    assert "末次月经" in page


def test_an_unanswered_question_keeps_what_was_typed(ward: Ward) -> None:
    page = ward.refused(
        "case-assessment", ward.case.public_id, by=ward.surgeon, height_cm="165", opinion="尚可"
    )
    assert 'value="165"' in page
    assert "尚可" in page


def test_an_unfit_customer_stays_where_she_is(ward: Ward) -> None:
    ward.assess(is_fit="no")
    assert ward.stage == CaseStage.CONSULTED


def test_the_index_is_worked_out_while_typing(ward: Ward) -> None:
    answer = ward.get("bmi", by=ward.surgeon, height_cm="170", weight_kg="82")
    assert "28.4" in answer.content.decode()
    assert "肥胖" in answer.content.decode()
    assert "—" in ward.get("bmi", by=ward.surgeon, height_cm="abc").content.decode()


# ---- tests ----------------------------------------------------------------------------------------


def test_tests_are_ordered_once_and_entered_in_one_go(ward: Ward) -> None:
    ward.assess()
    ward.order_tests()
    ward.order_tests()
    assert ward.case.test_orders.count() == 2
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results())
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results())
    assert Result.objects.count() == 2


def test_a_bad_row_is_refused_alone_and_keeps_its_text(ward: Ward) -> None:
    ward.order_tests()
    page = ward.refused("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="一百三"))
    assert "不是数值" in page
    assert "一百三" in page
    assert Result.objects.get().finding == "未见异常"


def test_an_abnormal_result_blocks_until_a_physician_accepts_it(ward: Ward) -> None:
    ward.assess()
    ward.order_tests()
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="98"))
    page = ward.get("case-tests", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "异常" in page
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
    assert "血红蛋白 异常" in ward.refused("plan-choose", ward.plan.public_id, by=ward.surgeon, **ward.heard)
    bad = Result.objects.get(is_abnormal=True)
    assert "至少 5 个字" in ward.refused("test-accept", bad.public_id, by=ward.surgeon, reason="好")
    assert ward.post("test-accept", bad.public_id, by=ward.nurse, reason="可以手术的").status_code == 404
    ward.do("test-accept", bad.public_id, by=ward.surgeon, reason="轻度贫血，局麻小手术可耐受")
    ward.do("plan-choose", ward.plan.public_id, by=ward.surgeon, **ward.heard)
    assert ward.stage == CaseStage.PLANNED


# ---- plan -----------------------------------------------------------------------------------------


def test_the_editor_begins_with_documents_and_the_list_price(ward: Ward) -> None:
    ward.assess()
    page = ward.get("case-plan", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "可能出现出血、感染、瘢痕、双侧不对称。" in page
    assert "7800.00" in page


def test_without_privilege_the_editor_says_what_is_missing(ward: Ward) -> None:
    ward.assess()
    other = ward.staff("surgeon", "李航")
    CareRelationFactory(patient=ward.patient, staff=other, reason=CareReason.SURGEON)
    page = ward.get("case-plan", ward.case.public_id, by=other).content.decode()
    assert 'class="gates"' in page
    assert "plan-form" not in page
    assert 'class="gates"' in ward.refused("case-plan", ward.case.public_id, by=other, **PLAN)
    LicenceFactory(staff=other)
    PrivilegeFactory(staff=other)
    ward.do("case-plan", ward.case.public_id, by=other, **PLAN)


def test_who_writes_against_an_old_version_sees_the_difference_and_loses_nothing(ward: Ward) -> None:
    ward.planned()
    ward.do(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"written_against": "1", "price": "8200"}
    )
    late = PLAN | {"written_against": "1", "sites": "七毫米，内眦保留"}
    answer = ward.post("case-plan", ward.case.public_id, by=ward.surgeon, **late)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "七毫米，内眦保留" in page
    assert "8,200.00" in page
    assert Plan.objects.count() == 2
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **late | {"written_against": "2"})
    assert Plan.objects.count() == 3


def test_finalising_and_choosing_twice_is_once(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
    assert ward.post("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN).status_code == 409
    ward.do("plan-choose", ward.plan.public_id, by=ward.surgeon, **ward.heard)
    ward.do("plan-choose", ward.plan.public_id, by=ward.surgeon, **ward.heard)
    assert Plan.objects.get().version == 1


# ---- documents ------------------------------------------------------------------------------------


def test_boxes_and_talk_begin_empty_and_the_pdf_is_frozen(ward: Ward) -> None:
    ward.planned()
    page = ward.get("consent-sign", ward.plan.public_id, "consent-eye", by=ward.surgeon).content.decode()
    assert "checked" not in page
    assert "可能出现出血" in page
    ward.sign("consent-eye")
    form = ConsentForm.objects.get()
    pdf = ward.get("consent-pdf", form.public_id, by=ward.surgeon)
    assert pdf.content.startswith(b"%PDF")
    listed = ward.get("case-consents", ward.case.public_id, by=ward.nurse).content.decode()
    assert form.pdf_sha256 in listed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"questions": ""}, "客户的提问与复述"),
        ({"signature": ""}, "签名没有收到"),
        ({"signature": signature(blank=True)}, "签名是空白的"),
        ({"signature": "data:image/png;base64,bm8gcGljdHVyZQ=="}, "无法读取"),
        ({"signature": "data:text/html;base64,PGI+"}, "签名没有收到"),
    ],
)
def test_what_is_no_signature_is_refused(ward: Ward, changes: dict[str, str], said: str) -> None:
    ward.planned()
    data = ward.signed() | changes
    assert said in ward.refused("consent-sign", ward.plan.public_id, "consent-eye", by=ward.surgeon, **data)
    assert not ConsentForm.objects.exists()


def test_a_new_version_voids_what_was_signed(ward: Ward) -> None:
    ward.planned()
    ward.sign("consent-eye")
    assert "不需要重签" in ward.refused(
        "consent-sign", ward.plan.public_id, "consent-eye", by=ward.surgeon, **ward.signed()
    )
    ward.do(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"written_against": "1", "price": "8000"}
    )
    page = ward.get("case-consents", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "已作废" in page
    assert "须重签" in page


def test_a_minor_signs_only_with_a_verified_guardian() -> None:
    ward = Ward(birth_date=date(2009, 3, 8))
    try:
        mother = GuardianFactory(patient=ward.patient)
        ward.planned()
        page = ward.get("consent-sign", ward.plan.public_id, "consent-eye", by=ward.surgeon).content.decode()
        assert "监护人签名" in page
        data = ward.signed()
        assert "监护人" in ward.refused(
            "consent-sign", ward.plan.public_id, "consent-eye", by=ward.surgeon, **data
        )
        ward.sign("consent-eye", guardian_id=str(mother.public_id), guardian_signature=signature())
        assert ConsentForm.objects.get().guardian == mother
    finally:
        ward.close()


# ---- board ----------------------------------------------------------------------------------------


def test_the_board_shows_rooms_people_and_who_waits(ward: Ward) -> None:
    ward.planned()
    page = ward.get("schedule", by=ward.scheduler, day="2026-06-17").content.decode()
    assert "林**" in page
    assert "林晓雨" not in page
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    page = ward.get("schedule", by=ward.scheduler, day="2026-06-17").content.decode()
    assert "bar-turnover" in page
    assert "陈屿" in page


def test_a_bar_of_today_leads_to_the_case_for_whoever_reaches_it(ward: Ward) -> None:
    ward.scheduled()
    ward.wait(hours=23)
    href = f'href="{reverse("desk:case", args=[ward.case.public_id])}"'
    links = {}
    for who in (ward.surgeon, ward.scheduler, ward.staff("surgeon", "何远")):
        page = ward.get("today", by=who).content.decode()
        bars = re.findall(r'<(?:a|span) class="bar bar-[^>]*>', page)
        assert bars
        links[who.name] = any(href in bar for bar in bars)
    assert links == {"陈屿": True, "钱莉": True, "何远": False}, "a colleague sees the day, not the customer"


def test_a_place_without_deposit_is_refused_and_names_it(ward: Ward) -> None:
    ward.planned()
    paid = ward.order.payments.get()
    PaymentFactory(order=ward.order, kind="refund", amount=Decimal(-1000), reason="改期", refund_of=paid)
    page = ward.get("case-schedule", ward.case.public_id, by=ward.scheduler).content.decode()
    assert "还不能排台" in page
    refused = ward.refused("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    assert "定金" in refused
    PaymentFactory(order=ward.order)
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())


def test_the_scheduler_learns_that_tests_are_wrong_but_not_which(ward: Ward) -> None:
    ward.planned()
    ward.wait(minutes=30)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="61"))
    page = ward.get("case-schedule", ward.case.public_id, by=ward.scheduler).content.decode()
    assert "术前检查" in page
    assert "血红蛋白" not in page
    refused = ward.refused("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    assert "术前检查" in refused
    assert "血红蛋白" not in refused


def test_an_overlap_says_who_is_taken_and_offers_times_that_fill_the_form(ward: Ward) -> None:
    ward.scheduled()
    second = ward.another_planned()
    answer = ward.post("case-schedule", second.public_id, by=ward.scheduler, **ward.place())
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "OR1" in page
    picks = re.findall(r'name="pick" value="([^"]+)"', page)
    assert picks
    filled = ward.post(
        "case-schedule", second.public_id, by=ward.scheduler, pick=html.unescape(picks[0]), **ward.place()
    )
    assert filled.status_code == 200
    local = datetime.fromisoformat(html.unescape(picks[0]))
    assert f'value="{local:%H:%M}"' in filled.content.decode()
    assert Surgery.objects.count() == 1
    place = ward.place() | {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    ward.do("case-schedule", second.public_id, by=ward.scheduler, **place)


def test_cancelling_frees_the_room_and_needs_a_reason(ward: Ward) -> None:
    ward.scheduled()
    first = ward.surgery
    assert "原因" in ward.refused("surgery-cancel", first.public_id, by=ward.scheduler, reason=" ")
    ward.do("surgery-cancel", first.public_id, by=ward.scheduler, reason="客户感冒")
    assert ward.stage == CaseStage.PLANNED
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())


# ---- theatre --------------------------------------------------------------------------------------


def test_nobody_enters_the_theatre_unsigned(ward: Ward) -> None:
    ward.scheduled()
    page = ward.get("case-surgery", ward.case.public_id, by=ward.nurse).content.decode()
    assert "入室前还差" in page
    too_early = ward.refused("surgery-time", ward.surgery.public_id, "enter", by=ward.nurse)
    assert "这台手术排在 2026-06-17，不是今天" in too_early
    ward.wait(hours=23)
    refused = ward.refused("surgery-time", ward.surgery.public_id, "enter", by=ward.nurse)
    assert "眼部手术知情同意书" in refused
    ward.sign("consent-eye")
    ward.sign("anaesthesia-local")
    ward.press("enter")
    assert ward.stage == CaseStage.IN_SURGERY


def test_checks_go_in_order_and_wait_for_three_names(ward: Ward) -> None:
    ward.signed_up().press("enter")
    surgery = ward.surgery.public_id
    assert "还没有全部签名" in ward.refused("surgery-check", surgery, Phase.TIME_OUT, by=ward.nurse)
    assert "没有确认" in ward.refused("surgery-check", surgery, Phase.SIGN_IN, by=ward.nurse, identity="yes")
    assert "还没有全部签名" in ward.refused("surgery-time", surgery, "anaesthesia", by=ward.nurse)
    ward.check(Phase.SIGN_IN)
    assert "已经签过名" in ward.refused("surgery-sign", surgery, Phase.SIGN_IN, by=ward.nurse)
    ward.press("anaesthesia")
    assert "已经登记过" in ward.refused("surgery-time", surgery, "anaesthesia", by=ward.nurse)


def test_others_sign_on_the_shared_tablet_with_their_own_password(ward: Ward) -> None:
    ward.signed_up().press("enter")
    surgery = ward.surgery.public_id
    answers = {"identity": "yes"} | dict.fromkeys(
        [
            "procedure",
            "consent",
            "site",
            "anaesthesia",
            "skin",
            "skin_prep",
            "iv",
            "allergy",
            "skin_test",
            "blood",
            "implant",
            "imaging",
        ],
        "yes",
    )
    ward.do("surgery-check", surgery, Phase.SIGN_IN, by=ward.nurse, **answers)
    wrong = {"username": ward.surgeon.username, "password": "wrong"}
    assert "用户名或密码不对" in ward.refused("surgery-sign", surgery, Phase.SIGN_IN, by=ward.nurse, **wrong)
    right = wrong | {"password": PASSWORD}
    ward.do("surgery-sign", surgery, Phase.SIGN_IN, by=ward.nurse, **right)
    stranger = ward.staff("nurse", "外人")
    other = {"username": stranger.username, "password": PASSWORD}
    assert "不在这台手术" in ward.refused("surgery-sign", surgery, Phase.SIGN_IN, by=ward.nurse, **other)
    phase = ward.surgery.phases.get()
    assert [each.staff for each in phase.signatures.all()] == [ward.surgeon]


def test_ten_wrong_passwords_on_the_tablet_lock_the_name(ward: Ward) -> None:
    ward.signed_up().press("enter")
    wrong = {"username": ward.surgeon.username, "password": "wrong"}
    for _try in range(10):
        page = ward.refused("surgery-sign", ward.surgery.public_id, Phase.SIGN_IN, by=ward.nurse, **wrong)
    assert "尝试次数过多" in page


def test_counts_that_differ_keep_the_patient_in_the_theatre(ward: Ward) -> None:
    ward.signed_up().press("enter")
    ward.check(Phase.SIGN_IN)
    ward.press("anaesthesia")
    ward.check(Phase.TIME_OUT)
    ward.press("incision")
    surgery = ward.surgery.public_id
    record = {"record": "按方案施术，过程顺利，逐层缝合。", "blood_loss_ml": "5"}
    assert "手术医师书写" in ward.refused("surgery-finish", surgery, by=ward.nurse, **record)
    ward.do("surgery-finish", surgery, by=ward.surgeon, **record)
    answers = dict.fromkeys(
        ["identity", "procedure", "drugs", "specimen", "skin", "lines", "destination"], "yes"
    )
    counts = {"count_cavity": "20", "count_closed": "20", "count_skin": "19"}
    refused = ward.refused("surgery-check", surgery, Phase.SIGN_OUT, by=ward.nurse, **answers | counts)
    assert "20 / 20 / 20 / 19" in refused
    assert "离开手术室前核查" in ward.refused("surgery-time", surgery, "leave", by=ward.nurse)


def test_skin_is_not_cut_before_anaesthesia_has_begun(ward: Ward) -> None:
    ward.signed_up().press("enter")
    ward.check(Phase.SIGN_IN)
    ward.check(Phase.TIME_OUT)
    assert "麻醉开始时间" in ward.refused("surgery-time", ward.surgery.public_id, "incision", by=ward.nurse)


# ---- recovery -------------------------------------------------------------------------------------


def test_the_same_observation_twice_is_one(ward: Ward) -> None:
    ward.recovering()
    ward.observe()
    ward.observe()
    assert Observation.objects.count() == 1
    page = ward.get("case-recovery", ward.case.public_id, by=ward.nurse).content.decode()
    assert "连续稳定 30 分钟" in page


def test_an_impossible_figure_keeps_the_rest(ward: Ward) -> None:
    ward.recovering()
    data = SIGNS | {"at": "10:30", "spo2": "980"}
    page = ward.refused("recovery-observe", ward.surgery.public_id, by=ward.nurse, **data)
    assert 'value="118"' in page
    data = SIGNS | {"at": "23:59"}
    assert ward.refused("recovery-observe", ward.surgery.public_id, by=ward.nurse, **data)


def test_going_home_asks_for_steadiness_escort_and_advice(ward: Ward) -> None:
    ward.recovering()
    surgery = ward.surgery.public_id
    ward.observe(consciousness="0", oxygen="1")
    refused = ward.refused("recovery-discharge", surgery, by=ward.nurse)
    for word in ("Aldrete", "连续稳定", "陪同人", "注意事项"):
        assert word in refused
    ward.steady()
    ward.do("recovery-discharge", surgery, by=ward.nurse, **ward.escort())
    assert ward.stage == CaseStage.DISCHARGED
    assert ward.case.aftercare_tasks.count() == 2


def test_the_gate_is_overruled_only_by_two_names(ward: Ward) -> None:
    ward.recovering()
    surgery = ward.surgery.public_id
    ward.observe(pain="6")
    alone = ward.escort() | {"override_reason": "家属坚持转院治疗，已告知风险"}
    assert "两名医护人员" in ward.refused("recovery-discharge", surgery, by=ward.nurse, **alone)
    own = alone | {"second_username": ward.nurse.username, "second_password": PASSWORD}
    assert "两名医护人员" in ward.refused("recovery-discharge", surgery, by=ward.nurse, **own)
    both = alone | {"second_username": ward.surgeon.username, "second_password": PASSWORD}
    ward.do("recovery-discharge", surgery, by=ward.nurse, **both)
    page = ward.get("case-recovery", ward.case.public_id, by=ward.nurse).content.decode()
    assert "李雪、陈屿" in page


def test_the_advice_is_a_sheet_of_paper(ward: Ward) -> None:
    ward.recovering()
    page = ward.get("case-advice", ward.case.public_id, by=ward.nurse).content.decode()
    assert "眼部术后注意事项" in page
    assert 'class="paper"' in page


# ---- aftercare ------------------------------------------------------------------------------------


def test_calls_are_due_late_and_done(ward: Ward) -> None:
    ward.discharged()
    ward.wait(days=3)
    page = ward.get("aftercare", by=ward.carer, due="overdue").content.decode()
    assert "术后第一天电话回访" in page
    assert "林晓雨" not in page
    call = ward.case.aftercare_tasks.get(kind="call")
    assert "术后第一天电话回访" in ward.get("task-finish", call.public_id, by=ward.carer).content.decode()
    assert "结果" in ward.refused("task-finish", call.public_id, by=ward.carer, outcome="")
    ward.do("task-finish", call.public_id, by=ward.carer, outcome="右眼胀痛", has_red_flag="on")
    assert "已完成" in ward.refused("task-finish", call.public_id, by=ward.carer, outcome="再来一次")
    ward.case.refresh_from_db()
    assert ward.case.next_owner == ward.surgeon


def test_the_first_review_sends_the_survey_and_the_case_ends_with_it(ward: Ward) -> None:
    ward.discharged()
    case = ward.case.public_id
    review = {"findings": "切口愈合好", "complication": "1", "complication_note": "", "goal_reached": "9"}
    assert "须写明处理" in ward.refused("case-review", case, by=ward.surgeon, **review)
    assert ward.post("case-review", case, by=ward.carer, **review).status_code == 404
    ward.do("case-review", case, by=ward.surgeon, **review | {"complication": "0"})
    assert Survey.objects.count() == 1
    assert "满意度" in ward.refused("case-close", case, by=ward.carer)
    page = ward.get("case-review", case, by=ward.carer).content.decode()
    assert "等客户填写" in page
    assert "切口愈合好" not in page
    ward.wait(days=15)
    ward.do("case-close", case, by=ward.carer)
    assert ward.stage == CaseStage.CLOSED
