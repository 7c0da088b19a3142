"""A report as PDF/A: Chinese fonts inside, charts as drawings, its fingerprint at the foot of every page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yimei.core.documents import render_pdf
from yimei.insight.gateways.office import shared
from yimei.insight.rules.reports.document import Document
from yimei.insight.rules.writing import THIN


def write(document: Document, mark: str, at: datetime) -> bytes:
    data = {
        "date": at,
        "hospital": document.hospital,
        "about": shared.about(document),
        "mark": mark,
        "notes": list(document.notes),
        "sheets": [
            {"title": sheet.title, "parts": [shared.laid_out(part) for part in sheet.parts]}
            for sheet in document.sheets
        ],
    }
    return render_pdf("report.typ", _spaced(data), title=_spaced(document.title))


def _spaced(value: Any) -> Any:
    """The printed font has no narrow space."""
    if isinstance(value, str):
        return value.replace(THIN, " ")
    if isinstance(value, Mapping):
        return {key: _spaced(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spaced(one) for one in value]
    return value
