import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.outbox.enums import MessageClass
from yimei.outbox.rules import texts


def test_every_place_is_filled() -> None:
    text = texts.render("您的预约：{when}，{place}，{when}。", {"when": "6月18日", "place": "三楼"})
    assert text == "您的预约：6月18日，三楼，6月18日。"


@pytest.mark.parametrize("params", [{}, {"when": ""}, {"when": "  "}])
def test_a_place_without_a_word_stops_the_message(params: dict[str, str]) -> None:
    with pytest.raises(RuleBroken, match="when") as refusal:
        texts.render("{when}", params)
    assert [item.what for item in refusal.value.missing] == ["when"]


def test_a_word_without_a_place_is_not_kept() -> None:
    with pytest.raises(RuleBroken, match="diagnosis"):
        texts.render("{when}", {"when": "6月18日", "diagnosis": "隆鼻术后"})


@given(word=st.text(min_size=1).filter(lambda text: text.strip() != ""))
def test_a_word_never_opens_a_place(word: str) -> None:
    assert texts.render("{when}", {"when": word}) == word
    assert texts.render("{when}{place}", {"when": "{place}", "place": word}) == "{place}" + word


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (MessageClass.MEDICAL, "【颐美】您的预约", "【】"),
        (MessageClass.MEDICAL, "您的预约 {0}", "占位"),
        (MessageClass.MEDICAL, "您的预约 {when!r}", "占位"),
        (MessageClass.MEDICAL, "您的预约 {patient.name}", "占位"),
        (MessageClass.MARKETING, "{sender}春季活动，{phone}", "拒收请回复R"),
        (MessageClass.MARKETING, "春季活动 拒收请回复R", "真实身份"),
    ],
)
def test_a_text_that_no_channel_may_carry_is_refused(kind: MessageClass, body: str, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        texts.check_template(kind, body)


def test_a_lawful_text_passes() -> None:
    texts.check_template(MessageClass.MARKETING, "{sender}春季活动，详询 {phone}。拒收请回复R")
    texts.check_template(MessageClass.MEDICAL, "提醒您 {when} 到 {place}。")
