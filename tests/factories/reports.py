# ruff: noqa: E501
"""A report with figures in it that no database made."""

from yimei.insight.rules.reports.document import (
    Document,
    Figure,
    Finding,
    Number,
    Part,
    Recommendation,
    Series,
    Sheet,
)

EVIL = "=HYPERLINK(1)"
RARE = "𠮷田"


def figure(chart: str = "bar", *, series: int = 1, is_ordered: bool = False) -> Figure:
    names = ["抖音", EVIL, "老带新", "电话"]
    rows = [[name, 0.1 * (n + 1), 0.05, 0.9, 20 + n] for n, name in enumerate(names[:3])]
    return Figure(
        metric="成交率",
        formula="成交 ÷ 咨询",
        chart=chart,
        unit="%",
        decimals=1,
        names=names,
        series=[
            Series(f"系列{n}" if series > 1 else "成交率", [0.2, 0.1, 0.3, None], [0.1, None, 0.2, None], [0.4, None, 0.5, None])
            for n in range(series)
        ],
        head=["首次来源", "成交率", "95% 下限", "95% 上限", "人数"],
        rows=[*rows, ["电话", None, None, None, None]],
        hidden=[False, False, False, True],
        total=Number("成交率", "20.0 %", value=0.2, people=70),
        is_ordered=is_ordered,
        keys=1,
        alt="成交率，共 3 组；最高 老带新。",
    )  # fmt: skip


def document(*, title: str = "院长月报 · 2026 年 5 月") -> Document:
    numbers = [
        Number("到诊人次", "120", change="+20", tone="good", value=120, before=100, people=90),
        Number("成交率", "21.4\u202f%", "19.8\u202f% – 23.1\u202f%", "−3.2\u202f个百分点", "danger", "", "%", 1, 0.214, 0.198, 0.231, 0.246, 70),
        Number("并发症发生率", "为保护隐私不显示", is_hidden=True),
    ]  # fmt: skip
    parts = [
        Part("numbers", "指标一览", "2026 年 5 月", numbers=numbers),
        Part("figure", "成交率 · 首次来源", "2026 年 5 月", figure=figure(), says=["5 月没有越出。"]),
        Part("figure", "成交率 · 月", "近一年", figure=figure("line", is_ordered=True)),
        Part("figure", "成交率 · 两组", "近一年", figure=figure("bar", series=2, is_ordered=True)),
        Part("figure", "热力", "近一年", figure=figure("heat", series=2)),
        Part("figure", "表", "近一年", figure=figure("table")),
    ]
    words = [
        Part(
            "findings",
            "变化说明",
            findings=[Finding("成交率", ["本期为 21.4 %。", "超出偶然波动。"], "danger")],
        ),
        Part("advice", "建议与依据", advice=[Recommendation("抽听咨询录音。", ["成交率 21.4 %：变差"])]),
        Part("text", paragraphs=[EVIL, f"{RARE}的话 🙂"]),
    ]
    return Document(
        title, "颐美医院", "全集团", "2026 年 5 月", "2026-06-01 06:00", "2026-06-02 09:00", "林澈", "郭岩 签发",
        [Sheet("本月概况", parts), Sheet("建议", words), Sheet("建议", words)], ["少于 10 人的数字不显示。"],
    )  # fmt: skip
