"""Files of one woman joined by several people at one moment: no chain of files comes into being."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.factories.crowd import at_once
from tests.factories.people import PatientFactory, StaffFactory
from tests.people.test_merges import WHY, two_files
from yimei.core.errors import Conflict, RuleBroken
from yimei.people.actions import merges, pairs
from yimei.people.models import Merge, Patient, Staff

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow(reason="real threads over connections of their own"),
]


def joining(kept: Patient, absorbed: Patient, *, by: Staff, now: datetime) -> Callable[[], Merge]:
    pair = pairs.propose(kept.public_id, absorbed.public_id, by=by, now=now)
    return lambda: merges.ask(pair.public_id, kept_id=kept.public_id, reason=WHY, by=by, now=now)


def test_files_joined_in_a_ring_at_one_moment_end_as_one_pair(now: datetime) -> None:
    by = StaffFactory(role="reception")
    one, two, three = PatientFactory.create_batch(3, campus=by.campus)
    ring = [(one, two), (two, three), (three, one)]
    ends = at_once([joining(kept, absorbed, by=by, now=now) for kept, absorbed in ring])
    lost = [end for end in ends if isinstance(end, BaseException)]
    assert len(lost) == 2
    assert all(isinstance(end, Conflict | RuleBroken) for end in lost), lost
    assert Merge.objects.filter(made_at__isnull=False).count() == 1
    assert Patient.objects.exclude(merged_into=None).count() == 1
    assert not Patient.objects.filter(merged_into__merged_into__isnull=False).exists()


def test_two_files_joined_both_ways_at_one_moment_are_joined_once(now: datetime) -> None:
    by = StaffFactory(role="reception")
    one, two = PatientFactory.create_batch(2, campus=by.campus)
    pair = pairs.propose(one.public_id, two.public_id, by=by, now=now)
    ends = at_once(
        [
            lambda kept=kept: merges.ask(  # type: ignore[misc]
                pair.public_id, kept_id=kept.public_id, reason=WHY, by=by, now=now
            )
            for kept in (one, two)
        ]
    )
    [lost] = [end for end in ends if isinstance(end, BaseException)]
    assert isinstance(lost, Conflict), repr(lost)
    assert Patient.objects.exclude(merged_into=None).count() == 1


def test_who_is_joined_and_parted_at_one_moment_is_one_or_two_but_whole(now: datetime) -> None:
    by, one, two = two_files()
    merge = joining(one, two, by=by, now=now)()
    part = lambda: merges.undo(merge.public_id, reason="并错了人", is_different=True, by=by, now=now)
    ends = at_once([part, part])
    assert [type(end).__name__ for end in ends if isinstance(end, BaseException)] == ["Conflict"], ends
    assert not Patient.objects.exclude(merged_into=None).exists()
