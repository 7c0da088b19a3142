"""How a case may move."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.journey.enums import CaseStage as Stage
from yimei.journey.enums import LossReason

MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.BOOKED: frozenset({Stage.ARRIVED, Stage.LOST}),
    Stage.ARRIVED: frozenset({Stage.CONSULTED, Stage.LOST}),
    Stage.CONSULTED: frozenset({Stage.ASSESSED, Stage.LOST}),
    Stage.ASSESSED: frozenset({Stage.PLANNED, Stage.LOST}),
    Stage.PLANNED: frozenset({Stage.SCHEDULED, Stage.LOST}),
    Stage.SCHEDULED: frozenset({Stage.IN_SURGERY, Stage.PLANNED, Stage.LOST}),
    Stage.IN_SURGERY: frozenset({Stage.RECOVERING}),
    Stage.RECOVERING: frozenset({Stage.DISCHARGED, Stage.IN_SURGERY}),
    Stage.DISCHARGED: frozenset({Stage.REVIEWED}),
    Stage.REVIEWED: frozenset({Stage.CLOSED}),
}


def open_moves(stage: Stage) -> frozenset[Stage]:
    return MOVES.get(stage, frozenset())


def check_move(old: Stage, new: Stage) -> None:
    if new not in open_moves(old):
        text = _("这次诊疗现在是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def check_is_open(stage: Stage) -> None:
    """What was written before a case ended stays as it was; what is new belongs to a case of its own."""
    if stage in {Stage.CLOSED, Stage.LOST}:
        text = _("这次诊疗已经是「%(stage)s」，病历不再改动；有新的需要请另开一次诊疗。")
        raise RuleBroken(text % {"stage": stage.label}, code="closed")


def check_loss(new: Stage, reason: LossReason | None) -> str:
    """Return the reason to write down: a lost case has one, any other has none."""
    if (new == Stage.LOST) != (reason is not None):
        raise RuleBroken(_("未成交的诊疗须写明原因；其他阶段不写。"))
    return reason or ""
