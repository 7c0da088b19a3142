import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from tests.core.probes import Slot
from tests.factories.crowd import at_once
from yimei.core.database.locks import lock

TEN = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_a_lock_belongs_to_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        lock("doctor:1")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("probe_tables")
def test_of_many_contenders_for_one_time_exactly_one_wins_and_nobody_meets_a_deadlock() -> None:
    rooms = [uuid.UUID(int=number) for number in range(1, 5)]
    outcomes: list[str] = []

    def contend(number: int) -> None:
        order = rooms if number % 2 else rooms[::-1]
        shift = timedelta(minutes=15 * (number % 2))
        for room in order:
            try:
                with transaction.atomic():
                    lock(*(f"room:{one}" for one in (room, order[0])))
                    Slot.objects.create(
                        resource_id=room, starts_at=TEN + shift, ends_at=TEN + shift + timedelta(hours=1)
                    )
                outcomes.append("won")
            except IntegrityError as error:
                outcomes.append("lost" if "probe_slot_no_overlap" in str(error) else repr(error))

    assert at_once([partial(contend, number) for number in range(10)]) == [None] * 10
    assert sorted(outcomes) == ["lost"] * 36 + ["won"] * 4
    assert Slot.objects.count() == len(rooms)
    Slot.objects.all().delete()
