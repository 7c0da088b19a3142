"""A hospital with its whole reference data, and one customer; each step is taken by the right person."""

import base64
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Model
from PIL import Image, ImageDraw

from tests.factories.hospital import CampusFactory, RoomFactory
from tests.factories.kept import Kept, kept
from tests.factories.people import (
    CareRelationFactory,
    DutyFactory,
    LicenceFactory,
    PatientFactory,
    PrivilegeFactory,
    StaffFactory,
)
from yimei.audit.models import Entry
from yimei.billing.actions import orders, payments, quotes
from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.billing.models import Order, Quote
from yimei.core.errors import Refusal, RuleBroken
from yimei.hospital.actions import reference as hospital_reference
from yimei.hospital.enums import Anaesthesia, RoomKind, TestKind
from yimei.hospital.models import Procedure
from yimei.hospital.queries import photos_for
from yimei.journey import models
from yimei.journey.actions import (
    assessments,
    bookings,
    consents,
    consultations,
    photos,
    plans,
    recovery,
    surgeries,
    tests,
)
from yimei.journey.enums import Asa, BookingKind, Phase, PhotoMoment, Side, VisitKind
from yimei.journey.models import Booking, Case, Plan, Surgery, TestResult
from yimei.journey.rules import checklist
from yimei.outbox.actions import reference as outbox_reference
from yimei.people.actions import guardians, patients
from yimei.people.enums import CareReason, Relation, SourceKind
from yimei.people.models import Guardian, Patient, Staff
from yimei.privacy.actions import consents as privacy_consents
from yimei.privacy.actions import reference as privacy_reference

TEN = datetime(2026, 6, 16, 2, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DOCUMENTS = ("consent-eye", "anaesthesia-local", "image")


def footprint() -> dict[str, int]:
    """How many rows the journey and the log hold."""
    tables = {name: getattr(models, name)._meta.db_table for name in models.__all__}
    tables["Entry"] = Entry._meta.db_table
    counts = (f"SELECT '{name}', COUNT(*) FROM {table}" for name, table in tables.items())
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts))
        return dict(cursor.fetchall())


def refused(act: Callable[[], object], *words: str, kind: type[Refusal] = RuleBroken) -> Refusal:
    """Expect a refusal that says these words, missing things included, and leaves no trace."""
    before = footprint()
    with pytest.raises(kind) as caught:
        act()
    refusal = caught.value
    told = [refusal.message]
    for each in getattr(refusal, "missing", ()):
        told.append(f"{each.what}（{each.why}）→ {each.where}")
    for word in words:
        assert word in "\n".join(told), (word, told)
    assert footprint() == before, "a refusal leaves no trace"
    return refusal


def signature(seed: int = 0) -> str:
    """A drawn line, as the signature pad posts it."""
    picture = Image.new("RGBA", (240, 80), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(10, 40), (120, 10 + seed), (230, 60)], fill=(10, 20, 30, 255), width=3)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


