"""In the consulting room: consultation, quote, assessment, tests, plan and deposit."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from yimei.billing.actions import orders, payments, quotes
from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.billing.models import Order, Quote
from yimei.core.clock import local_date
from yimei.hospital.enums import Anaesthesia, Category, TestKind
from yimei.hospital.models import TestItem
from yimei.journey.actions import assessments, cases, consultations, plans, tests
from yimei.journey.enums import Asa, LossReason, Side
from yimei.journey.models import TestOrder
from yimei.journey.queries import facts
from yimei.journey.queries.assessments import limits_of
from yimei.people.actions import alerts
from yimei.people.enums import AlertKind, Sex
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.operation import drawn_signature
from yimei.rehearsal.actions.walks.way import DAY, MINUTE, Way
from yimei.rehearsal.rules import shapes

GOALS = (
    "自然一点，平时不化妆也好看",
    "想要窄一点的扇形，不要太宽",
    "侧面线条高一点，但不要太假",
    "显年轻一些，别人看不出来做过",
    "腰腹紧一点，夏天能穿短上衣",
)
REACHABLE = ("可改善约六到七成，两侧对称度提高", "形态可调整，恢复期约三个月", "轮廓可收窄，皮肤松弛另行处理")
UNREACHABLE = ("不能做到完全对称", "不能达到照片里他人的效果", "瘢痕不能完全消失，只能变淡")
ALLERGIES = ("青霉素过敏", "利多卡因过敏史待查", "头孢皮疹", "碘伏过敏")


class Clinic(Way):
    """From the consultation to the deposit."""

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
        yield from self.pause(minutes=(1 * DAY, 6 * DAY) if self.rng.random() < 0.85 else (6 * DAY, 25 * DAY))
        reason = self.rng.choice(list(LossReason))
        cases.lose(self.case.public_id, reason=reason, by=consultant, now=self.now)

    def quote(self, consultant: Staff) -> Quote:
        percent = self.rng.choice((0, 0, 0, 5, 10))
        offers = self.world.offers[Category(self.procedure.category)]
        offer = next(each for each in offers if each.procedure == self.procedure)
        price = shapes.rounded(offer.price or Decimal(0), percent)
        return quotes.offer(
            self.patient.public_id,
            episode=self.case.public_id,
            campus=self.world.campus,
            lines=[(self.procedure.public_id, price, 1, "首次到院优惠" if percent else "")],
            by=consultant,
            now=self.now,
        )

    def assess(self, surgeon: Staff) -> None:
        if self.rng.random() < shapes.HAS_ALLERGY:
            alerts.add(
                self.patient.public_id,
                kind=AlertKind.ALLERGY,
                text=self.rng.choice(ALLERGIES),
                is_severe=self.rng.random() < 0.5,
                by=surgeon,
                at=self.now,
            )
        height = Decimal(self.rng.randint(1520, 1760)) / 10
        history = dict.fromkeys(("diabetes", "hypertension", "bleeding", "keloid"), "no")
        history |= {"smoking": "never", "surgery": self.rng.choice(("no", "no", "no", "yes"))}
        if self.who.sex == Sex.FEMALE:
            history["pregnancy"] = "none"
        assessments.record(
            self.case.public_id,
            height_cm=height,
            weight_kg=((height - 105) * self.rng.randint(85, 115) / 100).quantize(Decimal("0.1")),
            asa=Asa.ONE if self.rng.random() < 0.85 else Asa.TWO,
            history=history,
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
            self._take(order, nurse=nurse, surgeon=surgeon)

    def repeat_tests(self, surgeon: Staff, *, day: date) -> None:
        """Take once more what will have run out by the day of the operation."""
        nurse = self.world.one(RoleCode.NURSE, self.rng)
        for order in facts.test_orders(self.case):
            if order.results.all()[0].valid_to < day:
                self._take(order, nurse=nurse, surgeon=surgeon)

    def _take(self, order: TestOrder, *, nurse: Staff, surgeon: Staff) -> None:
        value, finding = self.result(order.test)
        result = tests.record(
            order.public_id,
            value=value,
            finding=finding,
            taken_at=self.now - 15 * MINUTE,
            by=nurse,
            now=self.now,
        )
        if result.is_abnormal:
            reason = "轻度偏离，无临床意义，可手术"
            tests.accept(result.public_id, reason=reason, by=surgeon, now=self.now)

    def result(self, test: TestItem) -> tuple[str, str]:
        if test.kind == TestKind.FINDING:
            return "", test.normal_text
        limits = limits_of(test, self.patient.person, local_date(self.now))
        low = limits.low if limits.low is not None else (limits.high or Decimal(1)) / 2
        high = limits.high if limits.high is not None else low * 2
        share = Decimal(self.rng.randint(10, 90)) / 100
        if self.rng.random() < shapes.ABNORMAL:
            share = Decimal("1.04")
        return f"{(low + (high - low) * share).quantize(Decimal('0.01')):f}", ""

    def plan(self, surgeon: Staff, quote: Quote) -> UUID:
        sides = (Side.BOTH, Side.BOTH, Side.LEFT, Side.RIGHT)
        draft = plans.Draft(
            side=self.rng.choice(sides) if self.procedure.has_side else Side.NONE,
            anaesthesia=Anaesthesia(self.procedure.anaesthesia),
            sites="按术前标记线设计",
            implants="",
            alternatives="选择创伤更小、维持时间更短的方式",
            doing_nothing="维持现状，没有手术风险，外观不会改变",
            risks="出血、感染、瘢痕、不对称、效果与期望有差距、需要再次手术",
            price=quote.lines.get().price,
            quote_id=quote.public_id,
        )
        return plans.finalise(self.case.public_id, draft=draft, by=surgeon, now=self.now).public_id

    def choice(self, witness: Staff) -> plans.Choice:
        """An adult says so before a witness; for a minor her guardian signs, and she is heard."""
        if self.guardian is None:
            return plans.Choice(words="就选这个方案", witness=witness.public_id, told_over_budget=True)
        return plans.Choice(
            signature=drawn_signature(self.n + 1),
            words="我也想做这个",
            guardian_id=self.guardian.public_id,
            told_over_budget=True,
        )

    def pay_deposit(self, quote: Quote, consultant: Staff) -> Order:
        order = orders.open_from_quote(quote.public_id, by=consultant, now=self.now)
        if order.deposit > 0:
            self._pay(order, PaymentKind.DEPOSIT, order.deposit)
        return order

    def pay_rest(self, order: Order) -> None:
        rest = order.amount - order.deposit
        if rest > 0:
            self._pay(order, PaymentKind.BALANCE, rest)

    def _pay(self, order: Order, kind: PaymentKind, amount: Decimal) -> None:
        payments.take(
            order.public_id,
            kind=kind,
            method=self.rng.choice((PaymentMethod.WECHAT, PaymentMethod.ALIPAY, PaymentMethod.CARD)),
            amount=amount,
            key=self.key(kind, order.public_id),
            by=self.world.first(RoleCode.CASHIER),
            now=self.now,
        )
