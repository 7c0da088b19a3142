"""How a case may move, decided without a database."""

import pytest

from yimei.core.errors import RuleBroken
from yimei.journey.enums import CaseStage as Stage
from yimei.journey.enums import LossReason
from yimei.journey.rules import cases as rules


@pytest.mark.parametrize("old", Stage)
@pytest.mark.parametrize("new", Stage)
def test_only_the_moves_of_the_table_are_allowed(old: Stage, new: Stage) -> None:
    if new in rules.MOVES.get(old, frozenset()):
        rules.check_move(old, new)
    else:
        with pytest.raises(RuleBroken, match=str(old.label)):
            rules.check_move(old, new)


def test_every_stage_can_be_reached_from_the_first_and_every_way_ends() -> None:
    reached, edge = {Stage.BOOKED}, {Stage.BOOKED}
    while edge:
        edge = {new for old in edge for new in rules.open_moves(old)} - reached
        reached |= edge
    assert reached == set(Stage)
    assert {stage for stage in Stage if not rules.open_moves(stage)} == {Stage.CLOSED, Stage.LOST}


def test_nothing_is_lost_once_the_operation_has_begun() -> None:
    after = {Stage.IN_SURGERY, Stage.RECOVERING, Stage.DISCHARGED, Stage.REVIEWED}
    assert all(Stage.LOST not in rules.open_moves(stage) for stage in after)


def test_only_a_lost_case_says_why_and_it_must() -> None:
    assert rules.check_loss(Stage.LOST, LossReason.PRICE) == "price"
    assert rules.check_loss(Stage.CLOSED, None) == ""
    for stage, reason in [(Stage.LOST, None), (Stage.CLOSED, LossReason.PRICE)]:
        with pytest.raises(RuleBroken):
            rules.check_loss(stage, reason)


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.LOST])
def test_what_has_ended_is_only_read(stage: Stage) -> None:
    with pytest.raises(RuleBroken, match="另开一次诊疗"):
        rules.check_is_open(stage)
    rules.check_is_open(Stage.REVIEWED)
