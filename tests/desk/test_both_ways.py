"""Refusals of the consulting room, each through its action and its screen; neither leaves a trace."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.desk.both import Ask, assert_absent, assert_both
from tests.desk.ward import ASSESSMENT, PLAN, Ward, signature
from tests.factories.hospital import PriceFactory, ProcedureFactory
from tests.factories.people import CareRelationFactory, GuardianFactory, StaffFactory
from tests.stories.hospital import refused
from yimei.core.errors import NotFound
from yimei.hospital.enums import Anaesthesia
from yimei.journey.actions import (
    assessments,
    consents,
    consultations,
    expectations,
    maps,
    plans,
    reports,
    stops,
)
from yimei.journey.actions import tests as testing
from yimei.journey.enums import AgreedHow, Asa, CaseStage, LossReason, MapKind, Reach, Side, StopState
from yimei.journey.models import Case, PlanChoice
from yimei.journey.models import TestResult as Result
from yimei.journey.rules.drafts import Page
from yimei.journey.rules.expectations import Goal
from yimei.people.actions import capacity
from yimei.people.enums import CapacityKind, CareReason
from yimei.people.models import Staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]
PDF = b"%PDF-1.4\n%%EOF\n"
DRAFT = plans.Draft(
    side=Side.BOTH,
    anaesthesia=Anaesthesia.LOCAL,
    sites="双侧",
    implants="",
    alternatives="埋线",
    doing_nothing="维持现状",
    risks="出血",
    price=Decimal("7800.00"),
)
BODY = {"height_cm": Decimal(165), "weight_kg": Decimal(54), "asa": Asa.ONE, "history": {}, "medication": ""}


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    yield ward
    ward.close()


def now() -> Any:
    return timezone.now()


# ---- assessment -----------------------------------------------------------------------------------


def test_an_assessment_has_its_moment_and_its_words(ward: Ward) -> None:
    case, by = ward.case.public_id, ward.surgeon

    def assess(opinion: str) -> Callable[[], object]:
        body = BODY | {"body_image_concern": False, "is_fit": True, "opinion": opinion}
        return lambda: assessments.record(case, **body, by=by, now=now())

    assert_both(
        Ask(
            "评估意见",
            assess("  "),
            "case-assessment",
            (case,),
            by,
            ASSESSMENT | {"opinion": "  "},
            shown="这个字段是必填项",
        ),
    )
    Case.objects.filter(pk=ward.case.pk).update(stage=CaseStage.ARRIVED)
    assert_both(Ask("完成咨询后才能评估", assess("尚可"), "case-assessment", (case,), by, ASSESSMENT))


def test_a_result_says_something_and_only_what_is_odd_is_accepted(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    by, normal = ward.surgeon, Result.objects.get(order__test=ward.blood)
    heart = ward.case.test_orders.get(test=ward.heart)
    at = now()

    def accept(result: Result, reason: str = "轻度贫血，可以手术") -> Callable[[], object]:
        return lambda: testing.accept(result.public_id, reason=reason, by=by, now=at)

    refused(lambda: testing.record(heart.public_id, finding=" ", taken_at=at, by=ward.nurse, now=at), "结论")
    page, told = "test-accept", {"reason": "轻度贫血，可以手术"}
    assert_both(Ask("没有异常", accept(normal), page, (normal.public_id,), by, told))
    ward.wait(minutes=5)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results("98") | {"taken_at": "10:01"})
    odd = Result.objects.get(is_abnormal=True)
    assert_both(Ask("至少 5 个字", accept(odd, "好"), page, (odd.public_id,), by, {"reason": "好"}))
    ward.wait(minutes=5)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results("97") | {"taken_at": "10:06"})
    assert_both(Ask("已有更新的结果", accept(odd), page, (odd.public_id,), by, told))


def test_a_report_is_hers_whole_and_voided_once(ward: Ward) -> None:
    case, by = ward.case.public_id, ward.nurse
    person, file_no = ward.patient.person, ward.patient.file_no or ""

    def keep(data: bytes = PDF, **changes: Any) -> Callable[[], object]:
        values = {"name": person.name, "number": file_no, "taken_on": date(2026, 6, 16), "laboratory": ""}
        return lambda: reports.keep(case, data=data, **values | changes, by=by, now=now())

    def sent(data: bytes = PDF, **changes: str) -> dict[str, Any]:
        values = {"name": person.name, "number": file_no, "taken_on": "2026-06-16", "laboratory": ""}
        return {**values, **changes, "file": SimpleUploadedFile("r.pdf", data, "application/pdf")}

    big = PDF + b"0" * reports.MAX_BYTES
    required = "这个字段是必填项"
    picture = b"\x89PNG" + b"0" * 99
    page, args = "case-reports", (case,)
    assert_both(
        Ask("后四位", keep(number=" "), page, args, by, sent(number=" "), shown=required),
        Ask("超过 20 MB", keep(big), page, args, by, sent(big)),
        Ask("不是完整的 PDF", keep(picture), page, args, by, sent(picture)),
    )
    ward.do(page, case, by=by, **sent())
    assert_both(Ask("已经上传过", keep(), page, args, by, sent()))
    report = ward.case.test_reports.get().public_id

    def void(reason: str) -> Callable[[], object]:
        return lambda: reports.void(report, reason=reason, by=by, now=now())

    assert_both(Ask("作废的原因", void(" "), "test-report-void", (report,), by, {"reason": " "}))
    ward.do("test-report-void", report, by=by, reason="传错人")
    assert_both(Ask("已经作废", void("再作废"), "test-report-void", (report,), by, {"reason": "再作废"}))


# ---- stop rules -----------------------------------------------------------------------------------


def test_a_stop_rule_is_one_of_ours_and_passed_while_it_stands(ward: Ward) -> None:
    case, by = ward.case.public_id, ward.surgeon
    assert_absent(
        Ask(
            "",
            lambda: stops.note(
                case, rule_code="forged", state=StopState.NOW, last_on=None, by=ward.nurse, now=now()
            ),
            "stop-note",
            (case, "forged"),
            ward.nurse,
            {"state": "now"},
        ),
    )
    gone = {"key": "aspirin:2026-01-01", "reason": "心内科会诊后同意继续用药"}
    assert_both(
        Ask(
            "已经变化",
            lambda: stops.override(case, finding_key=gone["key"], reason=gone["reason"], by=by, now=now()),
            "stop-override",
            (case,),
            by,
            gone,
        ),
    )


# ---- plan -----------------------------------------------------------------------------------------


def test_a_plan_that_lacks_or_repeats_something_is_no_version(ward: Ward) -> None:
    ward.assess()
    case, by = ward.case.public_id, ward.surgeon
    others = [ProcedureFactory(has_side=True) for _n in range(4)]
    for one in others:
        PriceFactory(procedure=one, campus=ward.campus)
    first, foreign = others[0].public_id, uuid4()
    elsewhere = StaffFactory(role="surgeon", name="别院医生")

    def write(**changes: Any) -> Callable[[], object]:
        return lambda: plans.finalise(case, draft=replace(DRAFT, **changes), by=by, now=now())

    def item(procedure: UUID, side: Side = Side.BOTH) -> plans.Item:
        return plans.Item(procedure, side)

    def row(procedure: UUID, side: str = "both", n: int = 1) -> dict[str, str]:
        return {f"item_{n}_procedure": str(procedure), f"item_{n}_side": side}

    same = item(ward.procedure.public_id)
    unknown = "不在可用的选项中"
    required = "这个字段是必填项"

    def page(words: str, act: Callable[[], object], shown: str = "", **data: str) -> Ask:
        return Ask(words, act, "case-plan", (case,), by, PLAN | data, shown=shown)

    ward.case.procedure.has_side = True
    ward.case.procedure.save(update_fields=["has_side"])
    sided = {"side": "both"}
    assert_both(
        page("左侧、右侧或双侧", write(side=Side.NONE), required),
        page("价格不能小于零", write(price=Decimal(-1)), "大于或等于", **sided, price="-1"),
        page("替代方案", write(alternatives=""), required, **sided, alternatives=""),
        page("不做手术", write(doing_nothing=""), required, **sided, doing_nothing=""),
        page("主要风险", write(risks=""), required, **sided, risks=""),
        page("写了两次", write(items=[same]), unknown, **sided, **row(ward.procedure.public_id)),
        page("写了两次", write(items=[item(first)] * 2), **sided, **row(first), **row(first, n=2)),
        page("左侧、右侧或双侧", write(items=[item(first, Side.NONE)]), **sided, **row(first, "")),
        page("依次添加", write(option="C"), **sided, option="C"),
    )
    refused(write(items=[item(one.public_id) for one in others]), "最多再加 3 个")
    refused(write(items=[item(foreign)]), kind=NotFound)
    refused(write(surgeon=elsewhere.public_id), kind=NotFound)
    for data in (row(foreign), {"surgeon": str(elsewhere.public_id)}):
        assert unknown in ward.refused("case-plan", case, by=by, **PLAN | sided | data)
    assert not ward.case.plans.exists()


def test_a_choice_is_signed_or_heard_by_somebody_else(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
    plan, by = ward.plan.public_id, ward.surgeon
    nurse = ward.nurse.public_id

    def choose(**told: Any) -> Callable[[], object]:
        return lambda: plans.choose(plan, choice=plans.Choice(**told), by=by, now=now())

    def page(said: str, act: Callable[[], object], shown: str = "", **data: str) -> Ask:
        return Ask(said, act, "plan-choose", (plan,), by, data, shown=shown)

    huge = "data:image/png;base64," + "A" * 599_000
    assert_both(
        page("在场的见证人", choose(words="就选这个"), words="就选这个"),
        page(
            "记录人以外",
            choose(words="就选", witness=by.public_id),
            "不在可用的选项中",
            words="就选",
            witness=str(by.public_id),
        ),
        page("客户的原话", choose(witness=nurse), witness=str(nurse)),
        page("重新签名", choose(signature=huge), signature=huge),
        page("空白", choose(signature=signature(blank=True)), signature=signature(blank=True)),
    )
    refused(choose(words="就选", witness=uuid4()), kind=NotFound)
    assert "不在可用的选项中" in ward.refused("plan-choose", plan, by=by, words="就选", witness=str(uuid4()))


def test_a_minors_plan_is_chosen_by_the_guardian_who_signs_and_she_is_heard() -> None:
    ward = Ward(birth_date=date(2009, 6, 30))
    try:
        mother = GuardianFactory(patient=ward.patient)
        unproved = GuardianFactory(patient=ward.patient, verified_at=None, verified_by=None)
        foreign = GuardianFactory()
        ward.assess()
        ward.enter_tests()
        ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
        plan, by, drawn = ward.plan.public_id, ward.surgeon, signature()
        hers, heard = {"guardian_id": mother.public_id}, {"words": "我也想做"}

        def ask(said: str, shown: str = "", /, **told: Any) -> Ask:
            choice, typed = plans.Choice(**told), {name: str(value) for name, value in told.items()}
            return Ask(
                said,
                lambda: plans.choose(plan, choice=choice, by=by, now=now()),
                "plan-choose",
                (plan,),
                by,
                typed,
                shown=shown,
            )

        nurse, none_such = ward.nurse.public_id, "不在可用的选项中"
        assert_both(
            ask("不能口头选定", witness=nurse, **heard),
            ask("不能口头选定", witness=nurse, **hers, **heard),
            ask("不能口头选定", witness=nurse, signature=drawn, **hers, **heard),
            ask("监护人签名选定", **hers, **heard),
            ask("哪一位监护人", signature=drawn, **heard),
            ask("客户本人的意愿", signature=drawn, **hers),
            *(
                ask("核对监护人的身份", none_such, signature=drawn, guardian_id=other.public_id, **heard)
                for other in (unproved, foreign)
            ),
        )
        page = ward.get("plan-choose", plan, by=by).content.decode()
        assert "口头选择" not in page
        assert mother.person.name in page
        ward.do("plan-choose", plan, by=by, **ward.heard)
        kept = PlanChoice.objects.select_related("guardian").get()
        assert (kept.kind, kept.capacity, kept.guardian) == ("signed", "limited", mother)
        assert kept.signature is not None
        assert "监护人签名" in ward.get("case-plan", ward.case.public_id, by=by).content.decode()
    finally:
        ward.close()


def test_the_database_knows_who_may_choose_for_a_minor() -> None:
    ward = Ward(birth_date=date(2009, 6, 30))
    try:
        GuardianFactory(patient=ward.patient)
        ward.planned()
        kept = PlanChoice.objects.select_related("plan__case__patient__person__vault_key").get()
        whole = {name: getattr(kept, name) for name in ("plan", "kind", "guardian", "signature", "capacity")}
        whole |= {"by": ward.surgeon, "witness": ward.nurse, "words": "也想", "at": now()}
        PlanChoice.objects.create(**whole)
        wrong: list[dict[str, Any]] = [
            {"kind": "spoken"},
            {"guardian": None},
            {"capacity": "full"},
            {"signature": None},
            {"capacity": "none", "guardian": None},
            {"capacity": "?"},
        ]
        for changes in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                PlanChoice.objects.create(**whole | changes)
        assert PlanChoice.objects.count() == 2
    finally:
        ward.close()


def test_who_may_no_longer_decide_has_the_chosen_plan_chosen_by_a_guardian(ward: Ward) -> None:
    """Chosen by herself; then a court limits her: her guardian makes the choice anew."""
    ward.planned()
    reception = ward.staff("reception", "周婷")
    told = {"kind": CapacityKind.LIMITED, "evidence": "（2026）沪 0101 民特 12 号判决"}
    capacity.record(ward.patient.public_id, **told, by=reception, at=now())
    GuardianFactory(patient=ward.patient)
    plan, by = ward.plan.public_id, ward.surgeon
    place = ward.place()
    assert "须由监护人签名选定" in ward.refused(
        "case-schedule", ward.case.public_id, by=ward.scheduler, **place
    )
    assert "由监护人签名选定" in ward.get("case-plan", ward.case.public_id, by=by).content.decode()
    assert "监护人签名选定" in ward.refused("plan-choose", plan, by=by, words="就选这个")
    ward.wait(minutes=1)
    ward.do("plan-choose", plan, by=by, **ward.heard)
    assert [each.kind for each in PlanChoice.objects.all()] == ["signed", "spoken"]
    assert ward.plan.status == "chosen"
    said = ward.refused("case-schedule", ward.case.public_id, by=ward.scheduler, **place)
    assert "须由监护人签名选定" not in said
    assert "冷静期" in said, "a guardian's choice has days to think again"


def test_a_document_is_signed_under_the_chosen_plan_only(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
    plan, by = ward.plan.public_id, ward.surgeon

    def sign(code: str) -> Callable[[], object]:
        return lambda: consents.sign(
            plan,
            form_code=code,
            questions="两边会不会不一样",
            signatures=consents.Signatures(signature()),
            by=by,
            now=now(),
        )

    page = "consent-sign"
    told = ward.signed()
    assert_both(Ask("选定方案后才能签署", sign("consent-eye"), page, (plan, "consent-eye"), by, told))
    ward.do("plan-choose", plan, by=by, **ward.heard)
    assert_absent(Ask("", sign("no-such"), page, (plan, "no-such"), by, ward.signed()))


# ---- talking --------------------------------------------------------------------------------------


def test_expectations_are_written_out_and_agreed_by_both(ward: Ward) -> None:
    case, by = ward.case.public_id, ward.surgeon
    goal = Goal("自然一点", Reach.PART, "六到七成")
    typed = {"goal0-text": "自然一点", "goal0-reach": "part", "goal0-range": "六到七成", "unreachable": "疤"}
    typed |= {"how": "spoken", "written_against": "0"}

    def agree(*goals: Goal, **changes: Any) -> Callable[[], object]:
        values = {"goals": list(goals), "unreachable": "疤", "how": AgreedHow.SPOKEN} | changes
        return lambda: expectations.agree(case, **values, by=by, now=now())

    def page(words: str, act: Callable[[], object], shown: str = "", **data: str) -> Ask:
        return Ask(words, act, "case-expectations", (case,), by, typed | data, shown=shown)

    signed = {"how": "signed", "signature": ""}
    assert_both(
        page("至少一个目标", agree(), **{"goal0-text": " "}),
        page("自然一点", agree(Goal("自然一点", Reach.PART, "")), **{"goal0-range": ""}),
        page("不能达到的", agree(goal, unreachable=" "), "这个字段是必填项", unreachable=" "),
        page("请客户签名", agree(goal, how=AgreedHow.SIGNED), **signed),
        page("别人刚约定了", agree(goal, written_against=3), written_against="3"),
    )
    assert_absent(
        Ask(
            "",
            lambda: expectations.score(case, month=1, scores=[8], overall=8, by=by, now=now()),
            "expectation-score",
            (case,),
            by,
            {"month": "1", "goal0": "8", "overall": "8"},
        ),
    )


def test_a_consultation_is_whole_and_after_the_arrival(ward: Ward) -> None:
    consultant = ward.staff("consultant", "周蕾")
    case = ward.case.public_id
    CareRelationFactory(patient=ward.patient, staff=consultant, reason=CareReason.CONSULTANT)
    said = {"goals": "自然", "reachable": "七成", "unreachable": "完全对称"}

    def record(**changes: str) -> Callable[[], object]:
        return lambda: consultations.record(case, **said | changes, by=consultant, now=now())

    def page(words: str, act: Callable[[], object], shown: str = "", **data: str) -> Ask:
        return Ask(words, act, "case-consultation", (case,), consultant, said | data, shown=shown)

    assert_both(
        page("三项都要有", record(goals=" "), "这个字段是必填项", goals=" "),
        page("三项都要有", record(unreachable=""), "这个字段是必填项", unreachable=""),
    )
    ward.case.bookings.update(arrived_at=None, status="confirmed")
    Case.objects.filter(pk=ward.case.pk).update(stage=CaseStage.BOOKED)
    assert_both(page("还没有到诊", record()))
    later = timedelta(hours=1)
    refused(
        lambda: consultations.refer(case, surgeon_id=uuid4(), by=consultant, now=now() + later), kind=NotFound
    )


@pytest.mark.parametrize("stage", [CaseStage.CLOSED, CaseStage.LOST])
def test_the_chart_of_a_case_that_has_ended_is_only_read(ward: Ward, stage: CaseStage) -> None:
    ward.assess()
    ward.enter_tests()
    case, by, nurse = ward.case.public_id, ward.surgeon, ward.nurse
    drawn = maps.begin(case, kind=MapKind.PLANNED, by=by, now=now()).public_id
    page = Page(revision=0, writer="a")
    lost = {"closed_at": now(), "loss_reason": LossReason.PRICE if stage == CaseStage.LOST else ""}
    Case.objects.filter(pk=ward.case.pk).update(stage=stage, **lost)
    goal = Goal("自然一点", Reach.PART, "六到七成")
    agreed = {"goals": [goal], "unreachable": "疤", "how": AgreedHow.SPOKEN}
    typed = {"goal0-text": "自然", "goal0-reach": "part", "goal0-range": "六成", "unreachable": "疤"}
    marked = {"points": "[]", "note": "", "revision": "0", "writer": "a"}
    body = BODY | {"body_image_concern": False, "is_fit": True, "opinion": "尚可"}

    def ask(act: Callable[[], object], page: str, *args: object, staff: Staff = by, **data: Any) -> Ask:
        return Ask(str(stage.label), act, page, args, staff, data)

    assert_both(
        ask(
            lambda: assessments.record(case, **body, by=by, now=now()), "case-assessment", case, **ASSESSMENT
        ),
        ask(lambda: plans.finalise(case, draft=DRAFT, by=by, now=now()), "case-plan", case, **PLAN),
        ask(lambda: testing.order(case, by=nurse, now=now()), "test-order", case, staff=nurse),
        ask(lambda: maps.begin(case, kind=MapKind.DONE, by=by, now=now()), "map-begin", case, "done"),
        ask(
            lambda: maps.save(drawn, points="[]", note="", page=page, by=by, now=now()),
            "map-save",
            drawn,
            **marked,
        ),
        ask(
            lambda: maps.finish(drawn, points="[]", note="", page=page, by=by, now=now()),
            "map-edit",
            drawn,
            **marked,
        ),
        ask(
            lambda: stops.override(case, finding_key="x", reason="会诊后同意继续", by=by, now=now()),
            "stop-override",
            case,
            key="x",
            reason="会诊后同意继续",
        ),
        ask(
            lambda: expectations.agree(case, **agreed, by=by, now=now()),
            "case-expectations",
            case,
            **typed | {"how": "spoken", "written_against": "0"},
        ),
    )
