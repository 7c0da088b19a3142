"""What must come before each step: a gate names what is missing, which rule asks for it and where to mend it.

A gate is a plain function from Facts to Checks. ``GATES`` says which gates stand before which stage: the law
and the checklist of the hospital in one table, so that nobody has to remember it.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.journey.enums import CaseStage as Stage
from yimei.journey.rules.gates.chart import assessed, consulted, screened, stops, tested, tests
from yimei.journey.rules.gates.facts import Check, Facts, Gate
from yimei.journey.rules.gates.person import cooling, forms, guardian, health_consent, registered
from yimei.journey.rules.gates.work import (
    deposit,
    operation,
    photos,
    plan,
    privilege,
    recovery,
    reviewed,
    sign_out,
    surveyed,
)

BEFORE_OPERATION: tuple[Gate, ...] = (
    health_consent,
    guardian,
    screened,
    privilege,
    tests,
    stops,
    plan,
    cooling,
    deposit,
    operation,
    photos,
    forms,
)
"""What the customer page shows as 「手术前必须齐备」."""
GATES: Mapping[Stage, tuple[Gate, ...]] = {
    Stage.ARRIVED: (registered,),
    Stage.CONSULTED: (registered, health_consent, consulted),
    Stage.ASSESSED: (health_consent, guardian, assessed),
    Stage.PLANNED: (health_consent, guardian, assessed, screened, tests, privilege, plan),
    Stage.SCHEDULED: (
        health_consent,
        guardian,
        screened,
        privilege,
        tested,
        stops,
        plan,
        cooling,
        deposit,
    ),
    Stage.IN_SURGERY: BEFORE_OPERATION,
    Stage.RECOVERING: (sign_out,),
    Stage.DISCHARGED: (recovery,),
    Stage.REVIEWED: (reviewed,),
    Stage.CLOSED: (surveyed,),
}


def checks(gates: Iterable[Gate], facts: Facts) -> tuple[Check, ...]:
    return tuple(check for gate in gates for check in gate(facts))


def before(stage: Stage, facts: Facts) -> tuple[Check, ...]:
    return checks(GATES.get(stage, ()), facts)


def missing(
    stage: Stage, facts: Facts, *, sees_clinical: bool = True, sees_special: bool = False
) -> list[Missing]:
    """Return what still stands before a stage."""
    return [
        check.as_missing(sees_clinical=sees_clinical, sees_special=sees_special)
        for check in before(stage, facts)
        if not check.is_met
    ]


def pass_gate(stage: Stage, facts: Facts, *, sees_clinical: bool = True, sees_special: bool = False) -> None:
    """Refuse the stage with the whole list of what is missing; silent when nothing is."""
    lacking = missing(stage, facts, sees_clinical=sees_clinical, sees_special=sees_special)
    if lacking:
        text = _("还不能进入「%(stage)s」，还差 %(count)d 项。")
        raise RuleBroken(text % {"stage": stage.label, "count": len(lacking)}, missing=lacking, code="gate")
