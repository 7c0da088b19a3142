"""One customer's way as a generator: it yields the time of the next step, then takes it through an action.

The scheduler resumes whoever comes next in time, so that the log of the hospital is written in order.
"""

import base64
import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from uuid import UUID, uuid5

from PIL import Image, ImageDraw

from yimei.billing.actions import orders, payments, quotes
from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.enums import Anaesthesia, Category, TestKind
from yimei.hospital.models import Procedure, TestItem
from yimei.journey.actions import (
    aftercare,
    assessments,
    bookings,
    cases,
    consents,
    consultations,
    plans,
    recovery,
    surgeries,
    surveys,
    tests,
)
from yimei.journey.enums import (
    Asa,
    BookingKind,
    ClavienDindo,
    LossReason,
    Part,
    Phase,
    Side,
    VisitKind,
)
from yimei.journey.models import AftercareTask, Case, Surgery
from yimei.journey.queries import forms
from yimei.journey.rules import checklist
from yimei.outbox.models import Message
from yimei.people.actions import alerts, guardians, patients
from yimei.people.enums import AlertKind, Relation
from yimei.people.models import Patient, Staff
from yimei.people.roles import RoleCode
from yimei.privacy.actions import consents as privacy_consents
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import Somebody

NAMESPACE = UUID("6f3d1a52-0f1c-4a5e-9a57-1c6c2b7d9e10")
MINUTE = timedelta(minutes=1)
GOALS = (
    "自然一点，平时不化妆也好看",
    "想要窄一点的扇形，不要太宽",
    "侧面线条高一点，但不要太假",
    "显年轻一些，别人看不出来做过",
    "腰腹紧一点，夏天能穿短上衣",
)
REACHABLE = ("可改善约六到七成，两侧对称度提高", "形态可调整，恢复期约三个月", "轮廓可收窄，皮肤松弛另行处理")
UNREACHABLE = ("不能做到完全对称", "不能达到照片里他人的效果", "瘢痕不能完全消失，只能变淡")
COMMENTS = (
    "护士很细心，恢复比想的快。",
    "等候时间有点长，其他都好。",
    "医生把能做到和做不到的都讲清楚了，很安心。",
    "效果满意，术后回访很及时。",
    "价格和当初报的一样，没有加项。",
    "停车不太方便。",
    "",
    "",
)
FINDINGS = ("切口愈合好，轻度肿胀，双侧基本对称", "无红肿渗出，形态稳定", "恢复顺利，触感柔软")


