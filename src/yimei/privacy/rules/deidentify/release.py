"""De-identification of a table, and the gate through which every extract leaves."""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.core.rules.tables import as_cell, csv_text, distinct, read_table
from yimei.privacy.rules import pii
from yimei.privacy.rules.deidentify import anonymity
from yimei.privacy.rules.deidentify.columns import Column, ColumnClass, classify
from yimei.privacy.rules.deidentify.profiles import PROFILES, Action, Profile, decide, steps_for
from yimei.privacy.rules.deidentify.values import ANY
from yimei.privacy.rules.pii import Kind

MASKED = "〔已遮盖〕"
SURE = 0.8
AT_LEAST_L = 2
POINTING = frozenset(Kind) - {Kind.NAME, Kind.DATE_OF_BIRTH, Kind.ADDRESS}
LETTERS = re.compile(r"[^\W\d_]")
LONG_NUMBER = re.compile(r"(?:\d[ \-]?){7}|@|[零一二三四五六七八九壹贰叁肆伍陆柒捌玖]{7}")


@dataclass
class Release:
    """A table that may leave: its cells as text, and what was done to it."""

    header: list[str]
    rows: list[list[str]]
    report: dict[str, Any]


@dataclass
class _Work:
    columns: list[Column]
    actions: dict[int, tuple[Action, str]]
    rows: list[list[str]]
    kept: list[int] = field(default_factory=list)
    cells_masked: int = 0
    cells_coarsened: int = 0


def release_gate(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    profile: str,
    today: date,
    key: bytes,
    k: int = 10,
    l: int = AT_LEAST_L,  # noqa: E741 - the letter has this name everywhere
    tell: Callable[[str], None] = lambda text: None,
) -> Release:
    """Return a table that may leave the house, or refuse (``RuleBroken``) and say what is left in it.

    Direct identifiers go or become pseudonyms under ``key``, which is not in the result; quasi-identifiers
    become as coarse as ``k`` and ``l`` need; free text is masked or goes; at last the result is read as a
    stranger would read it: identifiers are searched for, k and l are computed anew. No cell is left that a
    spreadsheet would run as a formula. The caller keeps
    ``report`` as the row of its ledger.
    """
    if k < 1 or l < 1:
        raise RuleBroken(_("k 与 l 都应不小于 1。"))
    law = PROFILES[profile]
    names = distinct(header)
    tell(_("识别 %(count)d 列") % {"count": len(names)})
    columns = classify(names, rows)
    work = _Work(columns, {}, [list(row) for row in rows])
    for column in columns:
        work.actions[column.place] = decide(column, columns, law)
    _drop_uniform(work, l)
    tell(_("遮盖文本"))
    _mask_text(work)
    _mask_strays(work)
    _make_pseudonyms(work, key)
    tell(_("寻找损失最小的泛化"))
    _generalise(work, law, k, l, today)
    result = _assemble(work)
    tell(_("检查输出"))
    scanned = _scan(result, work)
    result.report = _report(result, work, law, k, l, scanned)
    result.header = [as_cell(name) for name in result.header]
    return result


def _places(work: _Work, *kinds: ColumnClass, action: Action | None = None) -> list[int]:
    return [
        column.place
        for column in work.columns
        if (not kinds or column.kind_class in kinds)
        and (action is None or work.actions[column.place][0] == action)
    ]


def _drop_uniform(work: _Work, l: int) -> None:  # noqa: E741
    """A sensitive column with one value for everybody tells it of everybody; it cannot be made diverse."""
    for place in _places(work, ColumnClass.SENSITIVE):
        if len(work.rows) >= 1 and l > 1 and len({row[place] for row in work.rows}) < l:
            work.actions[place] = (Action.DROP, _("所有人的取值相同，无法达到 l-多样性"))


def _mask_text(work: _Work) -> None:
    """Take the details out of free text, and the row's own identifiers wherever they stand in it."""
    direct = _places(work, ColumnClass.DIRECT)
    texts = _places(work, action=Action.MASK)
    for row in work.rows if texts else ():
        own = {cell for place in direct if len(cell := row[place].strip()) >= 2 and not cell.isdigit()}
        own |= {cell for place in direct if len(cell := row[place].strip()) >= 5}
        for place in texts:
            before = row[place]
            if not before.strip():
                continue
            after = before
            for word in sorted(own, key=lambda each: (-len(each), each)):
                after = after.replace(word, MASKED)
            row[place] = pii.mask(after)
            work.cells_masked += row[place] != before


