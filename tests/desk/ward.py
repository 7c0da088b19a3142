"""A ward with one customer whose consultation is over, and the way through its pages."""

import base64
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any

import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.hospital import (
    AftercareStepFactory,
    CampusFactory,
    FormTemplateFactory,
    PriceFactory,
    ProcedureFactory,
    RoomFactory,
    TestItemFactory,
)
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.kept import Kept, kept
from tests.factories.people import (
    CareRelationFactory,
    DutyFactory,
    LicenceFactory,
    PatientFactory,
    PrivilegeFactory,
    StaffFactory,
)
from tests.factories.privacy import ConsentFactory, NoticeFactory, PurposeFactory
from tests.factories.ui import sign_in
from yimei.billing.models import Order
from yimei.hospital.enums import FormKind, RoomKind, StepKind
from yimei.journey.enums import BookingStatus, CaseStage, Phase, VisitKind
from yimei.journey.models import Case, Consultation, Plan, Surgery
from yimei.journey.rules import checklist
from yimei.outbox.actions import reference
from yimei.people.models import Staff

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""
TOMORROW = "2026-06-17"
SIGNS = {
    "systolic": "118",
    "diastolic": "74",
    "pulse": "72",
    "respiration": "16",
    "spo2": "98",
    "temperature": "36.6",
    "pain": "1",
    "activity": "2",
    "breathing": "2",
    "circulation": "2",
    "consciousness": "2",
    "oxygen": "2",
}
ASSESSMENT = {
    "height_cm": "165",
    "weight_kg": "54",
    "asa": "1",
    "history_smoking": "never",
    "history_diabetes": "no",
    "history_hypertension": "no",
    "history_bleeding": "no",
    "history_keloid": "no",
    "history_surgery": "no",
    "history_pregnancy": "none",
    "note": "末次月经 6 月 1 日",
    "medication": "",
    "body_image_concern": "no",
    "is_fit": "yes",
    "opinion": "适合局麻下手术。",
}
PLAN = {
    "anaesthesia": "local",
    "sites": "双侧重睑 7 mm",
    "implants": "",
    "alternatives": "埋线重睑。",
    "doing_nothing": "维持现状。",
    "risks": "出血、感染、不对称。",
    "price": "7800.00",
    "written_against": "0",
}


def signature(*, blank: bool = False) -> str:
    """What a pad posts: dark strokes on white paper."""
    picture = Image.new("RGB", (400, 160), "white")
    if not blank:
        ImageDraw.Draw(picture).line([(30, 120), (160, 40), (360, 110)], fill=(20, 28, 30), width=4)
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()


def stretch(walk: Callable[..., object]) -> Callable[..., "Ward"]:
    """A part of the way that is walked through its pages once a process, then laid down with its clock."""

    @wraps(walk)
    def go(ward: "Ward", *args: str, **changes: Any) -> "Ward":
        def walked() -> datetime:
            walk(ward, *args, **changes)
            return datetime.now(UTC)

        at = kept(walked, walk, ward.case.pk, args, repr(sorted(changes.items())))
        ward.time.move_to(at, tick=False)
        return ward

    return go


