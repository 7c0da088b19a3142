"""Who may operate: the responsible physician (regulations H-1) and the hospital's own authorisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.core.clock import add_years, local_date
from yimei.core.errors import Missing
from yimei.hospital.enums import Field, Grade
from yimei.people.enums import LicenceKind


@dataclass(frozen=True)
class ExperienceRule:
    """Calendar years of practice in the field that a responsible physician needs."""

    field: Field
    years: int
    source: str
    effective_from: date
    effective_to: date | None = None


MEASURES = "《医疗美容服务管理办法》第十一条"
IN_FORCE = date(2002, 5, 1)

EXPERIENCE = (
    ExperienceRule(Field.SURGERY, 6, MEASURES, IN_FORCE),
    ExperienceRule(Field.DENTAL, 5, MEASURES, IN_FORCE),
    ExperienceRule(Field.DERMATOLOGY, 3, MEASURES, IN_FORCE),
    ExperienceRule(Field.TCM, 3, MEASURES, IN_FORCE),
)


class LicenceFacts(Protocol):
    """What the rule reads of a licence."""

    @property
    def kind(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def practising_since(self) -> date: ...
    @property
    def is_responsible(self) -> bool: ...
    @property
    def valid_to(self) -> date | None: ...


class PrivilegeFacts(Protocol):
    """What the rule reads of an authorisation."""

    @property
    def field(self) -> str: ...
    @property
    def max_grade(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...
    @property
    def ended_at(self) -> datetime | None: ...


def experience_rule(field: Field, on: date) -> ExperienceRule:
    """Return the rule in force on a day."""
    for rule in EXPERIENCE:
        ends = rule.effective_to or date.max
        if rule.field == field and rule.effective_from <= on < ends:
            return rule
    raise LookupError(f"no experience rule for {field} on {on}")


def missing_for_responsible(
    licences: Iterable[LicenceFacts], *, field: Field, on: date, where: str = ""
) -> list[Missing]:
    """Return what keeps somebody from being the responsible physician of a field on a day."""
    rule = experience_rule(field, on)
    named = {"field": field.label}
    licence = next((x for x in licences if x.kind == LicenceKind.PHYSICIAN and x.field == field), None)
    if licence is None:
        return [Missing(_("%(field)s执业医师证") % named, rule.source, where)]
    missing = []
    if licence.valid_to is not None and licence.valid_to < on:
        missing.append(Missing(_("有效期内的%(field)s执业医师证") % named, rule.source, where))
    if not licence.is_responsible:
        missing.append(Missing(_("%(field)s主诊医师备案") % named, rule.source, where))
    if on < add_years(licence.practising_since, rule.years):
        what = _("从事%(field)s满 %(years)d 年") % {**named, "years": rule.years}
        missing.append(Missing(what, rule.source, where))
    return missing


def missing_for_grade(
    privileges: Iterable[PrivilegeFacts], *, field: Field, grade: Grade, on: date, where: str = ""
) -> list[Missing]:
    """Return the authorisation that lacks for a grade on a day; what is no operation asks for none."""
    if grade == Grade.NONE:
        return []
    if any(x.field == field and x.max_grade >= grade and _stands(x, on) for x in privileges):
        return []
    what = _("%(field)s%(grade)s手术授权") % {"field": field.label, "grade": grade.label}
    return [Missing(what, _("本院手术分级授权"), where)]


def _stands(privilege: PrivilegeFacts, on: date) -> bool:
    """What was withdrawn counts on no day any more, whatever it was granted for."""
    return privilege.ended_at is None and privilege.valid_from <= on <= privilege.valid_to


@dataclass(frozen=True)
class Leg:
    """One leg on which the right to operate stands: met or not, its article, what is known."""

    title: str
    why: str
    is_met: bool
    detail: str = ""


def legs(
    licences: Iterable[LicenceFacts],
    privileges: Iterable[PrivilegeFacts],
    *,
    field: Field,
    grade: Grade,
    on: date,
) -> list[Leg]:
    """Return every leg in order: licence, its validity, registration, years in the field, authorisation."""
    rule, named = experience_rule(field, on), {"field": field.label}
    licence = next((x for x in licences if x.kind == LicenceKind.PHYSICIAN and x.field == field), None)
    title = _("%(field)s执业医师证") % named
    if licence is None:
        return [Leg(title, rule.source, False, _("没有登记"))]
    until = _("有效至 %(day)s") % {"day": licence.valid_to} if licence.valid_to else _("长期有效")
    found = [
        Leg(title, rule.source, licence.valid_to is None or licence.valid_to >= on, until),
        Leg(_("%(field)s主诊医师备案") % named, rule.source, licence.is_responsible),
        Leg(
            _("从事%(field)s满 %(years)d 年") % {**named, "years": rule.years},
            rule.source,
            on >= add_years(licence.practising_since, rule.years),
            _("%(day)s 起") % {"day": licence.practising_since},
        ),
    ]
    if grade == Grade.NONE:
        return found
    fitting = [x for x in privileges if x.field == field and x.max_grade >= grade]
    valid = [x for x in fitting if _stands(x, on)]
    best = max(valid or fitting, key=lambda x: x.valid_to, default=None)
    what = _("%(field)s%(grade)s手术授权") % {"field": field.label, "grade": grade.label}
    span = (
        _("%(start)s 至 %(end)s") % {"start": best.valid_from, "end": best.valid_to}
        if best
        else _("没有授权")
    )
    if best is not None and best.ended_at is not None:
        span = _("%(day)s 撤销") % {"day": local_date(best.ended_at)}
    return [*found, Leg(what, _("本院手术分级授权"), bool(valid), span)]


def missing_to_operate(
    licences: Iterable[LicenceFacts],
    privileges: Iterable[PrivilegeFacts],
    *,
    field: Field,
    grade: Grade,
    on: date,
    where: str = "",
) -> list[Missing]:
    return [
        *missing_for_responsible(licences, field=field, on=on, where=where),
        *missing_for_grade(privileges, field=field, grade=grade, on=on, where=where),
    ]
