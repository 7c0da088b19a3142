"""From a draft to what is out: signed by a person, or issued by itself; nothing leads back."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import ReportStatus as Status

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SIGNED, Status.ISSUED}),
}


def open_moves(status: Status) -> frozenset[Status]:
    return MOVES.get(status, frozenset())


def check_move(old: Status, new: Status) -> None:
    if new not in open_moves(old):
        raise RuleBroken(_("报告已发出，内容已冻结，不能再改；请另写一份。"), code="frozen")