class Ward(metaclass=Kept):
    """Its steps go through the addresses of the desk, as the right person."""

    def __init__(self, *, at: datetime = NOW, birth_date: date = date(1995, 3, 8)) -> None:
        self.clock = time_machine.travel(at, tick=False)
        self.time = self.clock.start()
        reference.load(at=at - timedelta(days=1))
        self.campus = CampusFactory()
        self.surgeon = self.staff("surgeon", "陈屿")
        self.nurse = self.staff("nurse", "李雪")
        self.helper = self.staff("nurse", "何梅")
        self.scheduler = self.staff("scheduler", "钱莉")
        self.carer = self.staff("aftercare", "高颖")
        for one in (self.surgeon, self.nurse, self.helper):
            DutyFactory(staff=one, starts_at=at + timedelta(hours=23), ends_at=at + timedelta(hours=33))
        LicenceFactory(staff=self.surgeon)
        PrivilegeFactory(staff=self.surgeon)
        self.room = RoomFactory(campus=self.campus, name="OR1", kind=RoomKind.OR)
        self.blood = TestItemFactory()
        self.heart = TestItemFactory(finding=True)
        self.procedure = ProcedureFactory(tests=[self.blood, self.heart], forms=["consent-eye"])
        PriceFactory(procedure=self.procedure, campus=self.campus)
        AftercareStepFactory(procedure=self.procedure)
        AftercareStepFactory(procedure=self.procedure, kind=StepKind.REVIEW, title="术后复查", day=7)
        FormTemplateFactory(code="consent-eye")
        FormTemplateFactory(code="anaesthesia-local", kind=FormKind.ANAESTHESIA, title="局部麻醉同意书")
        FormTemplateFactory(code="advice-eye", kind=FormKind.ADVICE, title="眼部术后注意事项")
        self.purpose = PurposeFactory(health=True)
        self.notice = NoticeFactory(purposes=[self.purpose])
        self.birth_date = birth_date
        self.case = self.consulted()
        self.patient = self.case.patient
        self.order = Order.objects.get(episode=self.case.public_id)

    def __getstate__(self) -> dict[str, Any]:
        lasting = {name: value for name, value in vars(self).items() if name not in {"clock", "time"}}
        return lasting | {"at": datetime.now(UTC)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.clock = time_machine.travel(state.pop("at"), tick=False)
        self.time = self.clock.start()
        vars(self).update(state)

    def consulted(self) -> Case:
        """A registered customer after the consultation, with a paid deposit."""
        at = timezone.now()
        patient = PatientFactory(campus=self.campus, registered=True, person__birth_date=self.birth_date)
        CareRelationFactory(patient=patient, staff=self.surgeon)
        ConsentFactory(patient=patient, purpose=self.purpose, notice=self.notice)
        case = CaseFactory(
            patient=patient,
            campus=self.campus,
            procedure=self.procedure,
            stage=CaseStage.CONSULTED,
            surgeon=self.surgeon,
        )
        visit = BookingFactory(
            case=case,
            status=BookingStatus.SERVED,
            visit_kind=VisitKind.FIRST,
            arrived_at=at - timedelta(hours=2),
            starts_at=at - timedelta(hours=2),
        )
        Consultation.objects.create(
            case=case, booking=visit, by=visit.staff, started_at=at, ended_at=at, goals="自然"
        )
        PaymentFactory(order=OrderFactory(campus=self.campus, patient=patient, episode=case.public_id))
        return case

    def another_planned(self) -> Case:
        """A second customer of the same surgeon, ready for the board."""
        first, self.case = self.case, self.consulted()
        self.planned()
        second, self.case = self.case, first
        return second

    def staff(self, role: str, name: str) -> Staff:
        return StaffFactory(role=role, name=name, campus=self.campus)

    def close(self) -> None:
        self.clock.stop()

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.time.move_to(datetime.now(UTC) + timedelta(**span), tick=False)

    # ---- asking ------------------------------------------------------------------------------

    def get(self, name: str, /, *args: Any, by: Staff, **query: str) -> HttpResponse:
        return sign_in(Client(), by).get(reverse(f"desk:{name}", args=args), query)  # type: ignore[return-value]

    def post(self, name: str, /, *args: Any, by: Staff, **data: Any) -> HttpResponse:
        return sign_in(Client(), by).post(reverse(f"desk:{name}", args=args), data)  # type: ignore[return-value]

    def do(self, name: str, /, *args: Any, by: Staff, **data: Any) -> HttpResponse:
        answer = self.post(name, *args, by=by, **data)
        assert answer.status_code == 302, answer.content.decode()
        return answer

    def refused(self, name: str, /, *args: Any, by: Staff, **data: Any) -> str:
        answer = self.post(name, *args, by=by, **data)
        assert answer.status_code == 422, answer.status_code
        return answer.content.decode()

    # ---- the way -----------------------------------------------------------------------------

    @property
    def stage(self) -> str:
        return Case.objects.get(pk=self.case.pk).stage

    @property
    def plan(self) -> Plan:
        return Plan.objects.filter(case=self.case).order_by("-version")[0]

    @property
    def surgery(self) -> Surgery:
        return Surgery.objects.exclude(status="cancelled").get(case=self.case)

    @stretch
    def assess(self, **changes: str) -> None:
        self.do("case-assessment", self.case.public_id, by=self.surgeon, **ASSESSMENT | changes)

    @stretch
    def order_tests(self) -> None:
        self.do("test-order", self.case.public_id, by=self.nurse)

    def results(self, blood: str = "132", heart: str = "未见异常") -> dict[str, str]:
        orders = {order.test_id: order.public_id for order in self.case.test_orders.all()}
        return {
            "taken_on": "2026-06-16",
            "taken_at": "09:00",
            f"value-{orders[self.blood.pk]}": blood,
            f"choice-{orders[self.heart.pk]}": heart,
        }

    @stretch
    def enter_tests(self) -> None:
        self.order_tests()
        self.do("case-tests", self.case.public_id, by=self.nurse, **self.results())

    @property
    def heard(self) -> dict[str, str]:
        """A choice by word of mouth, with who was there; for a minor by her guardian, who signs."""
        guardian = self.patient.guardians.exclude(verified_at=None).first()
        if guardian is not None:
            return {
                "words": "我也想做",
                "guardian_id": str(guardian.public_id),
                "signature": signature(),
            }
        return {"words": "就选这个", "witness": str(self.nurse.public_id)}

    @stretch
    def choose_plan(self) -> None:
        self.do("case-plan", self.case.public_id, by=self.surgeon, **PLAN)
        self.do("plan-choose", self.plan.public_id, by=self.surgeon, **self.heard)

    def place(self) -> dict[str, str]:
        return {
            "day": TOMORROW,
            "time": "09:00",
            "room": str(self.room.public_id),
            "nurse": str(self.nurse.public_id),
            "anaesthetist": "",
            "assistant": str(self.helper.public_id),
        }

    @stretch
    def planned(self) -> None:
        self.assess()
        self.enter_tests()
        self.choose_plan()

    @stretch
    def scheduled(self) -> None:
        self.planned()
        self.do("case-schedule", self.case.public_id, by=self.scheduler, **self.place())

    @stretch
    def sign(self, code: str, **changes: str) -> None:
        self.do("consent-sign", self.plan.public_id, code, by=self.surgeon, **self.signed() | changes)

    @staticmethod
    def signed() -> dict[str, str]:
        return {"questions": "两边会不会不一样", "signature": signature()}

    @stretch
    def signed_up(self) -> None:
        """Signed, and it is the morning of the operation."""
        self.scheduled()
        self.sign("consent-eye")
        self.sign("anaesthesia-local")
        self.wait(hours=23)

    @stretch
    def check(self, phase: Phase, **changes: str) -> None:
        answers = {item.code: "20" if item.is_count else "yes" for item in checklist.ITEMS[phase]}
        self.do("surgery-check", self.surgery.public_id, phase, by=self.nurse, **answers | changes)
        for signer in (self.surgeon, self.helper, self.nurse):
            self.do("surgery-sign", self.surgery.public_id, phase, by=signer)

    @stretch
    def press(self, step: str) -> None:
        self.do("surgery-time", self.surgery.public_id, step, by=self.nurse)
        self.wait(minutes=10)

    @stretch
    def recovering(self) -> None:
        self.signed_up()
        self.press("enter")
        self.check(Phase.SIGN_IN)
        self.press("anaesthesia")
        self.check(Phase.TIME_OUT)
        self.press("incision")
        record = {"record": "按方案施术，过程顺利，逐层缝合。", "blood_loss_ml": "5"}
        self.do("surgery-finish", self.surgery.public_id, by=self.surgeon, **record)
        self.check(Phase.SIGN_OUT)
        self.press("leave")

    @stretch
    def observe(self, **changes: str) -> None:
        at = f"{timezone.localtime():%H:%M}"
        self.do("recovery-observe", self.surgery.public_id, by=self.nurse, **SIGNS | {"at": at} | changes)

    @stretch
    def steady(self) -> None:
        for _round in range(4):
            self.observe()
            self.wait(minutes=11)

    @stretch
    def discharged(self) -> None:
        self.recovering().steady()
        self.do("recovery-discharge", self.surgery.public_id, by=self.nurse, **self.escort())

    @staticmethod
    def escort() -> dict[str, str]:
        return {"escort_name": "王先生", "escort_phone": "13800000000", "advice_given": "on"}
