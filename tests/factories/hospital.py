"""Small, valid pieces of a hospital."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from yimei.hospital.enums import (
    Anaesthesia,
    Category,
    DayKind,
    Evidence,
    Field,
    FormKind,
    Grade,
    InstitutionKind,
    RoomKind,
    StepKind,
    StopKind,
    TestKind,
)
from yimei.hospital.models import (
    AftercareStep,
    CalendarDay,
    Campus,
    Department,
    Device,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    Room,
    Shift,
    StopRule,
    TestItem,
    TestRange,
)

TestItem.__test__ = TestKind.__test__ = False  # laboratory tests, nothing for pytest to collect


class CampusFactory(DjangoModelFactory[Campus]):
    class Meta:
        model = Campus

    code = factory.Sequence(lambda n: f"C{n:04d}")
    name = factory.Sequence(lambda n: f"颐美第{n}院区")
    address = "上海市示范路 1 号"
    phone = "021-00000000"
    licence_no = factory.Sequence(lambda n: f"PDY{n:06d}")
    institution_kind = InstitutionKind.SPECIALIST
    max_grade = Grade.FOUR


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department

    campus = factory.SubFactory(CampusFactory)
    code = factory.Sequence(lambda n: f"D{n:04d}")
    name = "美容外科"


class RoomFactory(DjangoModelFactory[Room]):
    class Meta:
        model = Room

    campus = factory.SubFactory(CampusFactory)
    code = factory.Sequence(lambda n: f"R{n:04d}")
    name = factory.LazyAttributeSequence(lambda room, n: f"{RoomKind(room.kind).label} {n:04d}")
    kind = RoomKind.CONSULT


class DeviceFactory(DjangoModelFactory[Device]):
    class Meta:
        model = Device

    campus = factory.SubFactory(CampusFactory)
    code = factory.Sequence(lambda n: f"M{n:04d}")
    name = "内窥镜"
    serial_no = factory.Sequence(lambda n: f"SN{n:05d}")


class ShiftFactory(DjangoModelFactory[Shift]):
    class Meta:
        model = Shift

    campus = factory.SubFactory(CampusFactory)
    code = factory.Sequence(lambda n: f"S{n:04d}")
    name = "白班"
    starts = time(9)
    ends = time(18)


class CalendarDayFactory(DjangoModelFactory[CalendarDay]):
    class Meta:
        model = CalendarDay

    day = date(2026, 10, 1)
    kind = DayKind.HOLIDAY
    name = "国庆节"
    source = "国务院办公厅年度通知"


class TestItemFactory(DjangoModelFactory[TestItem]):
    __test__ = False

    class Meta:
        model = TestItem

    code = factory.Sequence(lambda n: f"T{n}")
    name = "血红蛋白"
    kind = TestKind.NUMBER
    unit = "g/L"
    low = Decimal(115)
    high = Decimal(175)
    validity_days = 30

    class Params:
        finding = factory.Trait(
            name="心电图", kind=TestKind.FINDING, unit="", low=None, high=None, normal_text="未见异常"
        )


class FormTemplateFactory(DjangoModelFactory[FormTemplate]):
    class Meta:
        model = FormTemplate

    code = factory.Sequence(lambda n: f"form-{n}")
    version = 1
    kind = FormKind.SURGERY
    title = "眼部手术知情同意书"
    sections = factory.LazyFunction(
        lambda: [{"title": "手术风险", "paragraphs": ["可能出现出血、感染、瘢痕、双侧不对称。"]}]
    )
    published_at = datetime(2026, 1, 1, tzinfo=UTC)


class ProcedureFactory(DjangoModelFactory[Procedure]):
    """A double eyelid by incision: grade one under local anaesthesia, confirmed by nobody yet."""

    class Meta:
        model = Procedure
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"P{n}")
    name = "切开重睑"
    category = Category.EYE
    field = Field.SURGERY
    grade = Grade.ONE
    anaesthesia = Anaesthesia.LOCAL
    minutes_p50 = 75
    minutes_p90 = 120
    setup_minutes = 10
    turnover_minutes = 20
    recovery_minutes = 30
    deposit = Decimal("1000.00")
    evidence = Evidence.UNVERIFIED

    class Params:
        general = factory.Trait(
            name="假体隆乳",
            category=Category.BREAST,
            grade=Grade.TWO,
            anaesthesia=Anaesthesia.GENERAL,
            minutes_p50=150,
            minutes_p90=200,
            recovery_minutes=120,
        )

    @factory.post_generation
    def tests(self: Any, create: bool, extracted: list[TestItem] | None, **kwargs: Any) -> None:
        """`ProcedureFactory(tests=[item])` requires these tests."""
        for test in extracted or []:
            ProcedureTest.objects.create(procedure=self, test=test)

    @factory.post_generation
    def forms(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        """`ProcedureFactory(forms=["consent-eye"])` requires these document codes."""
        for code in extracted or []:
            ProcedureForm.objects.create(procedure=self, form_code=code)


class AftercareStepFactory(DjangoModelFactory[AftercareStep]):
    class Meta:
        model = AftercareStep

    procedure = factory.SubFactory(ProcedureFactory)
    kind = StepKind.CALL
    title = "术后第一天电话回访"
    day = 1
    window_hours = 24


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price

    procedure = factory.SubFactory(ProcedureFactory)
    campus = factory.SubFactory(CampusFactory)
    amount = Decimal("7800.00")
    valid_from = date(2026, 1, 1)


class TestRangeFactory(DjangoModelFactory[TestRange]):
    __test__ = False

    class Meta:
        model = TestRange

    test = factory.SubFactory(TestItemFactory)
    low = Decimal(115)
    high = Decimal(150)


class StopRuleFactory(DjangoModelFactory[StopRule]):
    class Meta:
        model = StopRule

    code = "ASPIRIN"
    kind = StopKind.MEDICATION
    name = "阿司匹林"
    words = factory.LazyFunction(lambda: ["阿司匹林"])
    days = 14
    source = "弱来源"
