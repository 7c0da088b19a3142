"""Refusals that a reader can act on; every part raises these and no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Missing:
    """One thing that must come first: what it is, which rule asks for it, where to give it."""

    what: str
    why: str
    where: str = ""


class Refusal(Exception):  # noqa: N818 - raise RuleBroken, raise NotFound: they read as sentences
    """The root of everything the program says no with."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RuleBroken(Refusal):
    """A rule of the house or of the law does not allow it."""

    status = 422

    def __init__(self, message: str, *, missing: Sequence[Missing] = (), code: str = "rule") -> None:
        super().__init__(message)
        self.missing = tuple(missing)
        self.code = code


class Conflict(RuleBroken):
    """Somebody else has it already; says when it is free next."""

    status = 409

    def __init__(
        self,
        message: str,
        *,
        next_free: Sequence[tuple[datetime, datetime]] = (),
        missing: Sequence[Missing] = (),
        code: str = "conflict",
    ) -> None:
        super().__init__(message, missing=missing, code=code)
        self.next_free = tuple(next_free)


class NotFound(Refusal):
    """No such row, or no right to know that there is one: the reader cannot tell which."""

    status = 404

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("没有找到，或您无权查看。"))
