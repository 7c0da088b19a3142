"""How an import goes on, as a table."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import ImportStatus as S

MOVES: Mapping[S, frozenset[S]] = {
    S.RECEIVED: frozenset({S.CHECKING, S.UNDONE}),
    S.CHECKING: frozenset({S.CHECKED, S.RECEIVED, S.CHECKING}),
    S.CHECKED: frozenset({S.CHECKING, S.RUNNING, S.UNDONE}),
    S.RUNNING: frozenset({S.DONE, S.RUNNING}),
    S.DONE: frozenset({S.UNDONE}),
}


def check(old: S, new: S) -> None:
    if new not in MOVES.get(old, frozenset()):
        words = {"old": old.label, "new": new.label}
        raise RuleBroken(
            _("这个导入现在是「%(old)s」，不能变为「%(new)s」。请刷新页面。") % words, code="move"
        )
