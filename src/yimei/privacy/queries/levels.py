"""The level of each column (GB/T 39725, GB/T 45574): derived from its class, overridden only by name."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from yimei.people.enums import Level
from yimei.people.roles import Permission
from yimei.people.rules.access import RIGHT_OF, DataClass, Field


@dataclass(frozen=True)
class Standing:
    """How high a column stands, whether it is sensitive, and by which right it is read."""

    level: Level
    is_spi: bool
    right: Permission | None


@cache
def levels_of(model: str, field: str, data_class: str, *, is_encrypted: bool) -> Standing:
    """Return the standing of a column; what is sealed identifies or tells of health, so it is level 4."""
    kind = DataClass(data_class)
    derived = {
        DataClass.PLAIN: Level.WIDE,
        DataClass.PERSONAL: Level.DIRECT if is_encrypted else Level.PARTLY,
        DataClass.HEALTH: Level.DIRECT if is_encrypted else Level.PARTLY,
        DataClass.SECRET: Level.SPECIAL,
    }[kind]
    own = _overrides()["fields"].get(f"{model}.{field}", {})
    right = _overrides()["rights"].get(model)
    return Standing(
        level=Level(own.get("level", derived)),
        is_spi=bool(own.get("spi", kind == DataClass.HEALTH)),
        right=Permission(right) if right and kind != DataClass.SECRET else RIGHT_OF[kind],
    )


def override_names() -> Iterator[str]:
    """Every column that has a level of its own; a test finds those that exist no more."""
    yield from _overrides()["fields"]


@cache
def _overrides() -> Mapping[str, Any]:
    path = resources.files("yimei.privacy") / "data" / "levels.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def field_facts() -> Mapping[str, Field]:
    """What an access decision needs to know of every column, by ``Model.field``; read once a process."""
    from yimei.privacy.queries.datamap import columns

    return {
        f"{entry.model}.{entry.field}": Field(
            name=f"{entry.model}.{entry.field}",
            data_class=DataClass(entry.sensitivity.value),
            level=entry.level,
            right=entry.right,
            is_spi=entry.is_spi,
        )
        for entry in columns()
    }
