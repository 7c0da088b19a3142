"""What leaves as a sheet holds text where somebody wrote a formula, and nothing where few people stand."""

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from yimei.insight.queries.figures import Answer, Cell
from yimei.insight.queries.sheets import csv_bytes, xlsx_bytes
from yimei.insight.rules.questions import parse

EVIL = ('=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


def answer(*names: str) -> Answer:
    question = parse({"m": "ad_spend", "by1": "campaign"}, today=date(2026, 6, 16))
    cells = [Cell((name,), (name,), 12.5, 20) for name in names]
    return Answer(question, cells, Cell((), (), 12.5, 20), 0)


@pytest.mark.parametrize("name", EVIL)
def test_a_campaign_that_begins_like_a_formula_is_text(name: str) -> None:
    text = csv_bytes(answer(name)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[1][0] == f"'{name}"
    cell = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(answer(name)))).active["A2"]  # type: ignore[index]
    assert cell.data_type == "s"
    assert str(cell.value).endswith(name.strip())


def test_a_hidden_figure_leaves_without_its_number() -> None:
    asked = answer("甲", "乙")
    hidden = replace(asked.cells[1], value=None, n=None, is_hidden=True)
    asked = replace(asked, cells=[asked.cells[0], hidden])
    rows = list(csv.reader(io.StringIO(csv_bytes(asked).decode("utf-8-sig"))))
    assert rows[2][1:] == ["为保护隐私不显示", "", "", ""]