class Walk:
    """What one customer's steps share."""

    def __init__(self, world: World, who: Somebody, rng: Random, *, n: int, first_call: datetime) -> None:
        self.world, self.who, self.rng, self.n = world, who, rng, n
        self.now = first_call
        self.patient: Patient
        self.case: Case

    def steps(self) -> Iterator[datetime]:
        """The whole way; it may end early, as ways do."""
        yield self.now
        self.call()
        yield from self.pause(minutes=(5, 40))
        booking = self.book()
        if booking is None or self.forgets():
            return
        yield from self.pause(minutes=(10, 240), latest=booking.starts_at - MINUTE)
        booking = bookings.confirm(booking.public_id, by=self.online, now=self.now)
        if self.rng.random() > shapes.ARRIVES:
            yield from self.stays_away(booking.public_id, booking.starts_at)
            return
        yield from self.until(booking.starts_at - self.minutes(0, 12))
        self.register()
        yield from self.pause(minutes=(1, 4))
        booking = bookings.arrive(booking.public_id, by=self.reception, now=self.now)
        yield from self.pause(minutes=(3, 25))
        booking = bookings.serve(booking.public_id, by=booking.staff, now=self.now)
        yield from self.pause(minutes=(15, 45))
        consultant = booking.staff
        self.consult(consultant)
        if self.rng.random() > shapes.WINS:
            yield from self.is_lost(consultant)
            return
        quote = self.quote(consultant)
        yield from self.pause(minutes=(5, 20))
        surgeon = self.world.one(RoleCode.SURGEON, self.rng)
        consultations.refer(self.case.public_id, surgeon_id=surgeon.public_id, by=consultant, now=self.now)
        yield from self.pause(minutes=(8, 40))
        self.assess(surgeon)
        yield from self.pause(minutes=(5, 30))
        yield from self.test(surgeon)
        if self.forgets():
            return
        yield from self.pause(minutes=(10, 60))
        plan = self.plan(surgeon, quote.public_id)
        yield from self.pause(minutes=(5, 60))
        if self.forgets():
            return
        plans.choose(plan, by=surgeon, now=self.now)
        quotes.accept(quote.public_id, by=consultant, now=self.now)
        yield from self.pause(minutes=(2, 15))
        order = self.pay_deposit(quote.public_id, consultant)
        if self.forgets():
            return
        yield from self.pause(minutes=(10, 120))
        surgery = self.schedule()
        if surgery is None:
            return
        yield from self.until(max(surgery.starts_at - timedelta(days=1, hours=2), self.now + 5 * MINUTE))
        if self.rng.random() < 0.85:
            self.sign(plan, surgeon, surgery)
        if surgery.starts_at > self.now:
            yield from self.until(surgery.starts_at - self.minutes(15, 30))
            self.sign(plan, surgeon, surgery)
            yield from self.until(surgery.starts_at + self.minutes(0, 12))
        yield from self.operate(surgery, surgeon)
        self.pay_rest(order)
        yield from self.recover(surgery)
        yield from self.aftercare(surgeon)

    # ---- phone, desk, consultation -------------------------------------------------------------

    def call(self) -> None:
        self.online = self.world.one(RoleCode.ONLINE, self.rng)
        self.reception = self.world.first(RoleCode.RECEPTION)
        self.procedure = self.interest()
        self.patient = patients.create(
            name=self.who.name,
            phone=self.who.phone,
            source=self.who.source,
            campus=self.world.campus,
            sex=self.who.sex,
            by=self.online,
            at=self.now,
        )

    def interest(self) -> Procedure:
        category = Category(self.rng.choices(list(shapes.MIX), weights=list(shapes.MIX.values()))[0])
        offers = [each for each in self.world.offers[category] if each.price]
        return self.rng.choice(offers).procedure

    def book(self) -> "bookings.Booking | None":
        start = shapes.at(
            local_date(self.now) + timedelta(days=self.rng.choice((1, 1, 2, 2, 3, 4, 6, 9))),
            9 * 60 + 30 * self.rng.randrange(16),
        )
        for _try in range(6):
            try:
                booking = bookings.request(
                    patient_public_id=self.patient.public_id,
                    campus_public_id=self.world.campus.public_id,
                    kind=BookingKind.CONSULT,
                    visit_kind=VisitKind.FIRST,
                    procedure_public_id=self.procedure.public_id,
                    starts_at=start,
                    staff_public_id=self.world.one(RoleCode.CONSULTANT, self.rng).public_id,
                    room_public_id=None,
                    note=self.rng.choice(("", "", "想周末来", "有朋友推荐", "之前在别处做过")),
                    key=self.key("booking", start),
                    by=self.online,
                    now=self.now,
                )
            except RuleBroken as refusal:
                nearby = refusal.next_free if isinstance(refusal, Conflict) else ()
                start = nearby[0][0] if nearby else start + timedelta(minutes=30)
            else:
                self.case = booking.case
                return booking
        return None

    def stays_away(self, booking: UUID, starts_at: datetime) -> Iterator[datetime]:
        if self.rng.random() < 0.5:
            yield from self.until(starts_at - self.minutes(60, 1200))
            bookings.cancel(booking, reason=self.rng.choice(("临时有事", "改天再约", "再考虑")), by=self.online, now=self.now)
        else:
            yield from self.until(starts_at + self.minutes(35, 90))
            bookings.mark_no_show(booking, by=self.reception, now=self.now)

    def register(self) -> None:
        patients.register(
            self.patient.public_id,
            birth_date=self.who.birth_date,
            sex=self.who.sex,
            by=self.reception,
            at=self.now,
        )
        self.patient.refresh_from_db()
        guardian = None
        if self.who.age_on(local_date(self.now)) < 18:
            guardian = guardians.link(
                self.patient.public_id,
                name=self.who.name[0] + self.rng.choice(("建国", "秀兰", "海燕")),
                phone=f"129{self.rng.randrange(10**8):08d}",
                relation=self.rng.choice((Relation.FATHER, Relation.MOTHER)),
                proof="户口簿（已核对原件）",
                by=self.reception,
                at=self.now,
                birth_date=shapes.at(self.who.birth_date, 0).date() - timedelta(days=365 * 27),
            )
            guardian = guardians.verify(guardian.public_id, by=self.reception, at=self.now)
        self.guardian = guardian
        for purpose in ("care.health", "image.clinical"):
            privacy_consents.give(self.patient, purpose, guardian=guardian, by=self.reception, now=self.now)
        if guardian is None and self.rng.random() < 0.45:
            privacy_consents.give(self.patient, "marketing", by=self.reception, now=self.now)

    def consult(self, consultant: Staff) -> None:
        consultations.record(
            self.case.public_id,
            goals=self.rng.choice(GOALS),
            reachable=self.rng.choice(REACHABLE),
            unreachable=self.rng.choice(UNREACHABLE),
            budget=self.rng.choice(("", "一万左右", "两万以内", "看方案")),
            by=consultant,
            now=self.now,
        )

    def is_lost(self, consultant: Staff) -> Iterator[datetime]:
        yield from self.pause(minutes=(60 * 24, 60 * 24 * 6))
        if self.rng.random() < 0.85:
            cases.lose(self.case.public_id, reason=self.rng.choice(list(LossReason)), by=consultant, now=self.now)

    def quote(self, consultant: Staff) -> "quotes.Quote":
        percent = self.rng.choice((0, 0, 0, 5, 10))
        offer = next(
            each for each in self.world.offers[Category(self.procedure.category)] if each.procedure == self.procedure
        )
        price = shapes.rounded(offer.price or Decimal(0), percent)
        reason = "首次到院优惠" if percent else ""
        return quotes.offer(
            self.patient.public_id,
            episode=self.case.public_id,
            campus=self.world.campus,
            lines=[(self.procedure.public_id, price, 1, reason)],
            by=consultant,
            now=self.now,
        )

    # ---- assessment, plan, money ---------------------------------------------------------------

    def assess(self, surgeon: Staff) -> None:
        if self.rng.random() < 0.08:
            alerts.add(
                self.patient.public_id,
                kind=AlertKind.ALLERGY,
                text=self.rng.choice(("青霉素过敏", "利多卡因过敏史待查", "头孢皮疹", "碘伏过敏")),
                is_severe=self.rng.random() < 0.5,
                by=surgeon,
                at=self.now,
            )
        height = Decimal(self.rng.randint(1520, 1760)) / 10
        assessments.record(
            self.case.public_id,
            height_cm=height,
            weight_kg=(height - 105) * Decimal(self.rng.randint(85, 115)) / 100,
            asa=Asa.ONE if self.rng.random() < 0.85 else Asa.TWO,
            history={"smoking": "否", "hypertension": "否", "diabetes": "否", "keloid": "否"},
            medication="",
            body_image_concern=False,
            is_fit=True,
            opinion="一般情况好，无手术禁忌，期望合理。",
            by=surgeon,
            now=self.now,
        )

    def test(self, surgeon: Staff) -> Iterator[datetime]:
        ordered = tests.order(self.case.public_id, by=surgeon, now=self.now)
        if not ordered:
            return
        yield from self.pause(minutes=(20, 90))
        nurse = self.world.one(RoleCode.NURSE, self.rng)
        for order in ordered:
            value, finding = self.result(order.test)
            result = tests.record(
                order.public_id, value=value, finding=finding, taken_at=self.now - 15 * MINUTE, by=nurse, now=self.now
            )
            if result.is_abnormal:
                tests.accept(result.public_id, reason="轻度偏离，无临床意义，可手术", by=surgeon, now=self.now)

    def result(self, test: TestItem) -> tuple[str, str]:
        if test.kind == TestKind.FINDING:
            return "", test.normal_text
        low = test.low if test.low is not None else (test.high or Decimal(1)) / 2
        high = test.high if test.high is not None else low * 2
        share = Decimal(self.rng.randint(10, 90)) / 100
        if self.rng.random() < 0.02:
            share = Decimal("1.04")
        return str((low + (high - low) * share).quantize(Decimal("0.001")).normalize()), ""

    def plan(self, surgeon: Staff, quote_id: UUID) -> UUID:
        line = quotes.Quote.objects.get(public_id=quote_id).lines.get()
        draft = plans.Draft(
            side=self.rng.choice((Side.BOTH, Side.BOTH, Side.LEFT, Side.RIGHT)) if self.procedure.has_side else Side.NONE,
            anaesthesia=Anaesthesia(self.procedure.anaesthesia),
            sites="按术前标记线设计",
            implants="",
            alternatives="不手术；或选择创伤更小、维持时间更短的方式",
            risks="出血、感染、瘢痕、不对称、效果与期望有差距、需要再次手术",
            price=line.price,
            quote_id=quote_id,
        )
        return plans.finalise(self.case.public_id, draft=draft, by=surgeon, now=self.now).public_id

    def pay_deposit(self, quote_id: UUID, consultant: Staff) -> UUID:
        order = orders.open_from_quote(quote_id, by=consultant, now=self.now)
        if order.deposit > 0:
            self.pay(order.public_id, PaymentKind.DEPOSIT, order.deposit)
        return order.public_id

    def pay_rest(self, order_id: UUID) -> None:
        order = orders.Order.objects.get(public_id=order_id)
        rest = order.amount - order.deposit
        if rest > 0:
            self.pay(order_id, PaymentKind.BALANCE, rest)

    def pay(self, order_id: UUID, kind: PaymentKind, amount: Decimal) -> None:
        payments.take(
            order_id,
            kind=kind,
            method=self.rng.choice((PaymentMethod.WECHAT, PaymentMethod.ALIPAY, PaymentMethod.CARD)),
            amount=amount,
            key=self.key(kind, order_id),
            by=self.world.first(RoleCode.CASHIER),
            now=self.now,
        )

    # ---- operation -----------------------------------------------------------------------------

    def schedule(self) -> Surgery | None:
        deep = self.procedure.needs_anaesthetist
        kind = "or" if self.procedure.is_operation else "treatment"
        day = local_date(self.now) + timedelta(days=self.rng.choice((1, 2, 2, 3, 3, 4, 5, 7)))
        for _try in range(12):
            nurse, helper = self.rng.sample(self.world.staff[RoleCode.NURSE], 2)
            team = surgeries.Team(
                nurse=nurse.public_id,
                anaesthetist=self.world.one(RoleCode.ANAESTHETIST, self.rng).public_id if deep else None,
                assistant=None if deep else helper.public_id,
            )
            with suppress(RuleBroken):
                return surgeries.schedule(
                    self.case.public_id,
                    room_id=self.rng.choice(self.world.rooms[kind]).public_id,
                    starts_at=shapes.at(day, 9 * 60 + 15 * self.rng.randrange(24)),
                    team=team,
                    by=self.world.first(RoleCode.SCHEDULER),
                    now=self.now,
                )
            day += timedelta(days=self.rng.choice((0, 0, 1)))
        return None

    def sign(self, plan_id: UUID, surgeon: Staff, surgery: Surgery) -> None:
        """Sign what is still unsigned; the physician who must talk, talks."""
        plan = surgery.plan
        anaesthetist = next(
            (each.staff for each in surgery.members.all() if each.part == Part.ANAESTHETIST), surgeon
        )
        for form in forms.required(plan, self.now):
            if form.signed is None:
                choices = ["care"] if form.template.kind == "image" else []
                talker = anaesthetist if form.template.kind == "anaesthesia" else surgeon
                consents.sign(
                    plan_id,
                    form_code=form.template.code,
                    signatures=consents.Signatures(
                        customer=drawn_signature(self.n), guardian=drawn_signature(self.n + 1) if self.guardian else ""
                    ),
                    questions="知道会肿一到两周，两侧不会完全一样。",
                    choices=choices,
                    guardian_id=self.guardian.public_id if self.guardian else None,
                    by=talker,
                    now=self.now,
                )

    def operate(self, surgery: Surgery, surgeon: Staff) -> Iterator[datetime]:
        surgery = surgeries.enter_room(surgery.public_id, by=surgeon, now=self.now)
        yield from self.pause(minutes=(3, 8))
        self.check(surgery, Phase.SIGN_IN)
        surgeries.start_anaesthesia(surgery.public_id, by=surgeon, now=self.now)
        yield from self.pause(minutes=(8, 20))
        self.check(surgery, Phase.TIME_OUT)
        surgeries.start_operation(surgery.public_id, by=surgeon, now=self.now)
        length = self.procedure.minutes_p50 * self.rng.lognormvariate(0, 0.18)
        yield from self.until(self.now + timedelta(minutes=max(8, round(length))))
        surgeries.finish_operation(
            surgery.public_id,
            record="按方案施术，过程顺利，止血彻底，逐层缝合。",
            blood_loss_ml=self.rng.randint(2, 60),
            by=surgeon,
            now=self.now,
        )
        yield from self.pause(minutes=(3, 8))
        self.check(surgery, Phase.SIGN_OUT)
        surgeries.leave_room(surgery.public_id, by=surgeon, now=self.now)

    def check(self, surgery: Surgery, phase: Phase) -> None:
        answers = {item.code: "20" if item.is_count else "yes" for item in checklist.ITEMS[phase]}
        members = {Part(each.part): each.staff for each in surgery.members.all()}
        deep = Part.ANAESTHETIST in members
        surgeries.answer_check(
            surgery.public_id, phase=phase, answers=answers, by=members[Part.NURSE], now=self.now
        )
        for part in checklist.signers(has_anaesthetist=deep):
            surgeries.sign_check(
                surgery.public_id, phase=phase, signer=members[part], by=members[Part.NURSE], now=self.now
            )

    def recover(self, surgery: Surgery) -> Iterator[datetime]:
        nurse = self.world.one(RoleCode.NURSE, self.rng)
        for n in range(4):
            yield from self.pause(minutes=(10, 13))
            recovery.observe(surgery.public_id, signs=self.vitals(n), by=nurse, now=self.now)
        yield from self.pause(minutes=(2, 8))
        recovery.discharge(
            surgery.public_id,
            escort_name=self.rng.choice(("母亲", "丈夫", "朋友")) + self.rng.choice("王李张刘"),
            escort_phone=f"128{self.rng.randrange(10**8):08d}",
            advice_given=True,
            by=nurse,
            now=self.now,
        )

    def vitals(self, n: int) -> recovery.Signs:
        awake = 2 if n else 1
        return recovery.Signs(
            at=self.now,
            systolic=self.rng.randint(104, 132),
            diastolic=self.rng.randint(62, 84),
            pulse=self.rng.randint(62, 88),
            respiration=self.rng.randint(13, 18),
            spo2=self.rng.randint(97, 100),
            temperature=Decimal(self.rng.randint(363, 371)) / 10,
            pain=self.rng.randint(0, 3),
            activity=2,
            breathing=2,
            circulation=2,
            consciousness=awake,
            oxygen=2,
        )

    # ---- afterwards ----------------------------------------------------------------------------

    def aftercare(self, surgeon: Staff) -> Iterator[datetime]:
        carer = self.world.first(RoleCode.AFTERCARE)
        is_reviewed = False
        while task := AftercareTask.objects.filter(case=self.case, status="open").order_by("due_at", "id").first():
            yield from self.until(max(task.due_at + self.minutes(-60, 300), self.now))
            if self.forgets():
                return
            if task.kind == "review":
                yield from self.review(surgeon, first=not is_reviewed)
                is_reviewed = True
            else:
                aftercare.finish_task(
                    task.public_id,
                    outcome=self.rng.choice(("恢复正常，无不适", "轻度肿胀，已嘱冷敷", "换药顺利，切口干燥", "已拆线，愈合好")),
                    has_red_flag=False,
                    by=carer,
                    now=self.now,
                )
            task.refresh_from_db()
            if task.status == "open":
                return

    def review(self, surgeon: Staff, *, first: bool) -> Iterator[datetime]:
        bad = self.rng.random() < shapes.COMPLICATES
        aftercare.review(
            self.case.public_id,
            findings=self.rng.choice(FINDINGS),
            complication=ClavienDindo.ONE if bad else ClavienDindo.NONE,
            complication_note="局部血肿，加压包扎后吸收" if bad else "",
            goal_reached=self.rng.choices((6, 7, 8, 9, 10), weights=(1, 2, 5, 6, 3))[0],
            by=surgeon,
            now=self.now,
        )
        if first:
            yield from self.answer(bad=bad)

    def answer(self, *, bad: bool) -> Iterator[datetime]:
        if self.rng.random() > shapes.ANSWERS:
            return
        yield from self.pause(minutes=(30, 60 * 30))
        message = Message.objects.filter(patient=self.patient, template__code="survey.invite").latest("created_at")
        token = str(message.params["link"]).rstrip("/").rsplit("/", 1)[-1]
        score = self.rng.choices((4, 6, 7, 8, 9, 10), weights=(1, 2, 3, 8, 10, 8) if not bad else (6, 4, 2, 1, 0, 0))[0]
        surveys.answer(
            token,
            score=score,
            dimensions={name: max(1, min(5, round(score / 2) + self.rng.choice((-1, 0, 0)))) for name in ("service", "doctor", "result")},
            comment=self.rng.choice(COMMENTS),
            now=self.now,
        )

    # ---- time and chance -----------------------------------------------------------------------

    def pause(self, *, minutes: tuple[int, int], latest: datetime | None = None) -> Iterator[datetime]:
        moment = self.now + self.minutes(*minutes)
        yield from self.until(min(moment, latest) if latest and latest > self.now else moment)

    def until(self, moment: datetime) -> Iterator[datetime]:
        self.now = max(moment, self.now)
        yield self.now

    def minutes(self, low: int, high: int) -> timedelta:
        return timedelta(minutes=self.rng.randint(low, high))

    def forgets(self) -> bool:
        return self.rng.random() < shapes.FORGETS

    def key(self, *parts: object) -> UUID:
        return uuid5(NAMESPACE, ":".join(str(part) for part in (self.patient.public_id, *parts)))


@lru_cache(maxsize=8)
def _stroke(kind: int) -> str:
    picture = Image.new("RGBA", (480, 160), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    rng = Random(kind)
    points = [(40 + 40 * n, 80 + rng.randint(-45, 45)) for n in range(11)]
    pen.line(points, fill=(20, 30, 40, 255), width=4, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def drawn_signature(n: int) -> str:
    """A drawn line, as the signature pad posts it."""
    return _stroke(n % 8)
