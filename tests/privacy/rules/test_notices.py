import pytest

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Audience
from yimei.privacy.rules import notices
from yimei.privacy.rules.notices import Section


def sections(*codes: str) -> list[Section]:
    return [Section(code=code, title=code, paragraphs=["写明。"]) for code in codes]


COMPLETE = tuple(notices.ITEMS)


def test_a_complete_notice_misses_nothing() -> None:
    notices.check_complete(sections(*COMPLETE), Audience.ADULT)


@pytest.mark.parametrize("left_out", COMPLETE)
def test_every_item_of_the_law_is_asked_for(left_out: str) -> None:
    rest = [code for code in COMPLETE if code != left_out]
    with pytest.raises(RuleBroken) as refusal:
        notices.check_complete(sections(*rest), Audience.ADULT)
    assert [item.what for item in refusal.value.missing] == [str(notices.ITEMS[left_out])]
    assert str(notices.ITEMS[left_out]) in refusal.value.message


def test_a_blank_paragraph_says_nothing() -> None:
    blank = [*sections(*COMPLETE[1:]), Section(code=COMPLETE[0], title="空", paragraphs=["  "])]
    assert len(notices.missing_items(blank, Audience.ADULT)) == 1


def test_minors_have_rules_of_their_own() -> None:
    assert [item.what for item in notices.missing_items(sections(*COMPLETE), Audience.MINOR)] == [
        "监护人同意与专门规则"
    ]
    assert not notices.missing_items(sections(*COMPLETE, "guardian"), Audience.MINOR)


OLD = {
    "purposes": ["诊疗：用病史诊断。", "活动：发送优惠。", "礼品：寄送礼物。接收方：丙礼品；乙物流。"],
    "methods": ["加密存放在境内。"],
    "collected": ["病历：病史；用于诊疗；十五年。", "联系：手机；用于活动；二年。"],
}
LINES = {"care": "诊疗：用病史诊断。", "offers": "活动：发送优惠。"}
KEPT = {"care": ["病历：病史；用于诊疗；十五年。"], "offers": ["联系：手机；用于活动；二年。"]}


def body(texts: dict[str, list[str]]) -> list[Section]:
    return [Section(code=code, title=code, paragraphs=paragraphs) for code, paragraphs in texts.items()]


@pytest.mark.parametrize(
    ("new", "lines", "collected", "asked"),
    [
        ({}, LINES, KEPT, ()),
        ({}, {**LINES, "offers": "活动：按到访推荐。"}, KEPT, ("offers",)),
        ({}, {**LINES, "face": "人脸：核对身份。"}, KEPT, ("face",)),
        ({}, {"care": LINES["care"]}, {"care": KEPT["care"]}, ()),
        ({}, LINES, {**KEPT, "care": ["病历：病史；用于诊疗、研究；三十年。"]}, ()),
        ({}, LINES, {**KEPT, "offers": [*KEPT["offers"], "画像：到访；用于活动；二年。"]}, ("offers",)),
        ({}, LINES, {**KEPT, "care": ["病历：病史、基因；用于诊疗；十五年。"]}, ("care",)),
        ({}, {**LINES, "care": "诊疗：用病史诊断。接收方：甲检验所。"}, KEPT, ("care",)),
        ({}, {**LINES, "gifts": "礼品：寄送礼物。接收方：乙物流；丙礼品。"}, KEPT, ()),
        ({}, {**LINES, "gifts": "礼品：寄送礼物。接收方：丙礼品。"}, KEPT, ()),
        ({}, {**LINES, "gifts": "礼品：寄送礼物。"}, KEPT, ()),
        ({}, {**LINES, "gifts": "礼品：寄送礼物。接收方：丙礼品；丁快递。"}, KEPT, ("gifts",)),
        ({}, {**LINES, "gifts": "礼品：寄送纪念品。接收方：丙礼品。"}, KEPT, ("gifts",)),
        ({"methods": ["由海外公司处理。"]}, LINES, KEPT, None),
    ],
)
def test_a_new_version_asks_only_those_whom_it_concerns(
    new: dict[str, list[str]],
    lines: dict[str, str],
    collected: dict[str, list[str]],
    asked: tuple[str, ...] | None,
) -> None:
    assert notices.renews(body(OLD), body({**OLD, **new}), lines, collected) == asked


def test_the_digest_changes_with_every_part_of_the_text() -> None:
    base = {
        "code": "customer",
        "version": 1,
        "audience": "adult",
        "title": "告知",
        "sections": sections("handler"),
        "purposes": ["marketing", "care.health"],
    }
    changes = {
        "code": "minor",
        "version": 2,
        "audience": "minor",
        "title": "告知 2",
        "sections": sections("rights"),
        "purposes": ["marketing"],
    }
    digests = {notices.digest(**{**base, name: value}) for name, value in changes.items()}  # type: ignore[arg-type]
    assert len(digests | {notices.digest(**base)}) == len(changes) + 1  # type: ignore[arg-type]
    turned = {**base, "purposes": ["care.health", "marketing"]}
    assert notices.digest(**turned) == notices.digest(**base)  # type: ignore[arg-type]
