"""Take a table of costs into the house's own ledger: every line, or none and why."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.billing.actions import costs
from yimei.billing.rules import costs as rules
from yimei.billing.rules.costs import AHEAD, Entry
from yimei.core.clock import local_date
from yimei.core.errors import Missing, RuleBroken
from yimei.hospital.models import Campus, Procedure
from yimei.insight.gateways.files import open_table
from yimei.insight.rules.imports import mapping
from yimei.insight.rules.imports.ledger import LEDGER, MOST_LINES, entry_of
from yimei.insight.rules.imports.rows import Judge, Value
from yimei.people.models import Staff

TOLD = 20
"""How many wrong lines are told at once."""
Names = Mapping[str, list[int]]


def bring(data: bytes, *, name: str, by: Staff, now: datetime) -> tuple[int, int]:
    """Return how many lines are new and how many the ledger had; a wrong line refuses the whole file."""
    today, sheet = local_date(now), open_table(data, name=name)
    places = mapping.suggest(sheet.header, LEDGER)
    mapping.check(places, LEDGER, width=len(sheet.header))
    judge = Judge(LEDGER, places, width=len(sheet.header), today=today + AHEAD)
    known = {"procedure": _names(Procedure), "campus": _names(Campus), "owner": _staff(by)}
    entries: list[Entry] = []
    wrong: list[Missing] = []
    for line, cells in sheet.rows:
        if len(entries) + len(wrong) >= MOST_LINES:
            raise RuleBroken(_("一次最多 %(n)d 行，请拆成几个文件。") % {"n": MOST_LINES}, code="file")
        try:
            entry = _read(judge, cells, known)
            rules.check(entry, today=today)
            entries.append(entry)
        except RuleBroken as refusal:
            wrong.append(
                Missing(_("第 %(line)d 行：%(why)s") % {"line": line, "why": refusal.message}, "", "")
            )
    if wrong:
        said = _("有 %(n)d 行不对，整张表都没有登记。改好后重新上传。") % {"n": len(wrong)}
        raise RuleBroken(said, missing=wrong[:TOLD], code="file")
    if not entries:
        raise RuleBroken(_("表里没有可登记的行。"), code="file")
    return costs.record_many(entries, by=by, now=now)


def _read(judge: Judge, cells: object, known: Mapping[str, Names]) -> Entry:
    said = dict(zip(judge.names, judge.judge(cells).facts, strict=True))  # type: ignore[arg-type]
    found = {name: _one(names, said[name], LEDGER.column(name).words) for name, names in known.items()}  # type: ignore[union-attr]
    return entry_of(said, **found)


def _one(names: Names, word: Value, column: object) -> int | None:
    if word is None:
        return None
    found = names.get(str(word), [])
    if len(found) != 1:
        why = _("有多个") if found else _("没有")
        words = {"column": column, "word": str(word)[:40], "why": why}
        raise RuleBroken(_("%(column)s：%(why)s「%(word)s」。") % words, code="row")
    return found[0]


def _names(model: type[Procedure] | type[Campus]) -> Names:
    found: dict[str, list[int]] = {}
    for pk, name in model.objects.values_list("pk", "name"):
        found.setdefault(name, []).append(pk)
    return found


def _staff(by: Staff) -> Names:
    found: dict[str, list[int]] = {}
    rows = Staff.objects.filter(is_active=True, campus=by.campus)
    for pk, name, username in rows.values_list("pk", "name", "username"):
        for word in {name, username}:
            found.setdefault(word, []).append(pk)
    return found
