"""A report as PDF/A: Chinese fonts inside, charts as drawings, its fingerprint at the foot of every page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yimei.core.documents import render_pdf
from yimei.insight.gateways.office import shared
from yimei.insight.rules.reports.document import Document, Part
from yimei.insight.rules.reports.drawing import draw
from yimei.insight.rules.writing import THIN

SHORT_TABLE = 12


def write(document: Document, mark: str, at: datetime) -> bytes:
    data = {
        "date": at,
        "hospital": document.hospital,
        "about": shared.about(document),
        "mark": mark,
        "notes": list(document.notes),
        "sheets": [
            {"title": sheet.title, "parts": [_part(part) for part in sheet.parts]}
            for sheet in document.sheets
        ],
    }
    return render_pdf("report.typ", _spaced(data), title=_spaced(document.title))


def _part(part: Part) -> dict[str, Any]:
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
                "change": shared.change_of(one),
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
        "head": shared.shown_head(figure) if figure and is_tabled else [],
        "rows": shared.shown_rows(figure, 40) if figure and is_tabled else [],
    }


def _spaced(value: Any) -> Any:
    """The printed font has no narrow space."""
    if isinstance(value, str):
        return value.replace(THIN, " ")
    if isinstance(value, Mapping):
        return {key: _spaced(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spaced(one) for one in value]
    return value
