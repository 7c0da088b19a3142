"""People who do not exist, one for each member of staff: whoever opens one had no work there."""

from datetime import datetime
from random import Random

from django.db import transaction

from yimei.audit import log
from yimei.core import phone
from yimei.people.access import need
from yimei.people.actions import care, tokens
from yimei.people.enums import CareReason, Sex, SourceKind, TokenKind
from yimei.people.models import Canary, Patient, Person, Staff
from yimei.people.roles import Permission, Scope
from yimei.vault import blind
from yimei.vault.keys import new_key

SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林罗高"
GIVEN = ("雨桐", "思涵", "梓萱", "欣怡", "诗琪", "佳怡", "晓彤", "若曦", "语嫣", "静怡", "雅婷", "嘉慧")
UNDIALLED = "+86120"
"""A range that nobody can be called at; the hospital may put a number of its own there to hear who calls."""


@transaction.atomic
def plant(*, by: Staff, now: datetime) -> int:
    """Plant one for everybody who may find customers and has none yet; return how many."""
    need(by, Permission.PRIVACY_WRITE)
    waiting = [
        staff
        for staff in Staff.objects.active().filter(canary=None).select_related("role", "campus")
        if staff.may(Permission.PATIENT_VIEW)
    ]
    for staff in waiting:
        _plant(staff, by=by, now=now)
    if waiting:
        log.record("people.canary.planted", at=now, by=by, rows=len(waiting))
    return len(waiting)


@transaction.atomic
def trace(number: str, *, by: Staff, now: datetime) -> Canary | None:
    """Say for whom the canary was planted that has this number; nobody is told of her own."""
    need(by, Permission.PRIVACY_WRITE)
    token = blind.token(TokenKind.PHONE.value, phone.normalise(number))
    rows = Canary.objects.exclude(planted_for=by).select_related("planted_for__role")
    found = rows.filter(patient__person__tokens__token=token).first()
    log.record("people.canary.traced", at=now, by=by, detail={"found": found is not None})
    return found


def _plant(staff: Staff, *, by: Staff, now: datetime) -> Canary:
    chance = Random(str(staff.public_id))
    person = Person.objects.create(
        vault_key=new_key(),
        name=chance.choice(SURNAMES) + chance.choice(GIVEN),
        phone=UNDIALLED + f"{chance.randrange(10**8):08d}",
        sex=Sex.FEMALE,
        birth_date=now.date().replace(year=now.year - chance.randint(22, 45), day=1),
        created_at=now,
    )
    patient = Patient.objects.create(
        person=person, campus=staff.campus, source=SourceKind.PHONE, created_at=now
    )
    tokens.write_first(patient)
    if staff.scope_of(Permission.PATIENT_VIEW) == Scope.OWN:
        care.begin(patient, staff=staff, reason=CareReason.ONLINE, at=now)
    return Canary.objects.create(patient=patient, planted_for=staff, planted_by=by, planted_at=now)
