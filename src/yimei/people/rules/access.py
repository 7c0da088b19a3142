"""May this member of staff see this field of this person for this purpose? One function, no database.

Everything it needs is read once for a request: the reader's grants, what ties her to the person, and what
the data map says of the field. Role, scope, purpose and level must agree; the first that does not decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from yimei.people.enums import Level, LookPurpose, Why
from yimei.people.roles import Permission, Scope

P, L = Permission, LookPurpose


class DataClass(StrEnum):
    """How private a column is, in the words of PRIVACY."""

    PLAIN = "plain"
    PERSONAL = "personal"
    HEALTH = "health"
    SECRET = "secret"


RIGHT_OF: Mapping[DataClass, Permission | None] = {
    DataClass.PLAIN: P.PATIENT_VIEW,
    DataClass.PERSONAL: P.PATIENT_VIEW,
    DataClass.HEALTH: P.CLINICAL_VIEW,
    DataClass.SECRET: None,
}
"""The right that a class asks for, unless the map names another; what is secret nobody reads."""

HIGHEST: Mapping[LookPurpose, Level] = {
    L.TREATMENT: Level.SPECIAL,
    L.EMERGENCY: Level.SPECIAL,
    L.AFTERCARE: Level.DIRECT,
    L.REQUEST: Level.DIRECT,
    L.SERVICE: Level.DIRECT,
    L.SCHEDULING: Level.PARTLY,
    L.MONEY: Level.PARTLY,
    L.MANAGEMENT: Level.WIDE,
}
"""How far a purpose reaches (个人信息保护法 第六条: no more than the purpose needs)."""

CHART_PURPOSES = frozenset({L.TREATMENT, L.EMERGENCY, L.AFTERCARE, L.REQUEST})
"""What a chart may be opened for; service, scheduling and money do not need it."""


class Answer(Enum):
    SHOW = "show"
    MASK = "mask"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, read once a request."""

    id: int
    campus_id: int | None
    scopes: Mapping[Permission, Scope]
    is_active: bool = True
    is_trained: bool = True
    """Whether the yearly privacy training is passed (个人信息保护法 第五十一条第四项)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data, and what ties the reader to her, read once a request."""

    campus_id: int | None
    cares: bool = False
    glass_until: datetime | None = None
    is_sealed: bool = False
    is_minor: bool = False
    minor_until: datetime | None = None
    """Until when a look at this minor is approved for this reader."""
    employee_id: int | None = None
    """The member of staff who is this patient, if she is one."""
    is_vip: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """What the data map says of one column."""

    name: str
    data_class: DataClass
    level: Level
    right: Permission | None
    is_spi: bool = False
    """Sensitive personal information (个人信息保护法 第二十八条, GB/T 45574)."""


@dataclass(frozen=True, slots=True)
class Decision:
    answer: Answer
    why: Why

    @property
    def may_see(self) -> bool:
        return self.answer is Answer.SHOW


SHOWN = {why: Decision(Answer.SHOW, why) for why in Why}
MASKED = {why: Decision(Answer.MASK, why) for why in Why}
HIDDEN = {why: Decision(Answer.HIDE, why) for why in Why}
"""Made once: a decision is asked for every cell of a page."""


def decide(reader: Reader, subject: Subject, field: Field, purpose: LookPurpose, now: datetime) -> Decision:
    """Say whether a field is shown, masked or hidden, and by which rule."""
    if not reader.is_active:
        return HIDDEN[Why.INACTIVE]
    if field.right is None:
        return HIDDEN[Why.SECRET]
    if subject.is_sealed:
        return HIDDEN[Why.SEALED]
    if field.level >= Level.DIRECT and not reader.is_trained:
        return HIDDEN[Why.UNTRAINED]
    if field.right == P.CLINICAL_VIEW and purpose not in CHART_PURPOSES:
        return HIDDEN[Why.PURPOSE]
    ground = ground_of(reader, subject, field.right, now)
    if ground not in GROUNDS:
        return HIDDEN[ground]
    if field.level > HIGHEST[purpose]:
        return MASKED[Why.PURPOSE]
    if field.level == Level.SPECIAL and ground not in NAMED_GROUNDS:
        return HIDDEN[Why.NAMED_ONLY]
    if field.level == Level.DIRECT and subject.is_vip and ground == Why.SCOPE:
        return MASKED[Why.VIP]
    return SHOWN[ground]


def ground_of(reader: Reader, subject: Subject, permission: Permission, now: datetime) -> Why:
    """Return what lets this reader reach this person under a right, or what does not.

    Care comes first; then an emergency look; only then the width of the role, which is not enough for the
    charts of minors (未成年人网络保护条例 第三十六条) and of colleagues.
    """
    scope = reader.scopes.get(permission)
    if scope is None:
        return Why.ROLE
    if subject.employee_id is not None and subject.employee_id == reader.id:
        return Why.SELF
    if subject.cares:
        return Why.CARE
    is_chart = permission == P.CLINICAL_VIEW
    if is_chart and subject.glass_until is not None and now < subject.glass_until:
        return Why.EMERGENCY
    if scope != Scope.GROUP and (scope != Scope.CAMPUS or subject.campus_id != reader.campus_id):
        return Why.OUT_OF_SCOPE
    if is_chart:
        if subject.employee_id is not None:
            return Why.COLLEAGUE
        if subject.is_minor:
            approved = subject.minor_until is not None and now < subject.minor_until
            return Why.APPROVED if approved else Why.MINOR
    return Why.SCOPE


GROUNDS = frozenset({Why.CARE, Why.EMERGENCY, Why.APPROVED, Why.SCOPE})
NAMED_GROUNDS = frozenset({Why.CARE, Why.EMERGENCY})
"""Level 5 is for those who treat this person by name (GB/T 39725)."""
