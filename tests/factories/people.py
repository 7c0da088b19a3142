"""Staff, customers and those who answer for them, each valid on its own."""

from datetime import UTC, date, datetime
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from tests.factories.hospital import CampusFactory
from yimei.hospital.enums import Field, Grade
from yimei.people.actions import care, tokens
from yimei.people.enums import AlertKind, CareReason, GlassCode, LicenceKind, Relation, Sex, SourceKind
from yimei.people.models import (
    Alert,
    BreakGlass,
    CareRelation,
    Duty,
    Grant,
    Guardian,
    Licence,
    Patient,
    Person,
    Privilege,
    Role,
    Staff,
)
from yimei.people.roles import SEED_GRANTS, TOTP_ROLES, RoleCode
from yimei.vault.keys import new_key

PASSWORD = "correct-horse-battery"
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""Base32 of the RFC 6238 test secret 12345678901234567890."""

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class RoleFactory(DjangoModelFactory[Role]):
    """A seeded role with its seeded grants: `RoleFactory(code="nurse")`; the same row each time."""

    class Meta:
        model = Role
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = RoleCode.RECEPTION.value
    name = factory.LazyAttribute(
        lambda role: str(RoleCode(role.code).label) if role.code in RoleCode else role.code
    )
    needs_totp = factory.LazyAttribute(lambda role: role.code in TOTP_ROLES)

    @factory.post_generation
    def grants(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if self.code in RoleCode and not self.grants.exists():
            Grant.objects.bulk_create(
                Grant(role=self, permission=permission, scope=scope)
                for permission, scope in SEED_GRANTS[RoleCode(self.code)].items()
            )


class StaffFactory(DjangoModelFactory[Staff]):
    """`StaffFactory(role="surgeon", campus=campus)`; roles with a second factor have one confirmed."""

    class Meta:
        model = Staff

    role = RoleCode.RECEPTION.value
    campus = factory.SubFactory(CampusFactory)
    username = factory.Sequence(lambda n: f"staff{n}")
    name = factory.Sequence(lambda n: f"员工{n}")
    password = PASSWORD
    vault_key = factory.LazyFunction(new_key)
    password_changed_at = LONG_AGO

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        if isinstance(kwargs["role"], str):
            code = str(kwargs["role"])
            kwargs["role"] = Role.objects.filter(code=code).first() or RoleFactory(code=code)
        kwargs["password"] = make_password(kwargs["password"])
        if kwargs["role"].needs_totp:
            kwargs = {"totp_secret": TOTP_SECRET, "totp_confirmed_at": LONG_AGO, **kwargs}
        return kwargs


class PersonFactory(DjangoModelFactory[Person]):
    """An adult woman; her phone is of a range that nobody can dial."""

    class Meta:
        model = Person

    vault_key = factory.LazyFunction(new_key)
    name = "林晓雨"
    phone = factory.Sequence(lambda n: f"+8612{n:09d}")
    birth_date = date(1995, 3, 8)
    sex = Sex.FEMALE
    created_at = LONG_AGO


class PatientFactory(DjangoModelFactory[Patient]):
    """A pre-registered customer who can be found; `person__name="王芳"`, `registered=True` for 建档."""

    class Meta:
        model = Patient
        skip_postgeneration_save = True

    person = factory.SubFactory(PersonFactory)
    campus = factory.SubFactory(CampusFactory)
    source = SourceKind.PHONE
    created_at = LONG_AGO

    class Params:
        registered = factory.Trait(
            file_no=factory.Sequence(lambda n: f"ZX2025{n:06d}"),
            registered_at=LONG_AGO,
            registered_by=factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..campus")),
        )

    @factory.post_generation
    def search_tokens(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if self.merged_into_id:
            tokens.write(self)
        else:
            tokens.write_first(self)


class AlertFactory(DjangoModelFactory[Alert]):
    class Meta:
        model = Alert

    patient = factory.SubFactory(PatientFactory)
    kind = AlertKind.ALLERGY
    text = "青霉素"
    is_severe = True
    recorded_at = LONG_AGO
    recorded_by = factory.SubFactory(
        StaffFactory, role="nurse", campus=factory.SelfAttribute("..patient.campus")
    )


class GuardianFactory(DjangoModelFactory[Guardian]):
    """The verified mother of a patient."""

    class Meta:
        model = Guardian

    patient = factory.SubFactory(PatientFactory)
    person = factory.SubFactory(PersonFactory, name="林芳", birth_date=date(1975, 5, 1))
    relation = Relation.MOTHER
    proof = "户口簿"
    verified_at = LONG_AGO
    verified_by = factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..patient.campus"))


class LicenceFactory(DjangoModelFactory[Licence]):
    """A physician of aesthetic surgery of many years, registered as responsible."""

    class Meta:
        model = Licence

    staff = factory.SubFactory(StaffFactory, role="surgeon")
    kind = LicenceKind.PHYSICIAN
    field = Field.SURGERY
    number = factory.Sequence(lambda n: f"1103100000{n:05d}")
    practising_since = date(2010, 7, 1)
    is_responsible = True
    valid_to = date(2040, 12, 31)


class PrivilegeFactory(DjangoModelFactory[Privilege]):
    class Meta:
        model = Privilege

    staff = factory.SubFactory(StaffFactory, role="surgeon")
    field = Field.SURGERY
    max_grade = Grade.FOUR
    valid_from = date(2020, 1, 1)
    valid_to = date(2040, 12, 31)


class CareRelationFactory(DjangoModelFactory[CareRelation]):
    class Meta:
        model = CareRelation

    patient = factory.SubFactory(PatientFactory)
    staff = factory.SubFactory(StaffFactory, role="surgeon", campus=factory.SelfAttribute("..patient.campus"))
    reason = CareReason.SURGEON
    since = LONG_AGO


class DutyFactory(DjangoModelFactory[Duty]):
    """On duty from 9:00 to 18:00 in Shanghai on 16 June 2026."""

    class Meta:
        model = Duty

    staff = factory.SubFactory(StaffFactory, role="surgeon")
    starts_at = datetime(2026, 6, 16, 1, tzinfo=UTC)
    ends_at = datetime(2026, 6, 16, 10, tzinfo=UTC)


def broken_glass(
    patient: Patient,
    *,
    by: Staff,
    now: datetime,
    reason: str = "急诊接诊，术后出血，联系不上主诊",
    proof: str = PASSWORD,
) -> BreakGlass:
    """An emergency look, opened the only way there is."""
    return care.break_glass(
        patient.public_id, code=GlassCode.RESCUE, reason=reason, proof=proof, ip=None, by=by, now=now
    )
