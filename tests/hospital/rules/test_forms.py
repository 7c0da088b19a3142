import pytest

from yimei.core.errors import RuleBroken
from yimei.hospital.rules.forms import Section, check_sections, choice_codes

RISKS: Section = {"title": "风险", "paragraphs": ["可能出血。"]}
BOX: Section = {"title": "教学", "paragraphs": [], "choices": [{"code": "teaching", "text": "同意"}]}


def test_sections_of_paragraphs_and_boxes_pass() -> None:
    check_sections([RISKS, BOX])
    assert choice_codes([RISKS, BOX]) == ["teaching"]


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ([], "至少要有一个章节"),
        ([{"title": " ", "paragraphs": ["x"]}], "都要有标题"),
        ([{"title": "风险", "paragraphs": []}], "「风险」没有内容"),
        ([{"title": "风险", "paragraphs": ["x", " "]}], "空白段落"),
        ([BOX, BOX], "不能重复"),
    ],
)
def test_a_document_that_nobody_could_read_or_answer_is_refused(
    sections: list[Section], sentence: str
) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        check_sections(sections)
