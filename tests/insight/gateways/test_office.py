"""Each file of a report is opened by a reader of its own kind; charts are theirs, formulas are nobody's."""

import base64
import io
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from pptx import Presentation
from python_calamine import load_workbook

from tests.factories.reports import EVIL, document, figure
from yimei.core.rules.tables import as_text
from yimei.insight.enums import ReportShape
from yimei.insight.gateways import office
from yimei.insight.gateways.office import shared
from yimei.insight.rules.reports.document import Part, Series, Sheet

AT = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
MARK = "内容指纹 SHA-256 abc"


@pytest.fixture(scope="module")
def files() -> dict[ReportShape, bytes]:
    return {shape: office.write(document(), shape, mark=MARK, at=AT) for shape in ReportShape}


@pytest.mark.slow(reason="the first file of each kind loads its library and the fonts")
def test_a_workbook_holds_true_numbers_and_charts_that_excel_draws(files: dict[ReportShape, bytes]) -> None:
    data = files[ReportShape.XLSX]
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["本月概况", "建议", "建议 2"]
    page = book["本月概况"]
    cells = {cell.value: cell for row in page.iter_rows() for cell in row if cell.value is not None}
    assert cells[0.214].number_format == "0.0%"
    assert cells[EVIL].data_type == "s"
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert len([name for name in names if name.startswith("xl/charts/chart")]) == 3
    rows = load_workbook(io.BytesIO(data)).get_sheet_by_name("本月概况").to_python()
    assert ["成交率", 0.214, 0.198, 0.231, 0.246, "−3.2\u202f个百分点"] in [row[:6] for row in rows]
    assert "为保护隐私不显示" in {cell for row in rows for cell in row}


def test_slides_hold_native_charts_with_their_numbers(files: dict[ReportShape, bytes]) -> None:
    deck = Presentation(io.BytesIO(files[ReportShape.PPTX]))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 3
    assert list(charts[0].plots[0].categories) == ["抖音", f"'{EVIL}", "老带新", "电话"]
    assert list(charts[0].plots[0].series[0].values) == [0.2, 0.1, 0.3, None]
    inside = openpyxl.load_workbook(io.BytesIO(charts[0].part.chart_workbook.xlsx_part.blob))
    assert all(cell.data_type != "f" for row in inside.active.iter_rows() for cell in row)
    said = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    assert any("院长月报" in text for text in said)
    assert any("超出偶然波动" in text for text in said)
    assert deck.core_properties.comments == MARK


@pytest.mark.parametrize(("months", "is_labelled"), [(12, True), (24, False)])
def test_columns_bear_their_numbers_only_while_these_have_room(months: int, is_labelled: bool) -> None:
    drawn = replace(
        figure(is_ordered=True),
        names=[f"2026-{n}" for n in range(months)],
        series=[Series("实收", [1_000_000.0] * months, [None] * months, [None] * months)],
    )
    paper = replace(document(), sheets=[Sheet("收入", [Part("figure", "实收 · 月", "", figure=drawn)])])
    deck = Presentation(io.BytesIO(office.write(paper, ReportShape.PPTX, mark=MARK, at=AT)))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert [chart.plots[0].has_data_labels for chart in charts] == [is_labelled]


def test_a_word_document_holds_native_charts_too(files: dict[ReportShape, bytes]) -> None:
    data = files[ReportShape.DOCX]
    paper = docx.Document(io.BytesIO(data))
    text = "\n".join(line.text for line in paper.paragraphs)
    assert "院长月报 · 2026 年 5 月" in text
    assert "超出偶然波动。" in text
    assert "𠮷田的话 🙂" in text
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "抽听咨询录音。" in " ".join(cells)
    package = zipfile.ZipFile(io.BytesIO(data))
    charts = [name for name in package.namelist() if name.startswith("word/charts/chart")]
    assert len([name for name in charts if name.endswith(".xml")]) == 3
    assert "externalData" in package.read(charts[0]).decode()
    sheets = [name for name in package.namelist() if name.startswith("word/embeddings/")]
    assert openpyxl.load_workbook(io.BytesIO(package.read(sheets[0]))).active["A2"].value == "抖音"


def test_a_pdf_carries_its_fonts_and_is_the_same_bytes_for_the_same_words(
    files: dict[ReportShape, bytes],
) -> None:
    data = files[ReportShape.PDF]
    assert data.startswith(b"%PDF-1.7")
    assert b"YimeiSansSC" in data
    assert b"/FontFile2" in data
    assert b"pdfaid" in data
    again = office.write(document(), ReportShape.PDF, mark=MARK, at=AT)
    assert again == data


def test_a_page_stands_alone_and_nothing_in_it_acts(files: dict[ReportShape, bytes]) -> None:
    text = files[ReportShape.HTML].decode()
    page = _Page(text)
    assert page.tags["img"] == 4
    assert not {"script", "iframe", "object", "link", "form", "a", "svg"} & set(page.tags)
    assert all(value.startswith("data:image/svg+xml;base64,") for value in page.sources)
    assert "default-src 'none'" in text
    assert not any(name.startswith("on") for name in page.names)
    assert {EVIL, "为保护隐私不显示", MARK} <= {one.strip() for one in page.words}
    assert all(any(said in one for one in page.words) for said in ("院长月报", "21.4", "超出偶然波动"))
    drawing = ET.fromstring(base64.b64decode(page.sources[0].split(",")[1]))
    assert drawing.tag.endswith("svg")


class _Page(HTMLParser):
    """What a browser would make of a page: its tags, its words, where its pictures come from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.names: set[str] = set()
        self.sources: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.names |= {name for name, _value in attrs}
        self.sources += [value for name, value in attrs if name in {"src", "href"} and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_names_of_sheets_are_such_as_excel_takes() -> None:
    assert shared.sheet_names(["a/b", "A b", "[x]", "长" * 40, ""]) == ["a b", "A b 2", "x", "长" * 24, "_"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert as_text(text) == f"'{text}"
    assert (as_text("普通"), as_text(-1)) == ("普通", -1)
