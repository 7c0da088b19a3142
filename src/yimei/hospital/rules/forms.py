"""The shape of a document: sections of paragraphs, some with boxes that are never ticked beforehand."""

from typing import NotRequired, TypedDict

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken


class Choice(TypedDict):
    """One box that the customer ticks or leaves; its code names the answer."""

    code: str
    text: str


class Section(TypedDict):
    title: str
    paragraphs: list[str]
    choices: NotRequired[list[Choice]]


def check_sections(sections: list[Section]) -> None:
    """Refuse a document that nobody could read or answer."""
    if not sections:
        raise RuleBroken(_("文书至少要有一个章节。"))
    for section in sections:
        if not section["title"].strip():
            raise RuleBroken(_("每个章节都要有标题。"))
        texts = [*section["paragraphs"], *(choice["text"] for choice in section.get("choices", ()))]
        if not texts or not all(text.strip() for text in texts):
            raise RuleBroken(_("章节「%(title)s」没有内容或有空白段落。") % {"title": section["title"]})
    codes = choice_codes(sections)
    if len(codes) != len(set(codes)):
        raise RuleBroken(_("同一份文书里的勾选项编码不能重复。"))


def choice_codes(sections: list[Section]) -> list[str]:
    return [choice["code"] for section in sections for choice in section.get("choices", ())]
