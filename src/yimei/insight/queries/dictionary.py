"""The dictionary of the mart and the catalogue of metrics, printed from the code."""

from collections.abc import Iterator

from yimei.insight.rules.mart.derived import OPEN_MINUTES
from yimei.insight.rules.mart.dimensions import COLUMNS
from yimei.insight.rules.metrics import METRICS, SUBJECTS
from yimei.insight.rules.metrics.dims import TABLES, dims_of
from yimei.insight.rules.small_cells import LEAST

HEAD = f"""# Figures: metrics and the dictionary of the mart

Printed by `yimei mart docs` from the code; a test compares. A metric is defined once, here, and every chart,
dashboard, download and call takes its SQL from that definition. Shares carry a Wilson interval, means
Student's t, ratios and medians one drawn from whole customers. Behind a figure stand at least {LEAST} people,
or it is hidden, together with what would give it away by subtraction. Targets are second-hand (domain 7.7)
and unverified; an operating room counts as open for {OPEN_MINUTES} minutes a day, a default of the house.
Figures numbered I count tables that were brought in; each row names its import (`batch`). What winning
customers costs (`acquisition`) and what is left of the receipts (`profit`) join customers and payments with
the house's own ledger of costs (`cost`, `spend`), and with what was brought in for months, accounts and
channels of which the ledger says nothing; a month without any counts in neither.
"""


def markdown() -> str:
    return "\n".join([HEAD, *_metrics(), *_tables(), *_dimensions()]) + "\n"


def _metrics() -> Iterator[str]:
    for letter, (subject, owner) in SUBJECTS.items():
        yield f"## {letter} {subject.zh} / {subject.en}"
        yield ""
        yield f"Owner: {owner.zh} ({owner.en})."
        yield ""
        yield "| no. | code | name | formula | unit | better | target | fact | split by |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        for one in METRICS:
            if one.number[0] != letter:
                continue
            splits = ", ".join(dim.code for dim in dims_of(one.fact) if not dim.is_time)
            target = "" if one.target is None else f"{one.target:g}"
            yield (
                f"| {one.number} | `{one.code}` | {one.words.zh}<br>{one.words.en} | {one.formula.zh}<br>"
                f"{one.formula.en} | {one.unit or 'n'} | {one.way.value} | {target} | {one.fact} | {splits} |"
            )
        yield ""


def _tables() -> Iterator[str]:
    yield "## Tables / 数据表"
    yield ""
    for table in TABLES.values():
        yield f"### `{table.name}` {table.words.zh} / {table.words.en}"
        yield ""
        yield f"{table.grain.zh}; {table.grain.en}. From: {table.source}."
        yield ""
        yield "| column | type | name | lineage |"
        yield "| --- | --- | --- | --- |"
        for column in table.columns:
            lineage = column.lineage.replace("|", "\\|")
            yield f"| `{column.name}` | {column.kind} | {column.words.zh} / {column.words.en} | {lineage} |"
        yield ""


def _dimensions() -> Iterator[str]:
    yield "## Dimensions with history / 维度"
    yield ""
    yield "One row per version: key, attributes, `valid_from`, `valid_to` (not included), `is_current`."
    yield ""
    yield "| dimension | attributes |"
    yield "| --- | --- |"
    for name, columns in COLUMNS.items():
        yield f"| `{name}` | {', '.join(f'{column} {kind}' for column, kind in columns)} |"
