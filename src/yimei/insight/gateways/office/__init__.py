"""A report as a file of another program: PDF, slides, a text, a workbook; charts that those programs own."""

from collections.abc import Callable, Mapping
from datetime import datetime

from yimei.insight.enums import ReportShape
from yimei.insight.gateways.office import paper, slides, text, workbook
from yimei.insight.rules.reports.document import Document

WRITERS: Mapping[ReportShape, Callable[[Document, str, datetime], bytes]] = {
    ReportShape.PDF: paper.write,
    ReportShape.PPTX: slides.write,
    ReportShape.DOCX: text.write,
    ReportShape.XLSX: workbook.write,
}


def write(document: Document, shape: ReportShape, *, mark: str, at: datetime) -> bytes:
    """Return the file; `mark` stands on every page: what was signed, or whose draft it is."""
    return WRITERS[shape](document, mark, at)
