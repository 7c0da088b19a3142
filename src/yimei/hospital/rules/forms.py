"""The shape of a document: sections of paragraphs, some with boxes that are never ticked beforehand."""

import re
from collections.abc import Iterator
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


def check_same_boxes(before: list[Section], after: list[Section]) -> None:
    """What a ticked box allows hangs on its code: a new text asks for the same boxes as the one before."""
    known, asked = set(choice_codes(before)), set(choice_codes(after))
    if known != asked:
        said = _("勾选项的编码决定客户同意了什么，不能增减或改名；原有：%(codes)s。")
        raise RuleBroken(said % {"codes": "、".join(sorted(known)) or _("无")}, code="text")


SECTION, BOX = "# ", "□ "
CODE = re.compile(r"[a-z][a-z0-9_-]{0,23}")


def written(sections: list[Section]) -> str:
    """Return a document as its keeper edits it: ``# title``, paragraphs apart, ``□ code words``."""
    blocks = []
    for section in sections:
        boxes = [f"{BOX}{choice['code']} {choice['text']}" for choice in section.get("choices", ())]
        blocks.append("\n\n".join([f"{SECTION}{section['title']}", *section["paragraphs"], *boxes]))
    return "\n\n".join(blocks)


def read(text: str) -> list[Section]:
    """Read such a text again; what cannot be meant is refused with its line."""
    sections: list[Section] = []
    for number, block in _blocks(text):
        if block.startswith(SECTION):
            sections.append({"title": block.removeprefix(SECTION).strip(), "paragraphs": []})
            continue
        if not sections:
            raise RuleBroken(
                _("第 %(n)d 行在任何章节之外：请先写「# 章节标题」。") % {"n": number}, code="text"
            )
        if block.startswith(BOX):
            code, _space, words = block.removeprefix(BOX).strip().partition(" ")
            if not CODE.fullmatch(code) or not words.strip():
                said = _("第 %(n)d 行的勾选项请写成「□ 编码 文字」，编码用小写字母、数字和 - _。")
                raise RuleBroken(said % {"n": number}, code="text")
            sections[-1].setdefault("choices", []).append({"code": code, "text": words.strip()})
            continue
        if sections[-1].get("choices"):
            said = _("第 %(n)d 行：勾选项写在章节的最后。")
            raise RuleBroken(said % {"n": number}, code="text")
        sections[-1]["paragraphs"].append(block)
    check_sections(sections)
    return sections


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield what stands between empty lines with the number of its first line; a title or a box is a line."""
    held: list[str] = []
    begun = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        bare = line.strip()
        alone = bare.startswith((SECTION, BOX))
        if held and (alone or not bare):
            yield begun, "\n".join(held)
            held = []
        if alone:
            yield number, bare
        elif bare:
            begun = begun if held else number
            held.append(bare)
    if held:
        yield begun, "\n".join(held)
