"""A report as an Excel workbook: one sheet a page, true numbers, charts that Excel draws from them."""

import io
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.rules.tables import as_text
from yimei.insight.gateways.office import shared
from yimei.insight.rules import writing
from yimei.insight.rules.reports.document import Document, Figure, Number, Part, Sheet

WIDE = 18
COLUMNS = 6
ROW_HEIGHT = 20
HIGH = 300


def write(document: Document, mark: str, at: datetime) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    # Text that begins with = is a text: no name becomes a formula.
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        },
    )
    book.set_properties(
        {"title": document.title, "author": document.by, "comments": mark, "created": at.replace(tzinfo=None)}
    )
    looks = _looks(book)
    for sheet, name in zip(
        document.sheets, shared.sheet_names([s.title for s in document.sheets]), strict=True
    ):
        _Page(book, name, looks, document, sheet, mark).write()
    book.close()
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": shared.FONT, "font_size": 10, "valign": "vcenter"}
    return {
        "title": book.add_format(base | {"bold": True, "font_size": 16}),
        "head": book.add_format(base | {"bold": True, "font_color": f"#{shared.JADE}", "font_size": 12}),
        "column": book.add_format(base | {"bold": True, "bottom": 1, "bg_color": f"#{shared.WASH}"}),
        "number": book.add_format(
            base | {"bold": True, "bottom": 1, "bg_color": f"#{shared.WASH}", "align": "right"}
        ),
        "quiet": book.add_format(base | {"font_color": f"#{shared.QUIET}", "font_size": 9}),
        "text": book.add_format(base),
        "wrap": book.add_format(base | {"text_wrap": True, "valign": "top"}),
    }


