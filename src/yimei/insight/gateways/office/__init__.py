"""A report as a file: PDF, a page, slides, a text, a workbook; the last three own their charts."""

from collections.abc import Callable, Mapping
from datetime import datetime

from yimei.insight.enums import ReportShape
from yimei.insight.gateways.office import page, paper, slides, text, workbook
from yimei.insight.rules.reports.document import Document

WRITERS: Mapping[ReportShape, Callable[[Document, str, datetime], bytes]] = {
    ReportShape.PDF: paper.write,
    ReportShape.HTML: page.write,
    ReportShape.PPTX: slides.write,
    ReportShape.DOCX: text.write,
    ReportShape.XLSX: workbook.write,
}


def write(document: Document, shape: ReportShape, *, mark: str, at: datetime) -> bytes:
    """Return the file; `mark` stands on every page: what was signed, or whose draft it is."""
    return WRITERS[shape](document, mark, at)
