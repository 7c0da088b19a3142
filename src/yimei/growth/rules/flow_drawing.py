"""Where the boxes and lines of a flow lie on its picture; the page only draws them."""

from collections.abc import Mapping
from dataclasses import dataclass

from yimei.growth.enums.flows import NodeKind
from yimei.growth.rules.flows.graphs import Graph, Node, order

WIDE, HIGH, ACROSS, DOWN, EDGE = 168, 56, 32, 56, 16
ICONS = {
    NodeKind.WAIT: "clock",
    NodeKind.CHECK: "filter",
    NodeKind.SPLIT: "arrows-split",
    NodeKind.MESSAGE: "message-circle",
    NodeKind.TASK: "clipboard-list",
}


@dataclass(frozen=True)
class Box:
    """One step, with how many people came by."""

    code: str
    kind: str
    title: str
    text: str
    x: int
    y: int
    count: int | None

    @property
    def middle(self) -> int:
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Line:
    """One way from a step to the next, or to the end; `way` names it for the button that puts a step in."""

    path: str
    word: str
    word_x: int
    word_y: int
    after: str
    way: str
    is_end: bool
    end_x: int = 0
    end_y: int = 0


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def draw(
    graph: Graph,
    texts: Mapping[str, str],
    words: Mapping[str, str],
    counts: Mapping[str, int] | None = None,
) -> Picture:
    """Lay steps in rows by their longest way from the start; a ring is cut where it closes."""
    depth = _depths(graph)
    rows: dict[int, list[str]] = {}
    for code in order(graph):
        rows.setdefault(depth[code], []).append(code)
    widest = max(len(row) for row in rows.values())
    width = max(widest * (WIDE + ACROSS) - ACROSS, WIDE * 2) + 2 * EDGE
    boxes = {}
    for level, row in rows.items():
        left = (width - (len(row) * (WIDE + ACROSS) - ACROSS)) // 2
        for n, code in enumerate(row):
            node = graph.nodes[code]
            boxes[code] = Box(
                code, node.kind.value, node.label, texts.get(code, ""),
                left + n * (WIDE + ACROSS), EDGE + level * (HIGH + DOWN),
                counts.get(code, 0) if counts is not None else None,
            )  # fmt: skip
    lines = [line for code in boxes for line in _lines(graph.nodes[code], boxes, words)]
    height = EDGE + (max(rows) + 1) * (HIGH + DOWN)
    return Picture(width, height, list(boxes.values()), lines)


def _lines(node: Node, boxes: Mapping[str, Box], words: Mapping[str, str]) -> list[Line]:
    box, ways = boxes[node.code], list(node.ways)
    found = []
    for n, (way, to) in enumerate(ways):
        spread = 0 if len(ways) == 1 else int((n - (len(ways) - 1) / 2) * (WIDE / len(ways)))
        x, y = box.middle + spread, box.y + HIGH
        target = boxes.get(to)
        word = words.get(way, way)
        if target is None or target.y <= box.y:
            path = f"M{x} {y} V{y + DOWN // 2}"
            found.append(Line(path, word, x, y + 16, node.code, way, True, x, y + DOWN // 2 + 4))
            continue
        end = target.y
        path = f"M{x} {y} C{x} {y + DOWN // 2} {target.middle} {end - DOWN // 2} {target.middle} {end - 4}"
        found.append(Line(path, word, x, y + 16, node.code, way, False))
    return found


def _depths(graph: Graph) -> dict[str, int]:
    depth: dict[str, int] = {}

    def walk(code: str, level: int, path: tuple[str, ...]) -> None:
        if code not in graph.nodes or code in path or depth.get(code, -1) >= level:
            return
        depth[code] = level
        for _way, to in graph.nodes[code].ways:
            walk(to, level + 1, (*path, code))

    walk(graph.start, 0, ())
    return depth
