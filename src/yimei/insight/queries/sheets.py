"""Figures as a file: CSV that every program reads, or a sheet with real numbers."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from yimei.core.rules.tables import as_text
from yimei.insight.queries.figures import Answer, Cell
from yimei.insight.rules import writing


def csv_bytes(answer: Answer) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_head(answer))
    for row in _rows(answer):
        writer.writerow([as_text(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(answer: Answer) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(str(answer.question.metric.words)[:31])
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, _head(answer), bold)
    for number, row in enumerate(_rows(answer), 1):
        for place, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value is not None:
                sheet.write_string(number, place, value)
    sheet.set_column(0, len(_head(answer)), 16)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _head(answer: Answer) -> list[str]:
    question = answer.question
    head = [str(dim.words) for dim in question.by] or [_("范围")]
    head += [str(question.metric.words), _("95% 下限"), _("95% 上限"), str(question.metric.behind)]
    if question.versus:
        head += [_("对比期"), _("差"), _("差的 95% 下限"), _("差的 95% 上限")]
    return head


def _rows(answer: Answer) -> Iterator[list[str | float | None]]:
    for cell in answer.cells:
        yield _row(answer, cell, list(cell.names))
    names = [_("合计")] + [""] * (max(1, len(answer.question.by)) - 1)
    yield _row(answer, answer.total, names)


def _row(answer: Answer, cell: Cell, names: list[str]) -> list[str | float | None]:
    row: list[str | float | None] = [*names]
    if cell.is_hidden:
        row += [writing.not_shown(), None, None, None]
    else:
        low, high = (cell.interval.low, cell.interval.high) if cell.interval else (None, None)
        row += [cell.value, low, high, cell.n]
    if answer.question.versus:
        change = cell.change
        row += [cell.before, *((change.value, change.low, change.high) if change else (None, None, None))]
    return row
