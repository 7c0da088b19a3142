"""A whole report before the gate of figures: each of its own is read as a stranger would read it."""

from yimei.insight.rules.reports.document import Document, Figure
from yimei.privacy.rules.deidentify.figures import Figure as Told
from yimei.privacy.rules.deidentify.figures import check_figures


def check(document: Document) -> dict[str, int]:
    """Refuse a report with a figure that points at somebody; return what the ledger says of the others."""
    found = [_check(figure) for figure in document.figures]
    for number in document.numbers:
        check_figures([], Told((number.title,), number.people, number.is_hidden), is_personal=False)
    return {
        "figures": sum(one["figures"] for one in found) + len(document.numbers),
        "hidden": sum(one["hidden"] for one in found) + sum(one.is_hidden for one in document.numbers),
    }


def _check(figure: Figure) -> dict[str, int]:
    names = [tuple(str(value) for value in row[: figure.keys]) for row in figure.rows]
    people = [row[-1] if isinstance(row[-1], int) else None for row in figure.rows]
    return check_figures(
        [Told(*one) for one in zip(names, people, figure.hidden, strict=True)],
        Told((figure.metric,), figure.total.people, figure.total.is_hidden),
        is_personal=figure.is_personal,
    )
