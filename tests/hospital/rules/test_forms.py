import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.hospital.rules.forms import Section, check_same_boxes, check_sections, choice_codes, read, written

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


def test_a_text_is_read_as_it_is_written() -> None:
    risks = ["# 风险", "可能出血。", "两行一段。", "", "第二段。"]
    text = "\r\n".join([*risks, "# 教学", "□ teaching 用于教学", "□ ads 用于宣传"])
    assert read(text) == [
        {"title": "风险", "paragraphs": ["可能出血。\n两行一段。", "第二段。"]},
        {
            "title": "教学",
            "paragraphs": [],
            "choices": [{"code": "teaching", "text": "用于教学"}, {"code": "ads", "text": "用于宣传"}],
        },
    ]


words = st.text("出血肿胀瘢痕①，。 #□ab", min_size=1, max_size=12).map(str.strip)
plain = words.filter(lambda text: text and not text.startswith(("# ", "□ ")) and text not in "#□")
sections_of_any_shape = st.lists(
    st.fixed_dictionaries({"title": plain, "paragraphs": st.lists(plain, min_size=1, max_size=3)}),
    min_size=1,
    max_size=4,
)


@given(sections=sections_of_any_shape)
def test_what_was_written_out_is_read_back(sections: list[Section]) -> None:
    assert read(written(sections)) == sections


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("可能出血。", "第 1 行在任何章节之外"),
        ("# 风险\n出血\n\n□ 教学 同意", "第 4 行的勾选项"),
        ("# 风险\n□ teaching", "第 2 行的勾选项"),
        ("# 风险\n□ a 同意\n后面的话", "第 3 行：勾选项写在章节的最后"),
        ("# 风险", "「风险」没有内容"),
        ("", "至少要有一个章节"),
    ],
)
def test_a_text_that_means_nothing_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(RuleBroken, match=sentence):
        read(text)


def test_a_new_text_asks_for_the_same_boxes() -> None:
    check_same_boxes([RISKS, BOX], [BOX, RISKS])
    with pytest.raises(RuleBroken, match="原有：teaching"):
        check_same_boxes([RISKS, BOX], [RISKS])
