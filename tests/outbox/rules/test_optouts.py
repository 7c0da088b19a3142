import pytest

from yimei.outbox.rules.optouts import is_no


@pytest.mark.parametrize(
    "text",
    [
        "R",
        "r",
        " TD ",
        "td。",
        "Ｔ",
        "退订",
        "退订！！",
        "请退订,谢谢",
        "拒收",
        "别再发了",
        "不要再发了",
        "STOP",
        "T\n",
        "退 订",
    ],
)
def test_a_plain_no_is_a_no(text: str) -> None:
    assert is_no(text)


@pytest.mark.parametrize(
    "text", ["", "好的", "Re", "T恤多少钱", "Rose", "TDX", "1", "我想约周三", "👍", "我没有说要退订，" * 8]
)
def test_other_answers_are_none(text: str) -> None:
    assert not is_no(text)
