"""Which photographs a category of procedures asks for: named angles, always in the same order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yimei.hospital.enums import Category, Evidence


@dataclass(frozen=True)
class Angle:
    """One view of a series, with the drawing that shows it and a word to who holds the camera."""

    code: str
    name: str
    guide: str
    hint: str = ""


@dataclass(frozen=True)
class Series:
    """The views that are taken before a procedure and again at each review."""

    category: Category
    name: str
    angles: tuple[Angle, ...]
    is_intimate: bool
    """Shows a private part of the body (民法典第一千零三十三条)."""
    evidence: Evidence
    source: str

    def angle(self, code: str) -> Angle | None:
        return next((angle for angle in self.angles if angle.code == code), None)


def read_series(data: Mapping[str, Any]) -> dict[Category, Series]:
    """Return the series of each category; every category has one."""
    found = {}
    for row in data["series"]:
        angles = tuple(Angle(**angle) for angle in row["angles"])
        if len({angle.code for angle in angles}) != len(angles):
            raise ValueError(f"{row['category']}: an angle stands twice")
        category = Category(row["category"])
        found[category] = Series(
            category=category,
            name=row["name"],
            angles=angles,
            is_intimate=row.get("is_intimate", False),
            evidence=Evidence(row["evidence"]),
            source=row["source"],
        )
    if missing := sorted({*Category} - {*found}):
        raise ValueError(f"no series for {missing}")
    return found