class Hospital(metaclass=Kept):
    """Places, reference data and one person of every role; the clock is its ``now``."""

    def __init__(self) -> None:
        self.now = TEN - 3 * DAY
        self.campus = CampusFactory(code="HZ")
        hospital_reference.load(campus_codes=["HZ"], at=self.now)
        privacy_reference.load(self.now)
        outbox_reference.load(at=self.now)
        self.procedure = Procedure.objects.get(code="EYE-INC")
        self.online = self.staff("online", "网电小陈")
        self.reception = self.staff("reception", "前台小周")
        self.consultant = self.staff("consultant", "周蕾")
        self.surgeon = self.staff("surgeon", "陈屿")
        self.novice = self.staff("surgeon", "新医生")
        self.anaesthetist = self.staff("anaesthetist", "赵远")
        self.nurse = self.staff("nurse", "李雪")
        self.assistant = self.staff("nurse", "何梅")
        self.scheduler = self.staff("scheduler", "钱莉")
        self.cashier = self.staff("cashier", "唐雯")
        self.carer = self.staff("aftercare", "高颖")
        self.director = self.staff("director", "郭岩")
        LicenceFactory(staff=self.surgeon)
        PrivilegeFactory(staff=self.surgeon)
        DutyFactory(staff=self.consultant)
        DutyFactory(staff=self.surgeon)
        self.room = RoomFactory(campus=self.campus, name="诊室一")
        self.theatre = RoomFactory(campus=self.campus, name="手术间一", kind=RoomKind.OR)
        self.theatre_two = RoomFactory(campus=self.campus, name="手术间二", kind=RoomKind.OR)

    def staff(self, role: str, name: str) -> Staff:
        return StaffFactory(role=role, name=name, campus=self.campus)

    def later(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    @property
    def team(self) -> surgeries.Team:
        return surgeries.Team(nurse=self.nurse.public_id, anaesthetist=self.anaesthetist.public_id)


def walk(take: Callable[..., None]) -> Callable[..., None]:
    """A stretch on which many tests begin: walked once or twice a process, then kept."""

    @wraps(take)
    def taken(customer: "Customer", *args: Any) -> None:
        def walked() -> tuple[dict[str, Any], dict[str, Any]]:
            take(customer, *args)
            return vars(customer), vars(customer.at)

        known, at = kept(walked, take, _state(customer), _state(customer.at), args, at_once=False)
        vars(customer.at).update(at)
        vars(customer).update({name: value for name, value in known.items() if name != "at"})

    return taken


def _state(of: object) -> tuple[object, ...]:
    """What somebody has at hand, each row by its number."""
    return tuple(
        (name, type(value), value.pk if isinstance(value, Model) else value)
        for name, value in sorted(vars(of).items())
        if name != "at"
    )


class Customer:
    """One customer; each method is one step by the person whose work it is."""

    patient: Patient
    booking: Booking
    case: Case
    quote: Quote
    order: Order
    plan: Plan
    surgery: Surgery

    def __init__(self, hospital: Hospital, *, name: str = "林晓雨", born: date = date(1995, 3, 8)) -> None:
        self.at, self.name, self.born = hospital, name, born
        self.guardian: Guardian | None = None
        self.guardian_signature = ""

    def call(self, starts_at: datetime = TEN) -> Booking:
        at = self.at
        self.patient = patients.create(
            name=self.name,
            phone=f"129{Patient.objects.count():08d}",
            source=SourceKind.PHONE,
            campus=at.campus,
            sex="F",
            by=at.online,
            at=at.now,
        )
        self.booking = bookings.request(
            patient_public_id=self.patient.public_id,
            campus_public_id=at.campus.public_id,
            kind=BookingKind.CONSULT,
            visit_kind=VisitKind.FIRST,
            procedure_public_id=at.procedure.public_id,
            starts_at=starts_at,
            staff_public_id=at.consultant.public_id,
            room_public_id=None,
            note="下班后来电",
            key=uuid4(),
            by=at.online,
            now=at.now,
        )
        self.case = self.booking.case
        return self.booking

    def confirm(self) -> Booking:
        return bookings.confirm(self.booking.public_id, by=self.at.online, now=self.at.now)

    def register(self) -> Patient:
        self.patient = patients.register(
            self.patient.public_id, birth_date=self.born, sex="F", by=self.at.reception, at=self.at.now
        )
        return self.patient

    def arrive(self) -> Booking:
        return bookings.arrive(self.booking.public_id, by=self.at.reception, now=self.at.now)

    def triage(self) -> Booking:
        return bookings.triage(
            self.booking.public_id,
            staff_public_id=self.at.consultant.public_id,
            by=self.at.reception,
            now=self.at.now,
        )

    def bring_guardian(self) -> Guardian:
        linked = guardians.link(
            self.patient.public_id,
            name="林芳",
            phone="12900000001",
            relation=Relation.MOTHER,
            proof="户口簿（已核对原件）",
            birth_date=date(1975, 5, 1),
            by=self.at.reception,
            at=self.at.now,
        )
        self.guardian = guardians.verify(linked.public_id, by=self.at.reception, at=self.at.now)
        self.guardian_signature = signature(3)
        return self.guardian

    def agree(self, purpose: str) -> object:
        return privacy_consents.give(
            self.patient, purpose, guardian=self.guardian, by=self.at.reception, now=self.at.now
        )

    def consult(self) -> object:
        return consultations.record(
            self.case.public_id,
            goals="自然一点，平时不化妆也好看",
            reachable="可做出自然的平行型，两侧对称度提高",
            unreachable="不能做到完全对称",
            by=self.at.consultant,
            now=self.at.now,
        )

    def ask_price(self) -> Quote:
        self.quote = quotes.offer(
            self.patient.public_id,
            episode=self.case.public_id,
            campus=self.at.campus,
            lines=[(self.at.procedure.public_id, None, 1, "")],
            by=self.at.consultant,
            now=self.at.now,
        )
        return self.quote

    def refer(self) -> Case:
        return consultations.refer(
            self.case.public_id, surgeon_id=self.at.surgeon.public_id, by=self.at.consultant, now=self.at.now
        )

    def assess(self, *, is_fit: bool = True, concern: bool = False) -> object:
        return assessments.record(
            self.case.public_id,
            height_cm=Decimal("162.0"),
            weight_kg=Decimal("52.5"),
            asa=Asa.ONE,
            history={"smoking": "never", "keloid": "no"},
            medication="",
            body_image_concern=concern,
            is_fit=is_fit,
            opinion="一般情况好，无手术禁忌。" if is_fit else "凝血异常，暂不适合手术。",
            by=self.at.surgeon,
            now=self.at.now,
        )

    def test(self, *, abnormal: str = "") -> TestResult | None:
        """Order and record every test, all normal but the one named; return that one."""
        odd = None
        for order in tests.order(self.case.public_id, by=self.at.surgeon, now=self.at.now):
            result = self.take(order, is_odd=order.test.code == abnormal)
            odd = result if order.test.code == abnormal else odd
        return odd

    def retake(self) -> None:
        """Take every test once more, normal."""
        for order in self.case.test_orders.select_related("test"):
            self.take(order)

    def take(self, order: models.TestOrder, *, is_odd: bool = False) -> TestResult:
        test = order.test
        middle = (test.low or 0) + ((test.high or Decimal(1)) - (test.low or 0)) / 2
        is_number = test.kind == TestKind.NUMBER
        return tests.record(
            order.public_id,
            value=(str(test.high + 1) if is_odd else str(middle)) if is_number else "",
            finding="" if is_number else test.normal_text,
            taken_at=self.at.now - 10 * MINUTE,
            by=self.at.nurse,
            now=self.at.now,
        )

    def write_plan(self, *, by: Staff | None = None, price: str = "7800.00", sites: str = "双侧上睑") -> Plan:
        draft = plans.Draft(
            side=Side.BOTH,
            anaesthesia=Anaesthesia.LOCAL,
            sites=sites,
            implants="",
            alternatives="埋线法",
            doing_nothing="维持现状，外观不变",
            risks="出血、感染、瘢痕、不对称",
            price=Decimal(price),
        )
        self.plan = plans.finalise(
            self.case.public_id, draft=draft, by=by or self.at.surgeon, now=self.at.now
        )
        return self.plan

    def choose(self) -> Plan:
        heard = plans.Choice(words="就选这个", witness=self.at.nurse.public_id)
        if self.guardian is not None:
            heard = plans.Choice(
                words="我也想做", signature=self.guardian_signature, guardian_id=self.guardian.public_id
            )
        self.plan = plans.choose(self.plan.public_id, by=self.at.surgeon, now=self.at.now, choice=heard)
        return self.plan

    def open_order(self) -> Order:
        quotes.accept(self.quote.public_id, by=self.at.consultant, now=self.at.now)
        self.order = orders.open_from_quote(self.quote.public_id, by=self.at.consultant, now=self.at.now)
        return self.order

    def pay_deposit(self) -> object:
        return payments.take(
            self.order.public_id,
            kind=PaymentKind.DEPOSIT,
            method=PaymentMethod.WECHAT,
            amount=self.order.deposit,
            key=uuid4(),
            by=self.at.cashier,
            now=self.at.now,
        )

    def schedule(self, starts_at: datetime, *, team: surgeries.Team | None = None) -> Surgery:
        self.surgery = surgeries.schedule(
            self.case.public_id,
            room_id=self.at.theatre.public_id,
            starts_at=starts_at,
            team=team or self.at.team,
            by=self.at.scheduler,
            now=self.at.now,
        )
        return self.surgery

    def sign(self, code: str, *, by: Staff | None = None) -> models.ConsentForm:
        return consents.sign(
            self.plan.public_id,
            form_code=code,
            signatures=consents.Signatures(customer=signature(), guardian=self.guardian_signature),
            questions="知道会肿一到两周。",
            choices=["care"] if code == "image" else [],
            guardian_id=self.guardian.public_id if self.guardian else None,
            by=by or self.at.surgeon,
            now=self.at.now,
        )

    def photograph(self) -> None:
        """The whole series of the procedure."""
        out = io.BytesIO()
        Image.new("RGB", (320, 240), (200, 160, 130)).save(out, "JPEG")
        for angle in photos_for(self.at.procedure).angles:
            photos.take(
                self.case.public_id,
                data=out.getvalue(),
                angle=angle.code,
                moment=PhotoMoment.BEFORE,
                side=Side.BOTH,
                by=self.at.surgeon,
                now=self.at.now,
            )

    def enter(self) -> Surgery:
        return surgeries.enter_room(self.surgery.public_id, by=self.at.nurse, now=self.at.now)

    def answer(self, phase: Phase, **answers: str) -> models.ChecklistPhase:
        return surgeries.answer_check(
            self.surgery.public_id,
            phase=phase,
            answers=whole_check(phase) | answers,
            by=self.at.nurse,
            now=self.at.now,
        )

    def sign_check(self, phase: Phase, signer: Staff) -> models.ChecklistPhase:
        return surgeries.sign_check(
            self.surgery.public_id, phase=phase, signer=signer, by=self.at.nurse, now=self.at.now
        )

    def pass_check(self, phase: Phase) -> None:
        self.answer(phase)
        for signer in (self.at.surgeon, self.at.anaesthetist, self.at.nurse):
            self.sign_check(phase, signer)

    def observe(self, **values: object) -> models.Observation:
        return recovery.observe(
            self.surgery.public_id, signs=steady(self.at.now, **values), by=self.at.nurse, now=self.at.now
        )

    def go_home(self, **values: object) -> models.Discharge:
        told = {"escort_name": "林芳", "escort_phone": "12900000001", "advice_given": True} | values
        return recovery.discharge(self.surgery.public_id, by=self.at.nurse, now=self.at.now, **told)

    # ---- longer stretches, for stories that begin further on ---------------------------------------

    @walk
    def walk_in(self) -> None:
        """From the phone to the consultation."""
        self.call()
        self.confirm()
        self.at.now = TEN
        self.register()
        self.arrive()
        self.agree("care.health")
        self.consult()

    @walk
    def walk_to_plan(self) -> None:
        """From the consultation to a chosen plan with its deposit paid."""
        self.ask_price()
        self.refer()
        self.assess()
        self.test()
        self.write_plan()
        self.choose()
        self.open_order()
        self.pay_deposit()

    @walk
    def walk_to_theatre(self, starts_at: datetime) -> None:
        """From the plan to the door of the theatre."""
        self.schedule(starts_at)
        for code in DOCUMENTS:
            self.sign(code)
        self.at.now = starts_at

    @walk
    def walk_through_theatre(self) -> None:
        self.enter()
        self.pass_check(Phase.SIGN_IN)
        surgeries.start_anaesthesia(
            self.surgery.public_id, by=self.at.anaesthetist, now=self.at.later(minutes=5)
        )
        self.pass_check(Phase.TIME_OUT)
        surgeries.start_operation(self.surgery.public_id, by=self.at.surgeon, now=self.at.later(minutes=10))
        surgeries.finish_operation(
            self.surgery.public_id,
            record="按方案施术，过程顺利，逐层缝合。",
            blood_loss_ml=5,
            by=self.at.surgeon,
            now=self.at.later(minutes=70),
        )
        self.pass_check(Phase.SIGN_OUT)
        surgeries.leave_room(self.surgery.public_id, by=self.at.nurse, now=self.at.later(minutes=5))

    @walk
    def walk_home(self) -> None:
        for _each in range(4):
            self.at.later(minutes=12)
            self.observe()
        self.go_home()


def whole_check(phase: Phase) -> Mapping[str, str]:
    return {item.code: "20" if item.is_count else "yes" for item in checklist.ITEMS[phase]}


def steady(at: datetime, **values: object) -> recovery.Signs:
    return recovery.Signs(
        **{
            "at": at,
            "systolic": 118,
            "diastolic": 72,
            "pulse": 70,
            "respiration": 15,
            "spo2": 99,
            "temperature": Decimal("36.6"),
            "pain": 1,
            "activity": 2,
            "breathing": 2,
            "circulation": 2,
            "consciousness": 2,
            "oxygen": 2,
        }
        | values
    )


def other_patient(hospital: Hospital) -> Patient:
    """Somebody else, whom the consultant cares for as well."""
    patient = PatientFactory(campus=hospital.campus, registered=True)
    CareRelationFactory(staff=hospital.consultant, patient=patient, reason=CareReason.CONSULTANT)
    return patient
