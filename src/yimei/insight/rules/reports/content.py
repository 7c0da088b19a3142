"""What a report holds, as its editors keep it: pages of blocks, each a question or words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import BlockKind
from yimei.insight.rules.metrics import BY_CODE, Metric
from yimei.insight.rules.metrics.dims import DIMS, dims_of
from yimei.insight.rules.questions import Question
from yimei.insight.rules.reports.periods import REACHES

MOST_PAGES = 12
MOST_BLOCKS = 12
MOST_METRICS = 12
MOST_WORDS = 4000
MOST_TITLE = 60
NAMING = {"staff", "surgeon"}
"""Splits that may show who of the staff it is."""


@dataclass(frozen=True)
class Item:
    """One recommendation, and the figures that are its evidence."""

    text: str
    metrics: tuple[str, ...] = ()
    reach: str = "period"


@dataclass(frozen=True)
class Block:
    """One thing on a page."""

    kind: BlockKind
    title: str = ""
    reach: str = "period"
    metrics: tuple[str, ...] = ()
    question: str = ""
    text: str = ""
    items: tuple[Item, ...] = ()

    @property
    def asked(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.question))

    @property
    def codes(self) -> Sequence[str]:
        """The metrics that this block shows."""
        if self.kind == BlockKind.FIGURE:
            return [self.asked.get("m", "")]
        if self.kind == BlockKind.ADVICE:
            return [code for item in self.items for code in item.metrics]
        return self.metrics


@dataclass(frozen=True)
class Page:
    title: str
    blocks: tuple[Block, ...] = field(default=())


Pages = tuple[Page, ...]


def read(kept: Any) -> Pages:
    """Read what was kept; a block of a kind or metric that no longer exists is left out."""
    return tuple(
        Page(str(page["title"]), tuple(block for one in page["blocks"] if (block := _block(one))))
        for page in kept["pages"]
    )


def write(pages: Pages) -> dict[str, Any]:
    return {"pages": [asdict(page) for page in pages]}


def figure_of(question: Question, title: str = "") -> Block:
    """Return the block of a question; over how long it reaches is the report's to say."""
    gone = {"span": None, "from": None, "to": None, "vs": None}
    days = (question.end - question.start).days
    reach = "period" if days <= 31 else "3m" if days <= 100 else "12m" if days <= 370 else "24m"
    return Block(
        BlockKind.FIGURE, title=title.strip()[:MOST_TITLE], reach=reach, question=question.query(**gone)
    )


def about(question: Question) -> Pages:
    """The pages of a report that answers one question: the figure, what changed, and the chart."""
    code = (question.metric.code,)
    blocks = (
        Block(BlockKind.NUMBERS, metrics=code),
        Block(BlockKind.FINDINGS, metrics=code),
        figure_of(question),
    )
    return (Page(str(question.metric.words), blocks),)


def with_figure(pages: Pages, block: Block) -> Pages:
    """Put a block at the end of the last page, or of a new one where that is full."""
    if pages and len(pages[-1].blocks) < MOST_BLOCKS:
        return (*pages[:-1], replace(pages[-1], blocks=(*pages[-1].blocks, block)))
    return (*pages, Page(_("更多"), (block,)))


def check(pages: Pages) -> Pages:
    """Refuse what no report may be, and say where."""
    if not pages or not any(page.blocks for page in pages):
        raise RuleBroken(_("报告至少要有一页和一块内容。"), code="empty")
    if len(pages) > MOST_PAGES:
        raise RuleBroken(_("一份报告最多 %(most)d 页。") % {"most": MOST_PAGES}, code="pages")
    for number, page in enumerate(pages, 1):
        where = {"page": number}
        if not page.title.strip():
            raise RuleBroken(_("第 %(page)d 页没有标题。") % where, code="title")
        if len(page.blocks) > MOST_BLOCKS:
            text = _("第 %(page)d 页的内容超过 %(most)d 块，请分到两页。")
            raise RuleBroken(text % {**where, "most": MOST_BLOCKS}, code="blocks")
        for block in page.blocks:
            _check_block(block, number)
    return pages


def words_of(pages: Pages) -> Iterator[str]:
    """Everything that an editor typed."""
    for page in pages:
        yield page.title
        for block in page.blocks:
            yield from (block.title, block.text, *(item.text for item in block.items))


def metrics_of(pages: Pages) -> list[Metric]:
    codes = dict.fromkeys(code for page in pages for block in page.blocks for code in block.codes)
    return [BY_CODE[code] for code in codes if code in BY_CODE]


def names_staff(pages: Pages) -> bool:
    """Whether a figure is split by members of staff."""
    return any(
        NAMING & {block.asked.get("by1"), block.asked.get("by2")} for page in pages for block in page.blocks
    )


def _block(kept: Mapping[str, Any]) -> Block | None:
    if kept["kind"] not in BlockKind.values:
        return None
    block = Block(
        BlockKind(kept["kind"]),
        title=kept.get("title", ""),
        reach=kept["reach"] if kept.get("reach") in REACHES else "period",
        metrics=tuple(code for code in kept.get("metrics", ()) if code in BY_CODE),
        question=kept.get("question", ""),
        text=kept.get("text", ""),
        items=tuple(
            Item(
                one["text"],
                tuple(code for code in one.get("metrics", ()) if code in BY_CODE),
                one["reach"] if one.get("reach") in REACHES else "period",
            )
            for one in kept.get("items", ())
        ),
    )
    gone = block.kind == BlockKind.FIGURE and block.codes[0] not in BY_CODE
    return None if gone else block


def _check_block(block: Block, page: int) -> None:
    where = {"page": page, "kind": block.kind.label}
    if block.kind in {BlockKind.NUMBERS, BlockKind.FINDINGS} and not block.metrics:
        raise RuleBroken(_("第 %(page)d 页的「%(kind)s」没有选指标。") % where, code="metrics")
    if len(block.metrics) > MOST_METRICS:
        text = _("第 %(page)d 页的「%(kind)s」超过 12 个指标。")
        raise RuleBroken(text % where, code="metrics")
    if block.kind == BlockKind.TEXT and not block.text.strip():
        raise RuleBroken(_("第 %(page)d 页有一块文字是空的；不需要就删掉它。") % where, code="text")
    if block.kind == BlockKind.FIGURE and block.codes[0] not in BY_CODE:
        raise RuleBroken(_("第 %(page)d 页有一张图没有选指标。") % where, code="question")
    known = {dim.code for dim in dims_of(BY_CODE[block.codes[0]].fact)} if block.question else set()
    strange = [block.asked[name] for name in ("by1", "by2") if block.asked.get(name, "") not in {"", *known}]
    if strange:
        words = {**where, "metric": BY_CODE[block.codes[0]].words, "dim": _dim(strange[0])}
        text = _("第 %(page)d 页：「%(metric)s」不能按「%(dim)s」拆分。")
        raise RuleBroken(text % words, code="question")
    if any(not item.metrics for item in block.items):
        raise RuleBroken(_("第 %(page)d 页有一条建议没有依据：请选它依据的指标。") % where, code="evidence")
    if any(not item.text.strip() for item in block.items):
        raise RuleBroken(_("第 %(page)d 页有一条建议是空的；不需要就删掉它。") % where, code="text")
    if any(len(text) > MOST_WORDS for text in (block.text, *(item.text for item in block.items))):
        raise RuleBroken(_("第 %(page)d 页有一段文字超过 4000 字。") % where, code="text")


def _dim(code: str) -> str:
    return str(DIMS[code].words) if code in DIMS else code[:20]
