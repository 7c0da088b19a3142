"""Puts the figures into a report, within the rights of whoever reads or signs it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.insight.enums import BlockKind, Chart
from yimei.insight.queries import mart
from yimei.insight.queries.drawing import compares, drawing, says
from yimei.insight.queries.figures import Answer, Cell, answer
from yimei.insight.queries.reports.facts import Reading, fact
from yimei.insight.queries.rights import may_see
from yimei.insight.rules import writing
from yimei.insight.rules.metrics import BY_CODE, Metric
from yimei.insight.rules.questions import Question, parse
from yimei.insight.rules.reports import advice, narrative
from yimei.insight.rules.reports.content import Block, Item, Pages
from yimei.insight.rules.reports.document import (
    Document,
    Figure,
    Finding,
    Number,
    Part,
    Recommendation,
    Series,
    Sheet,
    Value,
)
from yimei.insight.rules.reports.narrative import Fact
from yimei.insight.rules.reports.periods import REACHES, window, words

DRAWN = {Chart.BAR: "bar", Chart.LINE: "line", Chart.HEAT: "heat", Chart.PIE: "bar", Chart.FUNNEL: "bar"}
SHORT_TABLE = 12
MOST_ROWS = 200


def compose(
    pages: Pages,
    reading: Reading,
    *,
    title: str,
    hospital: str,
    scope: str,
    status: str,
    by: str,
    now: datetime,
) -> Document:
    """Return the report with its figures as they are now."""
    fresh = mart.freshness()
    return Document(
        title=title,
        hospital=hospital,
        scope=scope,
        period=words(reading.period),
        fresh=f"{fresh.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if fresh else "",
        made=f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        by=by,
        status=status,
        sheets=[Sheet(page.title, [part(block, reading) for block in page.blocks]) for page in pages],
        notes=_notes(),
    )


def _notes() -> list[str]:
    return [
        writing.why_not_shown(),
        _("区间是 95% 区间；「超出偶然波动」指差的区间不含零，分组比较另作 Holm 校正。"),
        _("指标的定义见「指标与字典」；目标为可修改的默认值，未经核实。"),
    ]


def part(block: Block, reading: Reading) -> Part:
    """Return one block with its figures; without a right to one of them it says so and nothing else."""
    refused = [code for code in block.codes if not may_see(BY_CODE[code], reading.by)]
    title = block.title or _title(block)
    span = words(window(block.reach, reading.period))
    shown = Part(block.kind.value, title, span if block.kind != BlockKind.TEXT else "")
    if refused and block.kind != BlockKind.ADVICE:
        return replace(shown, refusal=_("您没有查看这个指标的权限。"))
    match block.kind:
        case BlockKind.NUMBERS:
            facts = [fact(reading, BY_CODE[c], block.reach, with_movers=False) for c in block.metrics]
            people = [reading.total(BY_CODE[c], block.reach).total.n for c in block.metrics]
            return replace(shown, numbers=[_number(*pair) for pair in zip(facts, people, strict=True)])
        case BlockKind.FINDINGS:
            return replace(shown, findings=[finding(reading, BY_CODE[c], block.reach) for c in block.metrics])
        case BlockKind.FIGURE:
            return _figure(shown, block, reading)
        case BlockKind.ADVICE:
            nothing = [] if block.items else [_no_advice()]
            items = [_advice(item, reading) for item in block.items]
            return replace(shown, advice=items, paragraphs=nothing, span="")
    return replace(shown, paragraphs=[line for line in block.text.splitlines() if line.strip()])


def _no_advice() -> str:
    return _("这一期没有指标超出偶然波动地变差，也没有确定未达标的，所以没有起草建议。")


def finding(reading: Reading, metric: Metric, reach: str) -> Finding:
    known = fact(reading, metric, reach)
    return Finding(str(metric.words), narrative.sentences(known), known.tone)


def suggested(pages: Pages, reading: Reading) -> list[Item]:
    """Draft recommendations from every figure that the report shows."""
    seen: dict[str, str] = {}
    for page in pages:
        for block in page.blocks:
            if block.kind in {BlockKind.NUMBERS, BlockKind.FINDINGS}:
                seen |= {code: block.reach for code in block.metrics if code not in seen}
    by = reading.by
    readable = [(BY_CODE[code], reach) for code, reach in seen.items() if may_see(BY_CODE[code], by)]
    found = advice.drafts(
        (fact(reading, metric, reach, with_movers=False), reach) for metric, reach in readable
    )
    return [
        replace(item, metrics=tuple(code for code in item.metrics if may_see(BY_CODE[code], by)))
        for item in found
    ]


def _title(block: Block) -> str:
    if block.kind != BlockKind.FIGURE:
        return "" if block.kind == BlockKind.TEXT else str(block.kind.label)
    return ""


def _advice(item: Item, reading: Reading) -> Recommendation:
    evidence = []
    for code in item.metrics:
        metric = BY_CODE[code]
        if not may_see(metric, reading.by):
            continue
        known = fact(reading, metric, item.reach, with_movers=False)
        evidence.append(_evidence(known))
    return Recommendation(item.text, evidence)


def _evidence(known: Fact) -> str:
    metric = known.metric
    if known.is_hidden:
        return f"{metric.words}：{writing.not_shown()}"
    text = f"{metric.words} {known.say(known.value)}"
    span = writing.interval(known.interval, metric.unit, metric.decimals)
    if span:
        text += f"（95% {span}）"
    if known.before.change is not None:
        text += _("，较上期 %(change)s") % {"change": known.say_change(known.before.change.value)}
    if metric.target is not None:
        text += _("，目标 %(target)s") % {"target": known.say(metric.target)}
    why = advice.reasons(known)
    return text + (f"：{'；'.join(why)}" if why else "")


def _number(known: Fact, people: int | None) -> Number:
    metric, change = known.metric, known.before.change
    shape = {"title": str(metric.words), "unit": metric.unit, "decimals": metric.decimals}
    if known.is_hidden:
        return Number(**shape, text=writing.not_shown(), is_hidden=True)  # type: ignore[arg-type]
    note, said = "", known.say_change(change.value) if change else ""
    if change is not None and not change.is_beyond_chance:
        note = _("在波动范围内")
    elif change is None and known.value is not None and known.before.value is not None:
        said, note = known.say_change(known.value - known.before.value), _("未判断波动")
    return Number(
        **shape,  # type: ignore[arg-type]
        text=known.say(known.value),
        interval=writing.interval(known.interval, metric.unit, metric.decimals),
        change=said,
        tone=known.tone,
        note=note,
        value=known.value,
        low=known.interval.low if known.interval else None,
        high=known.interval.high if known.interval else None,
        before=known.before.value,
        people=people,
    )


def question_of(block: Block, reading: Reading) -> Question:
    """The question of a figure over the days that it shows."""
    span = window(block.reach, reading.period)
    own = {"span": "own", "from": span.start.isoformat(), "to": span.last.isoformat()}
    asked = parse({**block.asked, **own, "vs": ""}, today=span.last)
    return replace(asked, only={**asked.only, **reading.only})


def _figure(shown: Part, block: Block, reading: Reading) -> Part:
    asked = question_of(block, reading)
    found = answer(asked, by=reading.by)
    chart = DRAWN.get(asked.chart, "table")
    spec = drawing(found, by=reading.by) if chart != "table" else None
    names = list(spec["names"]) if spec else []
    series = (
        [Series(**{k: one[k] for k in ("name", "values", "lows", "highs")}) for one in spec["series"]]
        if spec
        else []
    )
    head, rows, hidden = _table(found)
    metric = asked.metric
    says_ = []
    if asked.chart == Chart.LINE and len(asked.by) == 1 and series:
        says_ = narrative.trend(metric, names, series[0].values)
    total = _total(found)
    if rows and (all(row[-4] is None for row in rows) or (series and not compares(spec, found.hidden_count))):
        says_ = [writing.none_shown()]
        if not total.is_hidden:
            says_.append(_("不拆开为 %(value)s。") % {"value": total.text})
        chart, names, series, head, rows, hidden = "none", [], [], [], [], []
    figure = Figure(
        metric=str(metric.words),
        formula=str(metric.formula),
        chart=chart,
        unit=metric.unit,
        decimals=metric.decimals,
        names=names,
        series=series,
        head=head,
        rows=rows,
        hidden=hidden,
        total=total,
        is_ordered=bool(spec and spec["isOrdered"]),
        is_personal=metric.is_personal,
        is_tabled=chart == "table",
        alt=says(found),
        keys=len(asked.by),
    )
    split = " × ".join(str(dim.words) for dim in asked.by)
    title = shown.title or (f"{metric.words} · {split}" if split else str(metric.words))
    return replace(shown, title=title, figure=figure, says=says_)


def _total(found: Answer) -> Number:
    metric, total = found.question.metric, found.total
    text = (
        writing.not_shown() if total.is_hidden else writing.figure(total.value, metric.unit, metric.decimals)
    )
    return Number(
        str(metric.words), text, unit=metric.unit, decimals=metric.decimals, value=total.value,
        people=total.n, is_hidden=total.is_hidden,
    )  # fmt: skip


def _table(found: Answer) -> tuple[list[str], list[list[Value]], list[bool]]:
    question = found.question
    head = [str(dim.words) for dim in question.by] or [_("范围")]
    head += [str(question.metric.words), _("95% 下限"), _("95% 上限"), str(question.metric.behind)]
    cells: Sequence[Cell] = found.cells[:MOST_ROWS]
    rows = [_row(cell, list(cell.names)) for cell in cells]
    if not rows:
        rows = [_row(found.total, [_("合计")])]
        return head, rows, [found.total.is_hidden]
    return head, rows, [cell.is_hidden for cell in cells]


def _row(cell: Cell, names: list[Value]) -> list[Value]:
    if cell.is_hidden:
        return [*names, None, None, None, None]
    low, high = (cell.interval.low, cell.interval.high) if cell.interval else (None, None)
    return [*names, cell.value, low, high, cell.n]


def reach_words(reach: str) -> str:
    return str(REACHES[reach][0])
