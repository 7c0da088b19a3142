"""A report as one HTML file: no script, charts inside; it opens offline and prints."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yimei.insight.gateways.office import shared
from yimei.insight.rules.reports.document import Document

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 32px 20px 48px; max-width: 860px; color: #1e2a2c; background: #fff;
  font: 15px/1.7 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { margin: 4px 0 8px; font-size: 28px; line-height: 1.35; overflow-wrap: anywhere; }
h2 { margin: 40px 0 12px; color: #1f6f63; font-size: 20px; }
h3 { margin: 28px 0 8px; font-size: 16px; }
h3 span { margin-left: 8px; color: #5b6b6e; font-size: 13px; font-weight: 400; }
.quiet { margin: 2px 0; color: #5b6b6e; font-size: 13px; overflow-wrap: anywhere; }
header { padding-bottom: 12px; border-bottom: 2px solid #1f6f63; }
.cards { display: grid; gap: 10px; margin: 8px 0;
  grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); }
.card { padding: 10px 12px; border-radius: 8px; background: #f3f6f4; }
.card b { display: block; font-size: 22px; line-height: 1.4; font-variant-numeric: tabular-nums; }
.good { color: #3c7a3f; } .danger { color: #b3382c; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 8px; border-bottom: 1px solid #d9dfda; text-align: left; vertical-align: top; }
th { border-bottom-color: #1e2a2c; } .num { text-align: right; white-space: nowrap; }
img { display: block; width: 100%; height: auto; margin: 8px 0; }
.finding { margin: 12px 0; padding-left: 12px; border-left: 3px solid #d9dfda; }
.finding.good { border-color: #3c7a3f; color: inherit; }
.finding.danger { border-color: #b3382c; color: inherit; }
.finding p, .advice p { margin: 4px 0; }
.advice { display: grid; grid-template-columns: 6fr 5fr; gap: 8px 20px; }
footer { margin-top: 40px; padding-top: 10px; border-top: 1px solid #d9dfda; }
@media (max-width: 600px) { .advice { grid-template-columns: 1fr; } }
@media print {
  body { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  img, .card, .finding { break-inside: avoid; }
}
"""


def write(document: Document, mark: str, at: datetime) -> bytes:
    """Return the file in UTF-8; ``mark`` stands at its end, ``at`` in its head."""
    sheets = "".join(
        f"<section><h2>{escape(sheet.title)}</h2>"
        f"{''.join(_part(shared.laid_out(part)) for part in sheet.parts)}</section>"
        for sheet in document.sheets
    )
    page = (
        f'<!doctype html>\n<html lang="{escape(get_language() or "zh-hans")}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="date" content="{at.isoformat()}"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(document.title)}</title><style>{STYLE}</style></head><body>"
        f'<header><p class="quiet">{escape(document.hospital)}</p><h1>{escape(document.title)}</h1>'
        f"{_quiet(shared.about(document))}</header><main>{sheets}</main>"
        f"<footer>{_quiet([*document.notes, mark])}</footer></body></html>\n"
    )
    return page.encode()


def _part(part: Mapping[str, Any]) -> str:
    title = escape(part["title"])
    span = f"<span>{escape(part['span'])}</span>" if part["span"] else ""
    return "".join(
        [
            f"<h3>{title}{span}</h3>" if title else "",
            _quiet([part["refusal"]]),
            f'<div class="cards">{"".join(map(_card, part["numbers"]))}</div>' if part["numbers"] else "",
            _picture(part["drawn"], title),
            _table(part["head"], part["rows"]),
            _quiet([part["formula"]]),
            *(f"<p>{escape(words)}</p>" for words in part["says"]),
            *map(_finding, part["findings"]),
            _advice(part["advice"]),
            *(f"<p>{escape(words)}</p>" for words in part["paragraphs"]),
        ]
    )


def _card(one: Mapping[str, str]) -> str:
    return (
        f'<div class="card">{_quiet([one["title"]])}<b>{escape(one["text"])}</b>'
        f"{_quiet([one['interval'] and '95% ' + one['interval']])}"
        f'<span class="{escape(one["tone"])}">{escape(one["change"])}</span></div>'
    )


def _picture(drawn: str, alt: str) -> str:
    """As an image, so that nothing in a drawing can act."""
    if not drawn:
        return ""
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="{alt or escape(_("图"))}" src="data:image/svg+xml;base64,{data}">'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    words = len(head) - 3

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}>{escape(one)}</{tag}>" if at < words else f'<{tag} class="num">{escape(one)}</{tag}>'
            for at, one in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _finding(one: Mapping[str, Any]) -> str:
    said = "".join(f"<p>{escape(words)}</p>" for words in one["sentences"])
    return f'<div class="finding {escape(one["tone"])}"><b>{escape(one["title"])}</b>{said}</div>'


def _advice(found: Sequence[Mapping[str, Any]]) -> str:
    lines = "".join(
        f"<p><b>{n}</b> {escape(one['text'])}</p><div>{_quiet(one['evidence'])}</div>"
        for n, one in enumerate(found, 1)
    )
    return f'<div class="advice">{lines}</div>' if lines else ""


def _quiet(lines: Sequence[str]) -> str:
    return "".join(f'<p class="quiet">{escape(words)}</p>' for words in lines if words)
