"""What ships with the program, loaded by the program and kept (`tests.factories.kept`)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.kept import kept
from tests.factories.people import StaffFactory
from yimei.hospital.models import Campus
from yimei.outbox.actions import reference as outbox_reference
from yimei.people.models import Staff
from yimei.privacy.actions import reference

HOSPITAL = {"name": "颐美示范医院", "address": "上海市示范路 1 号", "phone": "021-00000000"}
"""What a notice must say of the house."""


def register(at: datetime) -> None:
    """Purposes, periods, numbers, packs and courses; the notices as well where there is a campus."""
    kept(lambda: reference.load(at), register, at)


def texts(at: datetime) -> None:
    """The texts of messages and their numbers."""
    kept(lambda: outbox_reference.load(at), texts, at)


def campus(at: datetime, **values: Any) -> Campus:
    """A campus with the register, its notices, and the texts of messages."""

    def built() -> Campus:
        made = CampusFactory(**values)
        reference.load(at)
        outbox_reference.load(at)
        return made

    return kept(built, campus, at, frozenset(values.items()))


def officer(at: datetime) -> Staff:
    """The privacy officer of a campus that has all this."""
    return kept(lambda: StaffFactory(role="privacy", campus=campus(at, **HOSPITAL)), officer, at)


def officer_since(*, days: int = 0) -> Staff:
    """The same on the clock of the machine."""

    def built() -> Staff:
        made = CampusFactory(**HOSPITAL)
        at = timezone.now() - timedelta(days=days)
        reference.load(at)
        outbox_reference.load(at)
        return StaffFactory(role="privacy", campus=made)

    return kept(built, officer_since, days)
