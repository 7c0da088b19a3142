"""A report as a Word document; its charts are Word's own, with their numbers inside."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.gateways.office import charts, shared
from yimei.insight.rules.reports.document import Document, Figure, Part

CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EMU = 360_000
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BORDERS = (
    f'<w:tblBorders {WORD}><w:top w:val="single" w:sz="6" w:color="{shared.INK}"/>'
    f'<w:bottom w:val="single" w:sz="6" w:color="{shared.INK}"/>'
    '<w:insideH w:val="single" w:sz="4" w:color="C9CFC9"/></w:tblBorders>'
)
SHADE = f'<w:shd {WORD} w:val="clear" w:color="auto" w:fill="{shared.WASH}"/>'


def write(document: Document, mark: str, at: datetime) -> bytes:
    page = _Paper(document, mark, at)
    page.front()
    for number, sheet in enumerate(document.sheets):
        page.heading(sheet.title, 1, breaks=number > 0)
        for part in sheet.parts:
            page.part(part)
    page.back()
    return page.bytes()


class _Paper:
    """The document while it is written."""

    def __init__(self, document: Document, mark: str, at: datetime) -> None:
        from docx import Document as NewDocument
        from docx.oxml.ns import qn
        from docx.shared import Cm, Pt, RGBColor

        self.document = document
        self.paper = NewDocument()
        self.charts = 0
        core = self.paper.core_properties
        core.title, core.author, core.comments = document.title, document.by, mark
        core.created = core.modified = at.replace(tzinfo=None)
        section = self.paper.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        for name, size, colour in (
            ("Normal", 10.5, shared.INK), ("Heading 1", 16, shared.JADE), ("Heading 2", 12, shared.INK),
            ("Title", 22, shared.INK),
        ):  # fmt: skip
            style = self.paper.styles[name]
            style.font.name, style.font.size = shared.FONT, Pt(size)
            style.font.color.rgb = RGBColor.from_string(colour)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for script in ("w:eastAsia", "w:ascii", "w:hAnsi"):
                fonts.set(qn(script), shared.FONT)
        section.footer.paragraphs[0].text = mark
        self._small(section.footer.paragraphs[0])

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.paper.save(out)
        return out.getvalue()

    def front(self) -> None:
        self.paper.add_paragraph(self.document.title, style="Title")
        for words in (self.document.hospital, *shared.about(self.document)):
            self._small(self.paper.add_paragraph(words))

    def back(self) -> None:
        for words in self.document.notes:
            self._small(self.paper.add_paragraph(words))

    def heading(self, words: str, level: int, *, breaks: bool = False) -> None:
        line = self.paper.add_heading(words, level)
        line.paragraph_format.page_break_before = breaks

    def part(self, part: Part) -> None:
        if part.title:
            self.heading(part.title, 2)
            if part.span:
                line = self.paper.add_paragraph(part.span)
                line.paragraph_format.keep_with_next = True
                self._small(line)
        if part.refusal:
            self._small(self.paper.add_paragraph(part.refusal))
        if part.numbers:
            rows = [[n.title, n.text, n.interval, shared.change_of(n)] for n in part.numbers]
            self._table([_("指标"), _("数值"), "95%", _("较上期")], rows)
        if part.figure:
            self._figure(part.figure)
        for words in (*part.says, *part.paragraphs):
            self.paper.add_paragraph(words)
        for finding in part.findings:
            self.paper.add_paragraph().add_run(finding.title).bold = True
            for words in finding.sentences:
                self.paper.add_paragraph(words, style="List Bullet")
        if part.advice:
            rows = [[f"{n}. {one.text}", "\n".join(one.evidence)] for n, one in enumerate(part.advice, 1)]
            self._table([_("建议"), _("依据")], rows)

    def _figure(self, figure: Figure) -> None:
        if charts.is_drawn(figure):
            self._chart(figure)
        if figure.chart == "heat" and figure.names and len(figure.names) <= shared.SHORT_TABLE:
            rows = [[s.name, *(shared.say(figure, v) for v in s.values)] for s in figure.series]
            self._table([figure.metric, *figure.names], rows)
        elif not charts.is_drawn(figure) or len(figure.rows) <= shared.SHORT_TABLE:
            self._table(shared.shown_head(figure), shared.shown_rows(figure, 40))
        self._small(self.paper.add_paragraph(figure.formula))

    def _chart(self, figure: Figure) -> None:
        """Put a chart part with its workbook into the package, and draw it where we are."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part as PackagePart
        from docx.oxml import parse_xml
        from pptx.chart.chart import Chart
        from pptx.oxml import parse_xml as parse_chart

        self.charts += 1
        number, package = self.charts, self.paper.part.package
        kind, data = charts.data_of(figure)
        space = parse_chart(data.xml_bytes(kind))
        drawn = Chart(space, _NoPart())  # type: ignore[no-untyped-call]
        charts.dress(drawn, figure)
        sheet = PackagePart(
            PackURI(f"/word/embeddings/chart{number}.xlsx"),
            SHEET_TYPE,
            data._workbook_writer.xlsx_blob,
            package,
        )
        blob = _with_sheet(space)
        chart = PackagePart(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, blob, package)
        chart.rels.add_relationship(f"{RELATIONS}/package", sheet, "rId1")
        key = self.paper.part.relate_to(chart, f"{RELATIONS}/chart")
        run = self.paper.add_paragraph().add_run()
        run._r.append(parse_xml(_drawing(key, number, figure.alt or figure.metric)))

    def _table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if not rows:
            return
        from docx.oxml import parse_xml
        from docx.shared import Pt

        table = self.paper.add_table(rows=1 + len(rows), cols=len(head))
        table._tbl.tblPr.append(parse_xml(BORDERS))
        for y, row in enumerate([head, *rows]):
            for x, words in enumerate(row):
                cell = table.cell(y, x)
                cell.text = words
                for line in cell.paragraphs:
                    line.paragraph_format.space_after = Pt(1)
                    for run in line.runs:
                        run.font.size, run.font.bold = Pt(9), y == 0
                if y == 0:
                    cell._tc.get_or_add_tcPr().append(parse_xml(SHADE))
        self._small(self.paper.add_paragraph())

    def _small(self, line: Any) -> None:
        from docx.shared import Pt, RGBColor

        for run in line.runs:
            run.font.size = Pt(8.5)
            run.font.color.rgb = RGBColor.from_string(shared.QUIET)


class _NoPart:
    """What `Chart` of python-pptx wants to know of its package: nothing that we ask."""

    part = None


def _with_sheet(space: Any) -> bytes:
    """Name the embedded workbook, so that Word opens the numbers."""
    from docx.opc.oxml import serialize_part_xml

    named = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    for old in space.findall(f"{named}externalData"):
        space.remove(old)
    outside = space.makeelement(f"{named}externalData", {f"{{{RELATIONS}}}id": "rId1"})
    outside.append(outside.makeelement(f"{named}autoUpdate", {"val": "0"}))
    space.append(outside)
    return bytes(serialize_part_xml(space))


def _drawing(key: str, number: int, alt: str) -> str:
    from xml.sax.saxutils import quoteattr

    wide, high = round(16.4 * EMU), round(7.6 * EMU)
    return (
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
        f' xmlns:r="{RELATIONS}"><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/><wp:docPr id="{number}" name="Chart {number}"'
        f" descr={quoteattr(alt)}/><wp:cNvGraphicFramePr/><a:graphic>"
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{key}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
