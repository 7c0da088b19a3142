"""Plans through the screens: options, two writers, drafts, choices, budgets, minors who come of age."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.desk.ward import PLAN, Ward, signature
from tests.factories.hospital import PriceFactory, ProcedureFactory
from tests.factories.people import (
    CareRelationFactory,
    GuardianFactory,
    LicenceFactory,
    PrivilegeFactory,
    StaffFactory,
)
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import InstitutionKind
from yimei.journey.actions import plans
from yimei.journey.models import ConsentForm, Consultation, Plan, PlanChoice, PlanDraft
from yimei.journey.queries import plans as queries
from yimei.people.actions import capacity
from yimei.people.enums import CapacityKind
from yimei.people.models import Staff
from yimei.people.queries import needs_guardian

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    ward.assess()
    ward.enter_tests()
    yield ward
    ward.close()


def colleague(ward: Ward) -> Staff:
    other = ward.staff("surgeon", "林医生")
    LicenceFactory(staff=other)
    PrivilegeFactory(staff=other)
    CareRelationFactory(patient=ward.patient, staff=other)
    return other


def write(ward: Ward, by: Staff | None = None, **changes: str) -> None:
    ward.do("case-plan", ward.case.public_id, by=by or ward.surgeon, **PLAN | changes)


def test_who_may_operate_is_asked_once_however_many_work_here(
    ward: Ward, django_assert_num_queries: Callable[..., Any]
) -> None:
    other, nurse = colleague(ward), ward.staff("nurse", "林护士")
    with django_assert_num_queries(3):
        found = dict(queries.surgeons_for(ward.case, now=timezone.now()))
    assert {str(ward.surgeon.public_id), str(other.public_id)} <= found.keys()
    assert str(nurse.public_id) not in found
    assert str(nurse.public_id) not in dict(
        queries.surgeons_for(ward.case, now=timezone.now(), named=str(nurse.public_id))
    )


# ---- two writers ----------------------------------------------------------------------------------


def test_the_second_writer_sees_three_texts_merges_and_loses_nothing(ward: Ward) -> None:
    other = colleague(ward)
    write(ward)
    write(ward, by=other, written_against="1", risks="出血、感染、血肿。", sites="双侧 6 mm")
    mine = PLAN | {"written_against": "1", "risks": "出血、不对称、瘢痕。", "price": "8800.00"}
    answer = ward.post("case-plan", ward.case.public_id, by=ward.surgeon, **mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in ("林医生", "血肿", "出血、不对称、瘢痕。", "两边都改了", "对方改了，已带入", "您改了，保留"):
        assert words in page
    assert Plan.objects.count() == 2, "a refused version leaves no row"
    again = mine | {"written_against": "2", "merge_base": "1", "sites": "双侧 6 mm", "take_risks": "theirs"}
    write(ward, **again)
    third = Plan.objects.select_related("case__patient__person__vault_key").get(version=3)
    assert (third.risks, third.sites, str(third.price)) == ("出血、感染、血肿。", "双侧 6 mm", "8800.00")


def test_a_draft_is_its_writers_own_and_ends_with_the_version(ward: Ward) -> None:
    other = colleague(ward)
    ward.do(
        "case-plan", ward.case.public_id, by=ward.surgeon, act="draft", risks="写到一半", written_against="0"
    )
    assert "写到一半" in ward.get("case-plan", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "写到一半" not in ward.get("case-plan", ward.case.public_id, by=other).content.decode()
    write(ward)
    assert not PlanDraft.objects.exists()


def test_too_long_a_text_is_said_and_never_cut(ward: Ward) -> None:
    long = "血肿𠮷" * 3000
    page = ward.refused("case-plan", ward.case.public_id, by=ward.surgeon, act="draft", risks=long)
    assert "「主要风险」超过 8000 字" in page
    assert not PlanDraft.objects.exists()
    answer = ward.post("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"risks": long})
    assert answer.status_code == 422
    assert long in answer.content.decode(), "what was pasted is still in the field, whole"
    assert "maxlength" not in answer.content.decode().split('name="risks"')[1].split(">")[0]


# ---- options --------------------------------------------------------------------------------------


def test_options_stand_beside_each_other_and_one_is_chosen(ward: Ward) -> None:
    nothing = ward.get("plan-compare-pdf", ward.case.public_id, by=ward.surgeon)
    assert (nothing.status_code, "还没有定稿的方案" in nothing.content.decode()) == (422, True)
    write(ward)
    skipped = ward.refused("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"option": "C"})
    assert "选项只能按 A、B、C 依次添加" in skipped
    write(ward, option="B", sites="双侧埋线", price="5600.00")
    page = ward.get("plan-compare", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "双侧埋线" in page
    assert "¥5,600.00" in page
    assert ward.get("plan-compare-pdf", ward.case.public_id, by=ward.surgeon).content.startswith(b"%PDF-")
    first, second = Plan.objects.order_by("option")
    ward.refused("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"option": "D"})
    ward.do("plan-choose", second.public_id, by=ward.surgeon, signature=signature(), words="恢复快")
    choice = PlanChoice.objects.select_related("plan__case__patient__person__vault_key").get()
    assert (choice.plan, choice.kind, choice.words, choice.by) == (second, "signed", "恢复快", ward.surgeon)
    ward.sign("consent-eye")
    heard = {"words": "想想还是第一个", "witness": str(ward.nurse.public_id)}
    ward.do("plan-choose", first.public_id, by=ward.surgeon, **heard)
    assert {plan.option: plan.status for plan in Plan.objects.all()} == {"A": "chosen", "B": "final"}
    assert "改选方案 v1" in ConsentForm.objects.get().void_reason
    assert [each.kind for each in PlanChoice.objects.order_by("pk")] == ["signed", "spoken"]
    assert "恢复快" in ward.get("case-plan", ward.case.public_id, by=ward.surgeon).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanChoice.objects.update(kind="spoken")


def test_a_new_version_of_another_option_leaves_the_chosen_one_alone(ward: Ward) -> None:
    write(ward)
    write(ward, option="B")
    first = Plan.objects.get(option="A")
    ward.do("plan-choose", first.public_id, by=ward.surgeon, signature=signature())
    ward.do("consent-sign", first.public_id, "consent-eye", by=ward.surgeon, **ward.signed())
    write(ward, option="B", written_against="2", risks="另写")
    assert ConsentForm.objects.get().voided_at is None
    assert queries.in_force(ward.case).option == "A"  # type: ignore[union-attr]


def test_further_procedures_and_implants_are_part_of_what_is_signed(ward: Ward) -> None:
    extra = ProcedureFactory(name="开内眦", forms=["consent-eye"])
    PriceFactory(procedure=extra, campus=ward.campus)
    items = {"item_1_procedure": str(extra.public_id), "item_1_sites": "双侧内眦"}
    implant = {"implant_1_name": "鼻假体", "implant_1_maker": "甲厂", "implant_1_model": "L 型"}
    assert "植入物还缺：规格" in ward.refused(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | items | implant
    )
    write(ward, **items | implant | {"implant_1_size": "小号", "implant_1_count": "1"})
    page = ward.get("case-plan", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "开内眦 · 双侧内眦" in page
    assert "鼻假体 甲厂 L 型 小号 × 1" in page
    twice = items | {"item_2_procedure": str(extra.public_id)}
    assert "写了两次" in ward.refused(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"written_against": "1"} | twice
    )


# ---- who may ----------------------------------------------------------------------------------------


def test_every_leg_that_lacks_is_named_with_its_article(ward: Ward) -> None:
    novice = ward.staff("surgeon", "新医生")
    CareRelationFactory(patient=ward.patient, staff=novice)
    LicenceFactory(
        staff=novice,
        practising_since=date(2024, 1, 1),
        is_responsible=False,
        valid_to=date(2026, 1, 1),
    )
    ward.campus.institution_kind = InstitutionKind.CLINIC
    ward.campus.save()
    ward.procedure.grade = 2
    ward.procedure.save()
    page = ward.refused("case-plan", ward.case.public_id, by=novice, **PLAN)
    for words in (
        "最高级别",
        "有效期内的美容外科执业医师证",
        "主诊医师备案",
        "满 6 年",
        "二级手术授权",
        "第十一条",
    ):
        assert words in page
    shown = ward.get("case-plan", ward.case.public_id, by=novice).content.decode()
    assert "资格核对" in shown
    assert "2024-01-01 起" in shown


def test_another_surgeon_must_hold_the_right_himself(ward: Ward) -> None:
    novice = ward.staff("surgeon", "新医生")
    page = ward.refused(
        "case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"surgeon": str(novice.public_id)}
    )
    assert not Plan.objects.exists()
    assert "新医生 还不能做这个方案里的手术" in page
    assert "美容外科执业医师证" in page, "the leg that lacks is named, not an entry of a list"
    other = colleague(ward)
    write(ward, surgeon=str(other.public_id))
    ward.case.refresh_from_db()
    assert (Plan.objects.get().surgeon, Plan.objects.get().by, ward.case.surgeon) == (
        other,
        ward.surgeon,
        other,
    )


def test_who_loses_the_right_while_writing_is_told_which(ward: Ward) -> None:
    ward.surgeon.privileges.all().delete()
    mine = PLAN | {"surgeon": str(ward.surgeon.public_id)}
    page = ward.refused("case-plan", ward.case.public_id, by=ward.surgeon, **mine)
    assert "您还不能为这个项目定方案" in page
    assert "手术授权" in page
    assert str(ward.surgeon.public_id) not in page


# ---- without pressure -------------------------------------------------------------------------------


def test_a_choice_above_the_stated_budget_waits_until_it_was_said(ward: Ward) -> None:
    row = Consultation.objects.select_related("case__patient__person__vault_key").get()
    row.budget = "五千左右"
    row.save()
    write(ward)
    assert "超出客户说过的预算" in ward.refused("plan-choose", ward.plan.public_id, by=ward.surgeon)
    assert "¥5,000.00" in ward.get("plan-choose", ward.plan.public_id, by=ward.surgeon).content.decode()
    ward.do("plan-choose", ward.plan.public_id, by=ward.surgeon, told_over_budget="on", signature=signature())
    assert PlanChoice.objects.get().told_over_budget is True


def test_a_grave_operation_waits_for_its_days_to_think_again(ward: Ward) -> None:
    ward.procedure.grade = 3
    ward.procedure.save()
    ward.surgeon.privileges.update(max_grade=4)
    ward.choose_plan()
    page = ward.refused("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    assert "冷静期 3 天" in page
    assert "2026-06-19 10:00" in page
    listed = ward.get("case", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "冷静期 3 天" in listed
    offered = ward.get("case-schedule", ward.case.public_id, by=ward.scheduler).content.decode()
    assert "冷静期 3 天" in offered, "the wait is said"
    assert 'value="2026-06-20"' in offered, "and a day after it may be taken today"
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place() | {"day": "2026-06-20"})


# ---- of age and not ---------------------------------------------------------------------------------


def test_who_comes_of_age_before_the_operation_signs_alone() -> None:
    """Seventeen at the signature, eighteen on the day of the operation."""
    ward = Ward(birth_date=date(2008, 6, 17))
    guardian = GuardianFactory(patient=ward.patient, verified_at=timezone.now(), verified_by=ward.surgeon)
    try:
        ward.planned()
        both = {"guardian_id": str(guardian.public_id), "guardian_signature": signature()}
        ward.sign("consent-eye", **both)
        ward.sign("anaesthesia-local", **both)
        assert ward.get("case-consents", ward.case.public_id, by=ward.surgeon).status_code == 200
        ward.time.move_to(datetime(2026, 6, 17, 1, tzinfo=UTC), tick=False)
        page = ward.get("case", ward.case.public_id, by=ward.surgeon).content.decode()
        assert "行为能力有变化" in page
        ward.sign("consent-eye")
        old, new = ConsentForm.objects.filter(template__code="consent-eye").order_by("signed_at")
        assert (old.guardian, new.guardian) == (guardian, None)
        assert "本人重新签署" in old.void_reason
    finally:
        ward.close()


def test_own_income_frees_from_sixteen_on_once_another_approved_it(ward: Ward) -> None:
    person = ward.patient.person
    person.birth_date = date(2009, 6, 1)
    person.save()
    now = timezone.now()
    reception = StaffFactory(role="reception", campus=ward.campus)
    said = {"kind": "own_income", "evidence": "劳动合同 2026-018 与六个月工资流水"}
    ward.do("patient-capacity", ward.patient.public_id, by=reception, **said)
    found = ward.patient.capacity_findings.get()
    assert needs_guardian(ward.patient, now.date())
    with pytest.raises(NotFound):
        capacity.approve(found.public_id, by=reception, at=now)
    ward.do("capacity-approve", found.public_id, by=ward.surgeon)
    assert not needs_guardian(ward.patient, now.date())
    ward.do("capacity-end", found.public_id, by=ward.surgeon)
    assert needs_guardian(ward.patient, now.date())


def test_an_adult_without_full_capacity_needs_a_guardian_at_once(ward: Ward) -> None:
    now = timezone.now()
    reception = StaffFactory(role="reception", campus=ward.campus)
    capacity.record(
        ward.patient.public_id,
        kind=CapacityKind.LIMITED,
        evidence="（2026）沪 0101 民特 12 号判决",
        by=reception,
        at=now,
    )
    assert needs_guardian(ward.patient, now.date())
    page = ward.refused("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN | {"risks": ""})
    assert "监护人" in page
    with pytest.raises(RuleBroken, match="已经有"):
        capacity.record(
            ward.patient.public_id,
            kind=CapacityKind.LIMITED,
            evidence="另一份判决书",
            by=reception,
            at=now + timedelta(minutes=1),
        )


def test_a_spoken_choice_names_who_heard_it_and_keeps_her_words(ward: Ward) -> None:
    ward.assess()
    ward.enter_tests()
    ward.do("case-plan", ward.case.public_id, by=ward.surgeon, **PLAN)
    address = ("plan-choose", ward.plan.public_id)
    page = ward.get(*address, by=ward.surgeon).content.decode()
    assert "怎样选定" in page
    assert str(ward.surgeon.public_id) not in page, "who writes it down is no witness"
    assert "写明在场的见证人" in ward.refused(*address, by=ward.surgeon, words="就选这个")
    heard = {"witness": str(ward.nurse.public_id)}
    assert "客户的原话" in ward.refused(*address, by=ward.surgeon, **heard)
    for forged in (ward.surgeon.public_id, StaffFactory(role="nurse").public_id):
        ward.refused(*address, by=ward.surgeon, words="就选这个", witness=str(forged))
        told = plans.Choice(words="就选这个", witness=forged)
        with pytest.raises((RuleBroken, NotFound)):
            plans.choose(ward.plan.public_id, by=ward.surgeon, now=timezone.now(), choice=told)
    assert not PlanChoice.objects.exists()
    ward.do(*address, by=ward.surgeon, words="就选这个", **heard)
    choice = PlanChoice.objects.get()
    assert (choice.kind, choice.witness, choice.signature) == ("spoken", ward.nurse, None)
    assert "见证 李雪" in ward.get("case-plan", ward.case.public_id, by=ward.surgeon).content.decode()
    for unheard in (None, ward.surgeon):
        with pytest.raises(DatabaseError), transaction.atomic():
            PlanChoice.objects.create(
                plan=ward.plan, kind="spoken", witness=unheard, by=ward.surgeon, at=timezone.now()
            )