def _mask_strays(work: _Work) -> None:
    """Identifiers in columns where nobody expects them: the cell goes."""
    places = [
        place
        for place in _places(work, ColumnClass.OTHER, ColumnClass.SENSITIVE)
        if work.actions[place][0] == Action.KEEP
    ]
    known: dict[str, bool] = {}
    for row in work.rows:
        for place in places:
            cell = row[place]
            if len(cell) < 2 or (is_stray := known.get(cell)) is False:
                continue
            if is_stray is None:
                is_stray = known[cell] = points_at_somebody(cell)
            if is_stray:
                row[place] = MASKED
                work.cells_masked += 1


def points_at_somebody(cell: str) -> bool:
    """Whether a text holds what leads to one person; for cells in which nobody expects it."""
    if not LONG_NUMBER.search(cell) and (len(cell) < 9 or not LETTERS.search(cell)):
        return False
    return any(
        each.kind in POINTING or (each.kind is Kind.NAME and each.score >= 0.98 and len(cell) > 8)
        for each in pii.find(cell, at_least=SURE)
    )


def _make_pseudonyms(work: _Work, key: bytes) -> None:
    for place in _places(work, action=Action.PSEUDONYM):
        for row in work.rows:
            if row[place].strip():
                seal = hmac.digest(key, f"{place}\0{row[place].strip()}".encode(), hashlib.sha256)
                row[place] = "P" + b32encode(seal)[:16].decode()


def _generalise(work: _Work, law: Profile, k: int, l: int, today: date) -> None:  # noqa: E741
    """Coarsen the quasi-identifiers, row by row as far as needed; ``kept`` are the rows that stay."""
    work.kept = list(range(len(work.rows)))
    quasi = _places(work, ColumnClass.QUASI, action=Action.GENERALISE)
    sensitive = [p for p in _places(work, ColumnClass.SENSITIVE) if work.actions[p][0] == Action.KEEP]
    if not work.rows:
        return
    texts: list[list[list[str]]] = []
    levels, losses = [], []
    for place in quasi:
        cells = [row[place] for row in work.rows]
        finest = anonymity.encode([cell.strip() for cell in cells])
        spoken: list[list[str]] = []
        codes: list[anonymity.Codes] = []
        for step in steps_for(work.columns[place].kind, cells, law, k, today):
            memory: dict[str, str] = {}
            said = [memory[cell] if cell in memory else memory.setdefault(cell, step(cell)) for cell in cells]
            code = anonymity.encode(said)
            if codes and int(code.max()) == int(codes[-1].max()) and said == spoken[-1]:
                continue
            spoken.append(said)
            codes.append(code)
        texts.append(spoken)
        levels.append(codes)
        losses.append([anonymity.level_loss(finest, code) for code in codes])
    person = _person(work)
    if not levels:
        levels, losses = [[anonymity.encode([ANY] * len(work.rows))]], [[0.0]]
    problem = anonymity.Problem(
        levels, losses, [anonymity.encode([row[p] for row in work.rows]) for p in sensitive], person, k, l
    )
    chosen, gone = anonymity.solve(problem)
    for at, row in enumerate(work.rows):
        for number, place in enumerate(quasi):
            coarse = texts[number][int(chosen[at][number])][at]
            work.cells_coarsened += coarse == ANY and row[place].strip() != "" and not gone[at]
            row[place] = coarse
    work.kept = [at for at in range(len(work.rows)) if not gone[at]]


def _person(work: _Work) -> anonymity.Codes | None:
    """Who is meant: the pseudonym with the fewest different values, if there is any."""
    codes = [anonymity.encode([row[p] for row in work.rows]) for p in _places(work, action=Action.PSEUDONYM)]
    return min(codes, key=lambda each: int(each.max(initial=-1)), default=None)


def _assemble(work: _Work) -> Release:
    places = [column.place for column in work.columns if work.actions[column.place][0] != Action.DROP]
    names = [work.columns[place].name for place in places]
    rows = [[as_cell(work.rows[at][place]) for place in places] for at in work.kept]
    return Release(names, rows, {})


