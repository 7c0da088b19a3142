"""Reads about plans and the documents signed for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from yimei.hospital.enums import Anaesthesia
from yimei.journey.enums import Side
from yimei.journey.models import Case, Plan
from yimei.journey.rules import plans as rules


def content(plan: Plan) -> rules.Content:
    """Return the words of one version, as the customer reads and signs them."""
    return rules.Content(
        procedure=plan.procedure.name,
        side=str(Side(plan.side).label),
        anaesthesia=str(Anaesthesia(plan.anaesthesia).label),
        surgeon=plan.surgeon.name,
        surgeon_id=plan.surgeon.public_id,
        sites=plan.sites,
        implants=plan.implants,
        alternatives=plan.alternatives,
        risks=plan.risks,
        price=plan.price,
    )


@dataclass(frozen=True)
class Version:
    """One plan with what it changed against the version before."""

    plan: Plan
    differences: Sequence[rules.Difference] = ()


def versions(case: Case) -> Sequence[Version]:
    """Newest first; the first version has no differences."""
    rows = list(
        case.plans.select_related("procedure", "surgeon", "case__patient__person__vault_key").order_by(
            "-version"
        )
    )
    changes = [rules.differences(content(older), content(newer)) for newer, older in pairwise(rows)]
    return [Version(plan, change) for plan, change in zip(rows, [*changes, ()], strict=False)]


def in_force(case: Case) -> Plan | None:
    """The newest plan that is not superseded."""
    return (
        case.plans.filter(superseded_at=None)
        .select_related("procedure", "surgeon", "case__patient__person__vault_key")
        .order_by("-version")
        .first()
    )
