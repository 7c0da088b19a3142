"""A template as a workbook to fill in: headings with notes, lists to choose from, what each column means."""

import io

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from yimei.insight.rules.imports.templates import KINDS, Kind, Template

ROWS = 2000


def beside() -> frozenset[str]:
    """What the sheets of a template are called that explain it, in every language: they hold no rows."""
    found: set[str] = set()
    for language, _words in settings.LANGUAGES:
        with override(language):
            found |= {_("说明"), _("代码表")}
    return frozenset(found)


def workbook(template: Template) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    needed = book.add_format({"bold": True, "bg_color": "#E8F1EE", "border": 1})
    usual = book.add_format({"bold": True, "border": 1})
    text = book.add_format({"num_format": "@"})
    data, about, codes = (book.add_worksheet(name) for name in (_("数据"), _("说明"), _("代码表")))
    about.write_row(0, 0, [_("列名"), _("必填"), _("写法"), _("例子"), _("也认得的列名")], usual)
    codes.write_row(0, 0, [_("列名"), _("写法"), _("代码")], usual)
    at = 1
    for place, column in enumerate(template.columns):
        name = str(column.words)
        data.write_string(0, place, name, needed if column.is_needed else usual)
        data.write_comment(0, place, f"{KINDS[column.kind]}{'，' + _('必填') if column.is_needed else ''}")
        data.set_column(place, place, 14, text if column.identifies or column.kind == Kind.TEXT else None)
        about.write_row(
            place + 1,
            0,
            [
                name,
                _("是") if column.is_needed else "",
                str(KINDS[column.kind]),
                column.example,
                "、".join(column.also),
            ],
        )
        if column.codes:
            words = [str(label) for _code, label, _also in column.codes]
            data.data_validation(1, place, ROWS, place, {"validate": "list", "source": words})
            for code, label, _also in column.codes:
                codes.write_row(at, 0, [name, str(label), code])
                at += 1
    about.write_string(len(template.columns) + 2, 0, str(template.about))
    about.set_column(0, 4, 22)
    codes.set_column(0, 2, 18)
    data.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
