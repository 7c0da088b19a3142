"""A flow as a YAML file: the same words each time, so that two versions can be compared line by line."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

LARGEST = 64 * 1024


class _Reader(yaml.SafeLoader):
    """Plain values only: no tags, no references, no key twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "alias", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} ×2", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _as_clock(reader: Any, node: Any) -> Any:
    """Leave 10:00 a text: YAML 1.1 would make it 600."""
    text = str(reader.construct_scalar(node))
    return text if ":" in text else yaml.SafeLoader.construct_yaml_int(reader, node)


_Reader.add_constructor("tag:yaml.org,2002:int", _as_clock)
_Reader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in found if not (tag.endswith(":bool") and first in "yYnNoO")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""yes and no are words here, as in YAML 1.2; only true and false are not."""


def write(name: str, graph: dict[str, Any]) -> str:
    """Return the file of a flow, in its own order of words."""
    return str(yaml.safe_dump({"name": name, **graph}, allow_unicode=True, sort_keys=False, width=110))


def read(text: str) -> tuple[str, dict[str, Any]]:
    """Return name and graph of a file; what is no YAML is refused with line and column."""
    if len(text.encode()) > LARGEST:
        raise RuleBroken(_("文件超过 %(n)d KB。") % {"n": LARGEST // 1024}, code="file")
    try:
        found = yaml.load(text, Loader=_Reader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {"line": 1, "column": 1}
        raise RuleBroken(_("第 %(line)d 行第 %(column)d 列不是有效的 YAML。") % place, code="file") from None
    if not isinstance(found, dict) or not isinstance(found.get("name"), str):
        raise RuleBroken(_("文件开头应写 name: 旅程名称。"), code="file")
    return found.pop("name"), found
