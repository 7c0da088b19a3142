"""What the writers of all programs share: safe words, tables of a figure, number formats."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.rules import writing
from yimei.insight.rules.reports.document import Document, Figure, Number, Part, Value
from yimei.insight.rules.reports.drawing import draw

JADE, INK, QUIET, WASH, RED, MOSS = "1F6F63", "1E2A2C", "5B6B6E", "E8F1EE", "B3382C", "3C7A3F"
SERIES = ("1F6F63", "C77F1A", "3D5A99", "A4502F", "7A8B2F", "7C5A94", "5B6B6E")
FONT = "Microsoft YaHei"
MOST_NAMES = 30
SHORT_TABLE = 12


def number_format(unit: str, decimals: int) -> str:
    if unit == "%":
        return "0.0%"
    if unit == "¥":
        return '"¥"#,##0'
    return "#,##0" + (f".{'0' * decimals}" if decimals else "")


def shown_rows(figure: Figure, most: int = 200) -> list[list[str]]:
    """The table of a figure in words: the interval in one column."""
    found = []
    for row, is_hidden in list(zip(figure.rows, figure.hidden, strict=True))[:most]:
        names = [str(value) for value in row[: len(row) - 4]]
        if is_hidden:
            found.append([*names, writing.not_shown(), "", ""])
            continue
        value, low, high, people = row[-4:]
        span = f"{say(figure, low)} – {say(figure, high)}" if low is not None else ""
        found.append([*names, say(figure, value), span, "" if people is None else f"{people:,}"])
    return found


def shown_head(figure: Figure) -> list[str]:
    return [*figure.head[:-3], "95%", figure.head[-1]] if figure.head else []


def say(figure: Figure, value: Value) -> str:
    return writing.figure(value if isinstance(value, int | float) else None, figure.unit, figure.decimals)


def change_of(number: Number) -> str:
    return f"{number.change}（{number.note}）" if number.change and number.note else number.change


def laid_out(part: Part) -> dict[str, Any]:
    """One part in words and drawings, for pages that no program draws."""
    figure = part.figure
    drawn = draw(figure) if figure else ""
    is_tabled = figure is not None and (not drawn or len(figure.rows) <= SHORT_TABLE)
    return {
        "title": part.title,
        "span": part.span,
        "refusal": part.refusal,
        "numbers": [
            {
                "title": one.title,
                "text": one.text,
                "interval": one.interval,
                "change": change_of(one),
                "tone": one.tone,
            }
            for one in part.numbers
        ],
        "findings": [
            {"title": one.title, "tone": one.tone, "sentences": list(one.sentences)} for one in part.findings
        ],
        "advice": [{"text": one.text, "evidence": list(one.evidence)} for one in part.advice],
        "paragraphs": list(part.paragraphs),
        "says": list(part.says),
        "drawn": drawn,
        "formula": figure.formula if figure else "",
        "head": shown_head(figure) if figure and is_tabled else [],
        "rows": shown_rows(figure, 40) if figure and is_tabled else [],
    }


def about(document: Document) -> list[str]:
    return [
        f"{document.scope} · {document.period} · {document.status}",
        _("数据截至 %(fresh)s · 编写 %(by)s · %(made)s")
        % {"fresh": document.fresh, "by": document.by, "made": document.made},
    ]


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names that Excel takes: short, without its own signs, each once."""
    found: list[str] = []
    for title in titles:
        name = "".join(" " if char in "[]:*?/\\'" else char for char in title).strip()[:24] or "_"
        number, wanted = 2, name
        while wanted.casefold() in {one.casefold() for one in found}:
            wanted, number = f"{name} {number}", number + 1
        found.append(wanted)
    return found


def rgb(colour: str) -> Any:
    """A colour as python-pptx wants it."""
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour)  # type: ignore[no-untyped-call]
