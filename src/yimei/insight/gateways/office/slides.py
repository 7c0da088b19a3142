"""A report as slides: native charts with their numbers inside, sentences beside them, evidence in a table."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.insight.gateways.office import charts, shared
from yimei.insight.rules.reports.document import Document, Finding, Number, Part, Recommendation

CARDS = 4
MOST_ROWS = 10
MOST_LINES = 14
WIDE = 68


def write(document: Document, mark: str, at: datetime) -> bytes:
    deck = _Deck(document, mark, at)
    deck.cover()
    for sheet in document.sheets:
        for part in sheet.parts:
            deck.part(sheet.title, part)
    return deck.bytes()


class _Deck:
    """The presentation while it is written: wide slides, one thing on each."""

    def __init__(self, document: Document, mark: str, at: datetime) -> None:
        from pptx import Presentation
        from pptx.util import Inches

        self.document, self.mark = document, mark
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = Inches(13.333), Inches(7.5)
        core = self.deck.core_properties
        core.title, core.author, core.comments = document.title, document.by, mark
        core.created = core.modified = at.replace(tzinfo=None)

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.deck.save(out)
        return out.getvalue()

    def cover(self) -> None:
        slide = self._blank()
        self._bar(slide, 0, 0, 0.28, 7.5)
        self._words(slide, 1, 2.2, 11, 0.5, [self.document.hospital], 16, colour=shared.QUIET)
        self._words(slide, 1, 2.7, 11, 1.2, [self.document.title], 36, bold=True)
        self._words(slide, 1, 4.0, 11, 1, shared.about(self.document), 14, colour=shared.QUIET)
        self._words(slide, 1, 5.9, 11, 0.9, list(self.document.notes), 10, colour=shared.QUIET)
        self._foot(slide)

    def part(self, page: str, part: Part) -> None:
        if part.refusal:
            return
        for at in range(0, len(part.numbers), 8):
            self._numbers(page, part, part.numbers[at : at + 8])
        if part.figure:
            self._figure(page, part)
        for lines in _fitting(part.findings):
            self._words(self._page(page, part), 0.7, 1.5, 12, 5.2, lines, 14)
        if part.paragraphs:
            self._words(self._page(page, part), 0.7, 1.5, 12, 5.2, list(part.paragraphs), 16)
        for at in range(0, len(part.advice), 3):
            self._advice(page, part, part.advice[at : at + 3], at)

    def _numbers(self, page: str, part: Part, numbers: Sequence[Number]) -> None:
        slide = self._page(page, part)
        for place, one in enumerate(numbers):
            x, y = 0.7 + place % CARDS * 3.05, 1.6 + place // CARDS * 2.5
            self._card(slide, x, y, 2.85, 2.2)
            self._words(slide, x + 0.12, y + 0.12, 2.6, 0.4, [one.title], 13, colour=shared.QUIET)
            self._words(slide, x + 0.12, y + 0.5, 2.6, 0.7, [one.text], 26, bold=True)
            tone = {"good": shared.MOSS, "danger": shared.RED}.get(one.tone, shared.QUIET)
            if one.interval:
                self._words(
                    slide, x + 0.12, y + 1.2, 2.6, 0.4, [f"95% {one.interval}"], 11, colour=shared.QUIET
                )
            self._words(slide, x + 0.12, y + 1.55, 2.6, 0.5, [shared.change_of(one)], 12, colour=tone)

    def _figure(self, page: str, part: Part) -> None:
        from pptx.util import Inches

        figure = part.figure
        assert figure is not None
        slide = self._page(page, part)
        if charts.is_drawn(figure):
            kind, data = charts.data_of(figure)
            frame = slide.shapes.add_chart(kind, Inches(0.7), Inches(1.5), Inches(12), Inches(4.6), data)
            frame._element.nvGraphicFramePr.cNvPr.set("descr", figure.alt or figure.metric)
            charts.dress(frame.chart, figure)
            self._words(slide, 0.7, 6.15, 12, 0.7, [*part.says, figure.formula], 12, colour=shared.QUIET)
            return
        if figure.chart == "heat" and figure.names:
            head = [figure.metric, *figure.names]
            rows = [[s.name, *(shared.say(figure, v) for v in s.values)] for s in figure.series]
        elif not figure.rows:
            self._words(slide, 0.7, 1.5, 12, 1, list(part.says), 16, colour=shared.QUIET)
            return
        else:
            head, rows = shared.shown_head(figure), shared.shown_rows(figure, MOST_ROWS)
        self._table(slide, head[:16], [row[:16] for row in rows[: MOST_ROWS + 4]], [1.0] * len(head[:16]))

    def _advice(self, page: str, part: Part, items: Sequence[Recommendation], start: int) -> None:
        slide = self._page(page, part)
        rows = [[f"{start + n}. {one.text}", "\n".join(one.evidence)] for n, one in enumerate(items, 1)]
        self._table(slide, [_("建议"), _("依据")], rows, [1.2, 1.0], size=14)

    def _blank(self) -> Any:
        return self.deck.slides.add_slide(self.deck.slide_layouts[6])

    def _page(self, page: str, part: Part) -> Any:
        slide = self._blank()
        self._bar(slide, 0.7, 0.45, 0.08, 0.7)
        self._words(slide, 0.9, 0.38, 11.5, 0.35, [page], 12, colour=shared.QUIET)
        self._words(slide, 0.9, 0.66, 11.5, 0.6, [f"{part.title}  {part.span}".strip()], 22, bold=True)
        self._foot(slide)
        return slide

    def _foot(self, slide: Any) -> None:
        number = len(self.deck.slides)
        words = f"{self.document.title} · {self.document.status} · {number}"
        self._words(slide, 0.7, 6.95, 6.5, 0.3, [words], 9, colour=shared.QUIET)
        self._words(slide, 7.2, 6.95, 5.5, 0.3, [self.mark[:60]], 8, colour=shared.QUIET)

    def _bar(self, slide: Any, x: float, y: float, wide: float, high: float) -> None:
        self._card(slide, x, y, wide, high, shared.JADE)

    def _card(self, slide: Any, x: float, y: float, wide: float, high: float, fill: str = "F3F6F4") -> None:
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches

        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(x), Inches(y), Inches(wide), Inches(high))
        shape.fill.solid()
        shape.fill.fore_color.rgb = shared.rgb(fill)
        shape.line.fill.background()
        shape.shadow.inherit = False

    def _words(
        self, slide: Any, x: float, y: float, wide: float, high: float, lines: Sequence[str], size: int,
        *, bold: bool = False, colour: str = shared.INK,
    ) -> None:  # fmt: skip
        from pptx.util import Inches

        box = slide.shapes.add_textbox(Inches(x), Inches(y), Inches(wide), Inches(high))
        frame = box.text_frame
        frame.word_wrap = True
        for place, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            _run(paragraph, line, size, bold=bold or line.startswith("▌"), colour=colour)

    def _table(
        self,
        slide: Any,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        size: int = 11,
    ) -> None:
        from pptx.util import Inches

        if not rows:
            return
        shape = slide.shapes.add_table(
            len(rows) + 1, len(head), Inches(0.7), Inches(1.5), Inches(12), Inches(0.36 * (len(rows) + 1))
        )
        for column, width in zip(shape.table.columns, widths, strict=True):
            column.width = Inches(12 * width / sum(widths))
        for y, row in enumerate([head, *rows]):
            for x, words in enumerate(row):
                cell = shape.table.cell(y, x)
                _paint(cell, shared.WASH if y == 0 else "FFFFFF")
                for place, line in enumerate(words.split("\n")):
                    frame = cell.text_frame
                    paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
                    _run(paragraph, line, size, bold=y == 0, colour=shared.INK)


def _fitting(findings: Sequence[Finding]) -> list[list[str]]:
    """The sentences of findings, as many together as one slide holds."""
    found: list[list[str]] = []
    height = MOST_LINES + 1
    for one in findings:
        lines = [f"▌{one.title}", *one.sentences]
        high = sum(1 + len(line) // WIDE for line in lines) + 1
        if height + high > MOST_LINES:
            found.append(lines)
            height = high
        else:
            found[-1] += ["", *lines]
            height += high
    return found


def _run(paragraph: Any, words: str, size: int, *, bold: bool, colour: str) -> None:
    """One run of words in the house's font, for Chinese as for Latin."""
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    run = paragraph.add_run()
    run.text = words
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, shared.FONT
    run.font.color.rgb = shared.rgb(colour)
    look = run._r.get_or_add_rPr()
    look.append(look.makeelement(qn("a:ea"), {"typeface": shared.FONT}))


def _paint(cell: Any, fill: str) -> None:

    cell.fill.solid()
    cell.fill.fore_color.rgb = shared.rgb(fill)