def _scan(result: Release, work: _Work) -> int:
    """Read every cell of the output as a stranger would; refuse while anything still points at a person."""
    kinds = {column.name: column for column in work.columns}
    seen: set[str] = set()
    for place, name in enumerate(result.header):
        column = kinds[name]
        if work.actions[column.place][0] in {Action.PSEUDONYM, Action.GENERALISE}:
            continue
        is_text = work.actions[column.place][0] == Action.MASK
        for number, row in enumerate(result.rows, 2):
            cell = row[place]
            if len(cell) < 2 or cell in seen:
                continue
            seen.add(cell)
            left = is_text and any(each.kind in POINTING for each in pii.find(cell, at_least=SURE))
            if left or (not is_text and points_at_somebody(cell)):
                words = {"column": name, "line": number}
                raise RuleBroken(
                    _("输出的「%(column)s」列第 %(line)d 行仍有可识别个人的内容，没有写出任何文件。") % words
                )
    return sum(len(row) for row in result.rows)


def _report(result: Release, work: _Work, law: Profile, k: int, l: int, scanned: int) -> dict[str, Any]:  # noqa: E741
    """Describe what was done and measure the written text anew."""
    found = remeasure(result, work)
    columns = [
        {
            "name": column.name,
            "class": str(column.kind_class),
            "kind": column.kind,
            "action": str(work.actions[column.place][0]),
            "why": work.actions[column.place][1],
            "seen_by": column.seen_by,
        }
        for column in work.columns
    ]
    quasi = [column["name"] for column in columns if column["action"] == Action.GENERALISE]
    sensitive = list(found.l_by_column)
    return {
        "profile": law.code,
        "source": law.source,
        "columns": columns,
        "quasi_identifiers": quasi,
        "sensitive": sensitive,
        "k_wanted": k,
        "l_wanted": l,
        "k": found.k,
        "k_persons": found.persons,
        "l": found.l if sensitive else None,
        "l_by_column": found.l_by_column,
        "t": round(found.t, 6) if sensitive else None,
        "t_by_column": {name: round(t, 6) for name, t in found.t_by_column.items()},
        "classes": found.classes,
        "rows_in": len(work.rows),
        "rows_out": len(result.rows),
        "suppressed_rows": len(work.rows) - len(result.rows),
        "suppressed_cells": work.cells_masked + work.cells_coarsened,
        "masked_cells": work.cells_masked,
        "generalised_away_cells": work.cells_coarsened,
        "scanned_cells": scanned,
        "residual_risk": {
            "prosecutor_max": round(found.prosecutor, 6),
            "prosecutor_average": round(found.average, 6),
            "journalist_max": round(found.prosecutor, 6),
            "marketer": round(found.marketer, 6),
            "assumptions": [
                _("检察官：攻击者知道某人在表里，并知道其全部准标识符。"),
                _("记者：没有总体数据，按样本就是总体的最坏情形计算。"),
                _("营销：攻击者想认出尽可能多的人，取平均能认对的比例。"),
                _("其他列（金额、次数等）未作准标识符处理；接收方不得与外部数据比对。"),
            ],
        },
    }


def remeasure(result: Release, work: _Work) -> anonymity.Measure:
    """Parse the text that will be written and measure k and l from it."""
    table = (
        read_table(csv_text(result.header, result.rows).encode("utf-8"), file="") if result.header else None
    )
    rows = table.rows if table and result.rows else []
    by_name = {column.name: column for column in work.columns}
    at = {name: place for place, name in enumerate(result.header)}
    quasi, sensitive, person = [], {}, None
    for name, place in at.items():
        column = by_name[name]
        action = work.actions[column.place][0]
        if action == Action.GENERALISE:
            quasi.append([row[place] for row in rows])
        elif action == Action.KEEP and column.kind_class == ColumnClass.SENSITIVE:
            sensitive[name] = [row[place] for row in rows]
        elif action == Action.PSEUDONYM:
            cells = [row[place] for row in rows]
            person = cells if person is None or len(set(cells)) < len(set(person)) else person
    return anonymity.measure(quasi, sensitive, len(rows), person)
