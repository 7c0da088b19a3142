"""Each kind of detail, its evasions, and what only looks like one."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.privacy.rules.pii import Kind, find, mask
from yimei.privacy.rules.pii.entities import Entity, without_overlaps

FOUND = [
    ("患者王芳，女，32岁", [("NAME", "王芳")]),
    ("欧阳婷婷由司徒俊陪同来院", [("NAME", "欧阳婷婷"), ("NAME", "司徒俊")]),
    ("阿依古丽·买买提来院复查", [("NAME", "阿依古丽·买买提")]),
    ("姓名：王　芳　性别：女", [("NAME", "王　芳")]),
    ("王女士来电咨询", [("NAME", "王女士")]),
    ("Patient: Wang Xiaoming, F", [("NAME", "Wang Xiaoming")]),
    ("𠮷田女士的病历", [("NAME", "𠮷田")]),
    ("电话13812345678", [("PHONE", "13812345678")]),
    ("打 +86 138-1234-5678", [("PHONE", "+86 138-1234-5678")]),
    ("手机１３９１２３４５６７８", [("PHONE", "１３９１２３４５６７８")]),
    ("联系一三八零零一三八零零零", [("PHONE", "一三八零零一三八零零零")]),
    ("打壹叁捌壹贰叁肆伍陆柒捌", [("PHONE", "壹叁捌壹贰叁肆伍陆柒捌")]),
    ("加我要三八零零要三八零零零", [("PHONE", "要三八零零要三八零零零")]),
    ("座机(021)6234-5678转801", [("LANDLINE", "(021)6234-5678转801")]),
    ("身份证11010519491231002X", [("ID_NO", "11010519491231002X")]),
    ("身份证 110105 19491231 002x", [("ID_NO", "110105 19491231 002x")]),
    ("旧身份证110105491231002", [("ID_NO", "110105491231002")]),
    ("护照号码：E87654321", [("PASSPORT", "E87654321")]),
    ("回乡证H12345678", [("HM_PERMIT", "H12345678")]),
    ("台胞证：01234567", [("HM_PERMIT", "01234567")]),
    ("卡号6222 0212 3456 7890 128", [("BANK_CARD", "6222 0212 3456 7890 128")]),
    ("邮箱li.na@163.com", [("EMAIL", "li.na@163.com")]),
    ("邮箱liuyang（at）qq.com", [("EMAIL", "liuyang（at）qq.com")]),
    ("薇信：zhang_li88", [("WECHAT", "zhang_li88")]),
    ("wxid_8f3k2l1m9x", [("WECHAT", "wxid_8f3k2l1m9x")]),
    ("粤B·12345停好了", [("PLATE", "粤B·12345")]),
    ("新能源沪AD12345", [("PLATE", "沪AD12345")]),
    ("病历号：ZX2026000123", [("RECORD_NO", "ZX2026000123")]),
    ("住院号 0012345", [("RECORD_NO", "0012345")]),
    ("出生日期：1990年3月7日", [("DATE_OF_BIRTH", "1990年3月7日")]),
    ("1988-05-06出生", [("DATE_OF_BIRTH", "1988-05-06")]),
    ("住址北京市朝阳区建国路88号院3号楼1203室。", [("ADDRESS", "北京市朝阳区建国路88号院3号楼1203室")]),
    ("家住中山路18号3栋202室，", [("ADDRESS", "中山路18号3栋202室")]),
]  # fmt: skip

NOBODY = [
    "双眼皮手术由经验丰富的专家操作，术后白细胞偏高，于术后三天拆线",
    "订单号202403051234567890，批号20240512，国药准字H20123456",
    "快递单号SF1234567890123，核销码123456",
    "手术定于2024年3月5日在3号手术室，住院部3楼302室",
    "交易流水号 4200001234202603051234567890",
    "客服热线400-820-8820，价格12800元，血压120/80mmHg",
    "从上海来，北京市的医院都看过了，石家庄店同步",
    "乔雅登·极致两支，瑞蓝·2号一支",
    "王某要求退款",
    "",
]


@pytest.mark.parametrize(("text", "wanted"), FOUND, ids=[text for text, _wanted in FOUND])
def test_a_detail_is_found_where_it_stands(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(str(each.kind), each.text) for each in find(text)] == wanted
    assert all(text[each.start : each.end] == each.text for each in find(text))


@pytest.mark.parametrize("text", NOBODY)
def test_what_points_at_nobody_is_left_alone(text: str) -> None:
    assert find(text) == []


def test_a_right_check_digit_is_surer_than_a_wrong_one() -> None:
    [right] = find("11010519491231002X")
    [wrong] = find("110105194912310021")
    assert right.score > 0.9 > 0.7 > wrong.score


def test_places_count_characters_of_the_original() -> None:
    [name, phone] = find("🙂𠮷\u200b患者王芳，１３８００１３８０００")
    assert (name.kind, name.start, name.end) == (Kind.NAME, 5, 7)
    assert (phone.start, phone.end) == (8, 19)


def test_masking_leaves_the_sentence_and_takes_the_person() -> None:
    text = "患者王芳，电话13812345678，双眼皮术后"
    assert mask(text) == "患者〔姓名〕，电话〔电话〕，双眼皮术后"
    assert mask(text, only={Kind.PHONE}) == "患者王芳，电话〔电话〕，双眼皮术后"
    assert find(mask(text)) == []


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="王芳13８〇一·省路号@.aE \n，\ufe0f𠮷", max_size=60))
def test_any_text_is_read_without_overlaps(text: str) -> None:
    found = find(text)
    assert all(text[each.start : each.end] == each.text and each.start < each.end for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


ENTITIES = st.builds(
    lambda start, length, score: Entity(start, start + length, Kind.NAME, "", score),
    st.integers(0, 20),
    st.integers(1, 5),
    st.sampled_from([0.4, 0.41, 0.7, 0.9]),
)


@given(st.lists(ENTITIES, max_size=25))
def test_of_what_overlaps_the_surest_stays(found: list[Entity]) -> None:
    kept: list[Entity] = []
    for one in sorted(found, key=lambda each: (-round(each.score, 1), each.start - each.end, each)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    assert without_overlaps(found) == sorted(kept)


def test_a_telephone_is_found_whole_however_its_digits_are_written() -> None:
    """伍, 陆 and 柒 are surnames too."""
    rng = Random(1)
    written = [
        "0０零〇",
        "1１幺一壹",
        "2２二贰",
        "3３三叁",
        "4４四肆",
        "5５五伍",
        "6６六陆",
        "7７七柒",
        "8８八捌",
        "9９九玖",
    ]
    for _turn in range(150):
        number = "1" + rng.choice("3456789") + "".join(rng.choices("0123456789", k=9))
        spoken = "".join(rng.choice(written[int(digit)]) for digit in number)
        found = [(one.kind, one.text) for one in find(f"她的电话{spoken}，下午联系")]
        assert (Kind.PHONE, spoken) in found, spoken
