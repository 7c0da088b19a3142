"""Who gets a new lead. The same candidates and seed give the same answer, today and in a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from yimei.growth.enums import AssignRule


@dataclass(frozen=True)
class Candidate:
    """One who could take it: open leads now, and how long ago the last came (-1: never)."""

    code: str
    load: int = 0
    last: int = -1
    on_shift: bool = True
    skilled: bool = True
    full: bool = False
    """The last three are asked by skill and shift; a log without them is of another rule."""

    @property
    def is_free(self) -> bool:
        return self.on_shift and self.skilled and not self.full

    def plain(self) -> Mapping[str, Any]:
        told = {"code": self.code, "load": self.load, "last": self.last}
        flags = {"on_shift": self.on_shift, "skilled": self.skilled, "full": self.full}
        return told | ({} if flags == {"on_shift": True, "skilled": True, "full": False} else flags)


def ticket(seed: str, code: str) -> str:
    """The lot of one candidate; nobody can choose it and everybody can compute it again."""
    return sha256(f"{seed}:{code}".encode()).hexdigest()


def round_robin(candidates: Sequence[Candidate], seed: str) -> Candidate | None:
    """Whoever has waited longest for a lead; lots among those who wait equally long."""
    return min(candidates, key=lambda one: (one.last, ticket(seed, one.code)), default=None)


def least_busy(candidates: Sequence[Candidate], seed: str) -> Candidate | None:
    """Whoever has the fewest open leads, then whoever has waited longest, then lots."""
    return min(candidates, key=lambda one: (one.load, one.last, ticket(seed, one.code)), default=None)


def by_skill(candidates: Sequence[Candidate], seed: str) -> Candidate | None:
    """Of those on shift who know the subject and can take more, the least busy; nobody when there is none."""
    return least_busy([one for one in candidates if one.is_free], seed)


def draw(rule: AssignRule, candidates: Sequence[Candidate], seed: str) -> Candidate | None:
    by_rule = {
        AssignRule.ROUND_ROBIN: round_robin,
        AssignRule.LEAST_BUSY: least_busy,
        AssignRule.SKILL: by_skill,
        AssignRule.MANAGER: least_busy,
    }
    return by_rule[rule](candidates, seed)


def repeat(rule: str, candidates: Sequence[Mapping[str, Any]], seed: str) -> str:
    """Draw again from the log; gives the code that the log must name."""
    found = draw(AssignRule(rule), [Candidate(**one) for one in candidates], seed)
    return found.code if found else ""