class _Page:
    """One worksheet while it is written, from top to bottom."""

    def __init__(
        self, book: Any, name: str, looks: dict[str, Any], document: Document, sheet: Sheet, mark: str
    ) -> None:
        self.book, self.name, self.looks, self.document, self.sheet, self.mark = (
            book,
            name,
            looks,
            document,
            sheet,
            mark,
        )
        self.page = book.add_worksheet(name)
        self.row = 0
        self.formats: dict[str, Any] = {}

    def write(self) -> None:
        page = self.page
        page.hide_gridlines(2)
        page.set_column(0, COLUMNS - 1, WIDE)
        page.set_default_row(ROW_HEIGHT)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L&8{self.mark.replace('&', '&&')[:200]}&R&8&P / &N")
        self._line(self.document.title, "title")
        for words in shared.about(self.document):
            self._line(words, "quiet")
        self._line(self.sheet.title, "head")
        self.row += 1
        for part in self.sheet.parts:
            self._part(part)
        for note in self.document.notes:
            self._line(note, "quiet")

    def _line(self, words: str, look: str) -> None:
        self.page.write_string(self.row, 0, words, self.looks[look])
        self.row += 1

    def _long(self, words: str, columns: int = COLUMNS) -> None:
        """A paragraph over several columns, as high as it needs."""
        lines = 1 + sum(2 if ord(char) > 255 else 1 for char in words) // (columns * WIDE)
        self.page.merge_range(self.row, 0, self.row, columns - 1, "", self.looks["wrap"])
        self.page.write_string(self.row, 0, words, self.looks["wrap"])
        self.page.set_row(self.row, ROW_HEIGHT * lines)
        self.row += 1

    def _part(self, part: Part) -> None:
        if part.title:
            self._line(f"{part.title}  {part.span}".rstrip(), "head")
        if part.refusal:
            self._line(part.refusal, "quiet")
        if part.numbers:
            self._numbers(part)
        if part.figure:
            self._figure(part.figure)
        for words in (*part.says, *part.paragraphs):
            self._long(words)
        for finding in part.findings:
            self._line(finding.title, "column")
            for words in finding.sentences:
                self._long(words)
        for place, one in enumerate(part.advice, 1):
            self._long(f"{place}. {one.text}")
            for words in one.evidence:
                self._line(f"    {words}", "quiet")
        self.row += 1

    def _numbers(self, part: Part) -> None:
        head = [_("指标"), _("数值"), _("95% 下限"), _("95% 上限"), _("对比期"), _("变化")]
        for column, words in enumerate(head):
            look = self.looks["number" if 1 <= column <= 4 else "column"]
            self.page.write_string(self.row, column, words, look)
        for number in part.numbers:
            self.row += 1
            self._number(number)
        self.row += 1

    def _number(self, one: Number) -> None:
        self.page.write_string(self.row, 0, one.title, self.looks["text"])
        if one.is_hidden:
            self.page.write_string(self.row, 1, one.text, self.looks["quiet"])
            return
        look = self._numeric(one.unit, one.decimals)
        for column, value in enumerate((one.value, one.low, one.high, one.before), 1):
            if value is not None:
                self.page.write_number(self.row, column, value, look)
        self.page.write_string(self.row, 5, shared.change_of(one), self.looks["text"])

    def _numeric(self, unit: str, decimals: int) -> Any:
        shape = shared.number_format(unit, decimals)
        if shape not in self.formats:
            base = {"font_name": shared.FONT, "font_size": 10, "valign": "vcenter", "num_format": shape}
            self.formats[shape] = self.book.add_format(base)
        return self.formats[shape]

    def _figure(self, figure: Figure) -> None:
        """The drawn values as a table, the chart beside it; a figure without a chart as its own table."""
        top = self.row
        if figure.series and figure.chart != "table":
            self._matrix(figure)
            self._chart(figure, top)
            high = 1 + HIGH // ROW_HEIGHT
            self.row = max(self.row, top + (0 if figure.chart == "heat" else high)) + 1
            return
        look, last = self._numeric(figure.unit, figure.decimals), len(figure.head) - 4
        for column, words in enumerate(figure.head):
            self.page.write_string(
                self.row, column, words, self.looks["number" if column >= last else "column"]
            )
        for row, is_hidden in zip(figure.rows, figure.hidden, strict=True):
            self.row += 1
            names = len(row) - 4
            for column, value in enumerate(row):
                if column < names or isinstance(value, str):
                    self.page.write_string(self.row, column, str(value), self.looks["text"])
                elif is_hidden and column == names:
                    self.page.write_string(self.row, column, writing.not_shown(), self.looks["quiet"])
                elif value is not None:
                    self.page.write_number(self.row, column, value, look if column < len(row) - 1 else None)
        self.row += 2

    def _matrix(self, figure: Figure) -> None:
        """Names down, series across; the ends of one series' intervals beside it."""
        look = self._numeric(figure.unit, figure.decimals)
        columns = [(one.name, one.values) for one in figure.series]
        if len(figure.series) == 1 and any(low is not None for low in figure.series[0].lows):
            columns += [(_("95% 下限"), figure.series[0].lows), (_("95% 上限"), figure.series[0].highs)]
        split = figure.head[0] if figure.head else figure.metric
        self.page.write_string(self.row, 0, split, self.looks["column"])
        for column, (words, _values) in enumerate(columns, 1):
            self.page.write_string(self.row, column, words, self.looks["number"])
        for place, name in enumerate(figure.names):
            self.page.write_string(self.row + 1 + place, 0, name, self.looks["text"])
            for column, (_words, values) in enumerate(columns, 1):
                if values[place] is not None:
                    self.page.write_number(self.row + 1 + place, column, values[place], look)
        first, self.row = self.row + 1, self.row + 1 + len(figure.names)
        if figure.chart == "heat" and figure.names:
            scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": f"#{shared.JADE}"}
            self.page.conditional_format(first, 1, self.row - 1, len(figure.series), scale)

    def _chart(self, figure: Figure, top: int) -> None:
        if figure.chart == "heat" or not figure.names:
            return
        is_across = figure.chart == "bar" and len(figure.series) == 1 and not figure.is_ordered
        kind = "line" if figure.chart == "line" else "bar" if is_across else "column"
        chart = self.book.add_chart({"type": kind})
        first, last = top + 1, top + len(figure.names)
        for at, series in enumerate(figure.series):
            colour = f"#{shared.SERIES[at % len(shared.SERIES)]}"
            shape: dict[str, Any] = {
                "name": [self.name, top, at + 1],
                "categories": [self.name, first, 0, last, 0],
                "values": [self.name, first, at + 1, last, at + 1],
                "gap": 60,
            }
            if kind == "line":
                shape |= {
                    "line": {"color": colour, "width": 2},
                    "marker": {
                        "type": "circle",
                        "size": 4,
                        "fill": {"color": colour},
                        "border": {"color": colour},
                    },
                }
            else:
                shape |= {"fill": {"color": colour}, "border": {"none": True}}
            if len(figure.series) == 1:
                shape |= _whiskers(series.values, series.lows, series.highs, "x" if is_across else "y")
            chart.add_series(shape)
        font = {"name": shared.FONT, "size": 9}
        title = {"name": shared.FONT, "size": 12, "bold": True}
        chart.set_title({"name": as_text(figure.metric), "name_font": title, "overlay": False})
        names: dict[str, Any] = {"num_font": font}
        values = {
            "num_font": font,
            "num_format": shared.number_format(figure.unit, 0),
            "major_gridlines": {"visible": True, "line": {"color": "#E6E3DC"}},
        }
        if is_across:
            chart.set_x_axis(values | {"label_position": "high"})
            chart.set_y_axis(names | {"reverse": True})
        else:
            chart.set_x_axis(names)
            chart.set_y_axis(values)
        chart.set_legend({"none": True} if len(figure.series) == 1 else {"position": "top", "font": font})
        chart.show_blanks_as("gap")
        chart.set_size({"width": 620, "height": HIGH})
        beside = 2 + len(figure.series) + 2 * (len(figure.series) == 1 and any(figure.series[0].lows))
        self.page.insert_chart(top, min(beside, 8), chart, {"description": figure.alt or figure.metric})


def _whiskers(values: Any, lows: Any, highs: Any, axis: str) -> dict[str, Any]:
    known = [low is not None and value is not None for value, low in zip(values, lows, strict=False)]
    if not any(known):
        return {}
    plus = [h - v if ok else 0 for v, h, ok in zip(values, highs, known, strict=False)]
    minus = [v - low if ok else 0 for v, low, ok in zip(values, lows, known, strict=False)]
    return {
        "y_error_bars" if axis == "y" else "x_error_bars": {
            "type": "custom",
            "plus_values": plus,
            "minus_values": minus,
            "line": {"color": f"#{shared.QUIET}"},
        }
    }
