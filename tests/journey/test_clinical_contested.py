"""Two hands at once: one operation for each place, one signature, one way home, one payment."""

from collections import Counter
from uuid import uuid4

import pytest

from tests.factories.crowd import ends_of
from tests.factories.hospital import RoomFactory
from tests.stories.hospital import DAY, HOUR, MINUTE, TEN, Customer, Hospital
from yimei.billing.actions import payments
from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.billing.models import Payment
from yimei.hospital.enums import RoomKind
from yimei.journey.actions import surgeries
from yimei.journey.enums import Phase
from yimei.journey.models import ChecklistSignature, ConsentForm, Discharge, ResourceClaim, Surgery

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="real threads fight over committed rows"),
]
KNIFE = TEN + 2 * DAY
HANDS = 4


def planned(at: Hospital, n: int) -> Customer:
    """Another customer of the same surgeon, ready for the board."""
    customer = Customer(at, name=f"客户{'甲乙丙丁'[n]}")
    at.now = TEN - 3 * DAY
    customer.call(TEN + n * HOUR)
    customer.confirm()
    at.now = TEN + n * HOUR
    customer.register()
    customer.arrive()
    customer.agree("care.health")
    customer.consult()
    customer.walk_to_plan()
    return customer


@pytest.mark.parametrize("contested", ["everything", "room", "surgeon"])
def test_one_of_many_operations_gets_the_place(contested: str) -> None:
    at = Hospital()
    customers = [planned(at, n) for n in range(HANDS)]
    rooms = RoomFactory.create_batch(HANDS, campus=at.campus, kind=RoomKind.OR)
    nurses = [at.staff("nurse", f"护士{n}") for n in range(HANDS)]
    doctors = [at.staff("anaesthetist", f"麻醉{n}") for n in range(HANDS)]

    def schedule(n: int) -> object:
        everything = contested == "everything"
        return surgeries.schedule(
            customers[n].case.public_id,
            room_id=at.theatre.public_id if contested == "room" or everything else rooms[n].public_id,
            starts_at=KNIFE + (15 * MINUTE if n % 2 else 0 * MINUTE),
            team=at.team
            if everything
            else surgeries.Team(nurse=nurses[n].public_id, anaesthetist=doctors[n].public_id),
            by=at.scheduler,
            now=at.now,
        )

    ends = ends_of([lambda n=n: schedule(n) for n in range(HANDS)])  # type: ignore[misc]
    assert Counter(ends) == Counter(won=1, conflict=HANDS - 1)
    assert Surgery.objects.count() == 1
    assert ResourceClaim.objects.filter(released_at=None, surgery__isnull=False).count() == 5


def test_two_clicks_put_one_patient_on_the_board_once() -> None:
    at = Hospital()
    she = planned(at, 0)
    ends = Counter(ends_of([lambda: she.schedule(KNIFE)] * HANDS))
    assert ends["won"] == 1
    assert Surgery.objects.count() == 1


def test_two_clicks_sign_pay_and_go_home_once() -> None:
    at = Hospital()
    she = planned(at, 0)
    she.schedule(KNIFE)
    ends = Counter(ends_of([lambda: she.sign("consent-eye")] * HANDS))
    assert ends["won"] == 1
    assert ConsentForm.objects.count() == 1
    key = uuid4()

    def pay() -> object:
        return payments.take(
            she.order.public_id,
            kind=PaymentKind.BALANCE,
            method=PaymentMethod.CARD,
            amount=she.order.amount - she.order.deposit,
            key=key,
            by=at.cashier,
            now=at.now,
        )

    assert set(ends_of([pay] * HANDS)) == {"won"}
    assert Payment.objects.count() == 2
    for code in ("anaesthesia-local", "image"):
        she.sign(code)
    at.now = KNIFE
    she.enter()
    she.answer(Phase.SIGN_IN)
    ends = Counter(ends_of([lambda: she.sign_check(Phase.SIGN_IN, at.nurse)] * HANDS))
    assert ends["won"] == 1
    assert ChecklistSignature.objects.count() == 1
    she.sign_check(Phase.SIGN_IN, at.surgeon)
    she.sign_check(Phase.SIGN_IN, at.anaesthetist)
    surgeries.start_anaesthesia(she.surgery.public_id, by=at.anaesthetist, now=at.later(minutes=5))
    she.pass_check(Phase.TIME_OUT)
    surgeries.start_operation(she.surgery.public_id, by=at.surgeon, now=at.later(minutes=5))
    surgeries.finish_operation(
        she.surgery.public_id,
        record="按方案施术，过程顺利，逐层缝合。",
        blood_loss_ml=5,
        by=at.surgeon,
        now=at.later(minutes=60),
    )
    she.pass_check(Phase.SIGN_OUT)
    surgeries.leave_room(she.surgery.public_id, by=at.nurse, now=at.later(minutes=5))
    for _each in range(4):
        at.later(minutes=12)
        she.observe()
    ends = Counter(ends_of([she.go_home] * HANDS))
    assert ends["won"] == 1
    assert Discharge.objects.count() == 1
    steps = at.procedure.aftercare_steps.count()
    assert she.case.aftercare_tasks.count() == steps
