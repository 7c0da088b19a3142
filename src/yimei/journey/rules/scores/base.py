"""A risk score as data: items with their points, bands with what they mean, and where it comes from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.utils.functional import Promise

Words = str | Promise


class Frozen(TypedDict):
    """A score as it is kept with an assessment: in words, so that later tables change nothing."""

    name: str
    value: str
    band: str
    tone: str
    reading: str
    suggestion: str
    items: list[str]
    source: str


@dataclass(frozen=True)
class Item:
    """One thing that counts; of a group only the highest counts, and ``is_derived`` is never asked."""

    code: str
    label: Words
    points: int
    group: str = ""
    is_derived: bool = False


@dataclass(frozen=True)
class Band:
    """From so many points on: how it is called, what it means, what is suggested."""

    points: int
    label: Words
    reading: Words
    suggestion: Words = ""
    tone: str = ""


@dataclass(frozen=True)
class Score:
    code: str
    name: Words
    items: Sequence[Item]
    bands: Sequence[Band]
    source: Words

    @property
    def asked(self) -> list[Item]:
        return [item for item in self.items if not item.is_derived]

    def counted(self, ticked: Collection[str]) -> list[Item]:
        """Return what counts: each item once, of a group only the one with most points."""
        found = [item for item in self.items if item.code in ticked]
        best = {item.group: item for item in sorted(found, key=lambda item: item.points) if item.group}
        return [item for item in found if not item.group or best[item.group] is item]

    def total(self, ticked: Collection[str]) -> int:
        return sum(item.points for item in self.counted(ticked))

    def band(self, total: int) -> Band:
        return max((band for band in self.bands if band.points <= total), key=lambda band: band.points)

    def freeze(self, ticked: Collection[str]) -> Frozen:
        """Return value, band, items and source as they are told today."""
        total = self.total(ticked)
        band = self.band(total)
        return Frozen(
            name=str(self.name),
            value=str(total),
            band=str(band.label),
            tone=band.tone,
            reading=str(band.reading),
            suggestion=str(band.suggestion),
            items=[f"{item.label} +{item.points}" for item in self.counted(ticked)],
            source=str(self.source),
        )
