"""Drafts that save themselves: whose page wrote last, and which page was overtaken."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.core.errors import Conflict

LONGEST = 32


@dataclass(frozen=True)
class Page:
    """The page behind a save: the revision it had before it, and a word of its own.

    A page whose answer got lost on the way does not know its last revision, but it knows its word.
    """

    revision: int
    writer: str = ""

    @property
    def name(self) -> str:
        return self.writer[:LONGEST]


def check_not_overtaken(page: Page, *, revision: int, writer: str) -> None:
    if page.revision == revision or (page.name and page.name == writer):
        return
    text = _("同一份内容在另一处保存得更晚。这一页填的还在；请刷新后核对再保存。")
    raise Conflict(text, code="stale")
