"""What an analyst may ask: one reading statement, of the mart's own tables."""

import re

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

MOST_TEXT = 20_000
MOST_A_DAY = 60
"""Questions one reader may ask in a day; a default of the house, unverified."""
ACTION, REFUSED = "insight.sql.run", "insight.sql.refused"
MET_THE_ROWS = frozenset({"small", "failed", "too-slow", "too-big", "too-wide", "cells", "identifier"})
"""Refusals that depend on what lies in the rows."""
INNARDS = re.compile(r"\b(?:duckdb_\w+|pragma_\w+|sqlite_\w+|getenv|current_setting)\s*\(", re.IGNORECASE)


def check(text: str, kinds: list[str]) -> None:
    """Refuse anything but one SELECT; ``kinds`` are its statements as the database reads them."""
    if not text.strip():
        raise RuleBroken(_("请写一条 SELECT 语句。"), code="empty")
    if len(text) > MOST_TEXT:
        raise RuleBroken(_("语句太长，请拆开。"), code="too-long")
    if len(kinds) != 1:
        raise RuleBroken(_("一次只能运行一条语句。"), code="several")
    if kinds[0] != "SELECT":
        raise RuleBroken(_("这里只能查询（SELECT），不能修改、设置、装载或导出。"), code="not-a-select")
    if INNARDS.search(text):
        raise RuleBroken(_("不能读取数据库自身的设置与路径，只能查询数据集市的表。"), code="innards")
