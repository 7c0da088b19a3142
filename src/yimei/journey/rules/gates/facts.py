"""What the gates of one case look at, and the line that each of them answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from yimei.core.errors import Missing
from yimei.journey.enums import ReferralOutcome

CLINICAL = frozenset({"tests", "fit", "body_image", "screening", "stops"})
"""Checks whose detail says something about health."""


@dataclass(frozen=True)
class Check:
    """One line of a gate: met or not, with its detail, its ground and the page that mends it."""

    code: str
    title: str
    is_met: bool
    detail: str = ""
    why: str = ""
    where: str = ""
    discreet: tuple[str, str, str] | None = None
    """Title, detail and ground for those to whom level 5 is not shown, where the others would tell it."""

    def seen_by(self, *, sees_special: bool) -> "Check":
        """The line as it may be shown: who does not treat her by name learns no level 5 (GB/T 39725)."""
        if sees_special or self.discreet is None:
            return self
        title, detail, why = self.discreet
        return replace(self, title=title, detail=detail, why=why)

    def as_missing(self, *, sees_clinical: bool = True, sees_special: bool = False) -> Missing:
        """Return it for a refusal; without its detail of health to those who may not see the chart."""
        said = self.seen_by(sees_special=sees_special)
        is_private = said.code in CLINICAL and not sees_clinical
        what = f"{said.title}：{said.detail}" if said.detail and not is_private else said.title
        return Missing(what=what, why=said.why, where="" if is_private else said.where)


@dataclass(frozen=True)
class TestFact:
    """One ordered test: the newest result, if any."""

    name: str
    is_done: bool = False
    is_abnormal: bool = False
    is_accepted: bool = False
    valid_to: date | None = None
    is_special: bool = False
    """Its result is level 5."""


@dataclass(frozen=True)
class StopFact:
    """One finding of a stop rule, and who let it pass."""

    words: str
    source: str = ""
    is_blocking: bool = True
    passed_by: str = ""
    passed_why: str = ""


@dataclass(frozen=True)
class FormFact:
    """One document that the plan asks for and whether it is signed for exactly this plan version."""

    title: str
    is_signed: bool
    was_voided: bool = False
    is_outgrown: bool = False


@dataclass(frozen=True)
class ReferralFact:
    """A screening that asks for a physician's decision, and the decision that stands, if any."""

    outcome: ReferralOutcome | None = None
    by_name: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the gates of one case look at; gathered by ``queries.facts``, judged here."""

    case_id: UUID
    patient_id: UUID
    on: date
    is_registered: bool = False
    has_health_consent: bool = False
    needs_guardian: bool = False
    has_guardian: bool = False
    is_consulted: bool = False
    is_assessed: bool = False
    is_fit: bool = False
    has_body_image_concern: bool = False
    tests: tuple[TestFact, ...] = ()
    tests_ordered: bool = False
    stops: tuple[StopFact, ...] = ()
    referrals: tuple[ReferralFact, ...] = ()
    plan_version: int | None = None
    plan_is_chosen: bool = False
    choice_holds: bool = True
    grade: int = 0
    institution_grade: int = 4
    privilege: tuple[Missing, ...] | None = None
    deposit_due: Decimal = Decimal("0")
    deposit_paid: Decimal = Decimal("0")
    has_order: bool = False
    forms: tuple[FormFact, ...] = ()
    cooling_until: datetime | None = None
    cooling_days: int = 0
    at: datetime | None = None
    has_operation: bool = False
    has_image_consent: bool = False
    photos_due: int = 0
    photos_taken: int = 0
    sign_out_done: bool = False
    recovery: tuple[Missing, ...] | None = None
    has_review: bool = False
    survey_settled: bool = False


Gate = Callable[[Facts], Iterable[Check]]
