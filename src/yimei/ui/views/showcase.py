"""The kit: every piece in every state, with people who do not exist. Only mounted in development."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from yimei.core.errors import Missing
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.boards import Bar, Board, Row


class KitForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="姓名", help_text="与身份证一致")
    phone = forms.CharField(label="手机号", widget=forms.TextInput(attrs={"type": "tel"}))
    birth_date = forms.DateField(label="出生日期")
    at = forms.TimeField(label="到诊时间")
    weight = forms.DecimalField(label="体重", required=False)
    deposit = forms.DecimalField(label="定金")
    source = forms.ChoiceField(
        label="来源", choices=[("", "请选择"), ("douyin", "抖音"), ("friend", "老带新")]
    )
    side = forms.ChoiceField(
        label="侧别", widget=forms.RadioSelect, choices=[("left", "左"), ("right", "右"), ("both", "双侧")]
    )
    allergies = forms.MultipleChoiceField(
        label="过敏史",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("none", "无"), ("penicillin", "青霉素"), ("lidocaine", "利多卡因"), ("latex", "乳胶")],
    )
    note = forms.CharField(label="主诉", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    photo = forms.FileField(label="转诊资料", required=False)
    told = forms.BooleanField(label="已口头告知个人信息处理规则")


PEOPLE = [
    ("林**", "ZX20260412", "138****2210", "切开重睑", 11300, "已确认", "good"),
    ("欧**", "ZX20260413", "159****0417", "假体隆乳", 48800, "待定金", "warn"),
    ("王*", "ZX20260414", "177****8835", "鼻综合", 36500, "爽约", "danger"),
    ("古**", "ZX20260415", "186****5502", "眼袋", 9800, "已到诊", "accent"),
]


def _board() -> Board:
    day = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)

    def bar(start: int, length: int, label: str, tone: str = "", kind: str = "") -> Bar:
        begins = day + timedelta(minutes=start)
        return Bar(
            begins,
            begins + timedelta(minutes=length),
            label,
            tone=tone,
            kind=kind,
            href="#board" if not kind else "",
        )

    rows = [
        Row(
            "OR1",
            bars=[
                bar(20, 105, "切开重睑 · 张", "accent"),
                bar(125, 20, "清洁", kind="turnover"),
                bar(150, 145, "鼻综合 · 王"),
            ],
        ),
        Row(
            "OR2",
            bars=[
                bar(45, 190, "假体隆乳 · 李"),
                bar(235, 25, "清洁", kind="turnover"),
                bar(280, 120, "吸脂 · 复苏床满", "warn"),
            ],
        ),
        Row("OR3", bars=[bar(95, 80, "眼袋")]),
    ]
    return Board(day, day + timedelta(hours=8), rows, now=day + timedelta(minutes=81))


@allow()
def kit(request: StaffRequest) -> HttpResponse:
    now = timezone.localtime()
    bound = KitForm(
        {"name": "", "phone": "138 0000", "birth_date": "2030-02-31", "weight": "52", "told": "on"},
        auto_id="bad_%s",
    )
    values = {
        "now": now,
        "earlier": now - timedelta(minutes=21),
        "later": now + timedelta(minutes=3, seconds=12),
        "yesterday": now - timedelta(days=1),
        "long_ago": now - timedelta(days=67),
        "danger_chips": [("青霉素过敏", "danger", "alert-triangle")],
        "safety_chips": [
            ("青霉素过敏", "danger", "alert-triangle"),
            ("阿司匹林停药第 5 天", "warn", "clock"),
            ("双侧 · 切开重睑", "accent"),
            ("诊疗同意", "good", "check"),
            ("影像留存", "good", "check"),
            ("营销：未同意", ""),
        ],
        "missing": [
            Missing("手术同意书 v3", "民法典 第一千二百一十九条 · 方案 13:20 更新后作废", "/desk/"),
            Missing("凝血功能检查", "术前检查 14 日内有效，上次已过期", "/desk/"),
            Missing("麻醉医师", "全身麻醉手术须安排麻醉医师"),
        ],
        "next_free": [(now, now + timedelta(minutes=90))],
        "diff_rows": [("麻醉", "局部麻醉", "局部麻醉 + 镇静"), ("价格", "¥9,800.00", "¥11,300.00")],
        "tab_items": [
            ("旅程", "#", True),
            ("评估", "#", False),
            ("方案", "#", False, 3),
            ("照片", "#", False),
            ("费用", "#", False),
            ("沟通", "#", False),
            ("谁看过", "#", False),
        ],
        "filters": [("全部", "#", True, 128), ("待定金", "#", False, 12), ("已确认", "#", False, 87)],
        "views": [("日", "#", True), ("周", "#", False), ("列表", "#", False)],
        "steps": [
            ("面诊", "done"),
            ("评估", "done"),
            ("方案", "done"),
            ("定金", "current", "还差 ¥2,000.00"),
            ("手术", "todo"),
            ("恢复", "blocked"),
            ("回访", "todo"),
        ],
        "people": PEOPLE,
        "page": Paginator(range(128), 20).get_page(request.GET.get("page", 3)),
        "form": KitForm(initial={"side": "both"}),
        "bound": bound,
        "board": _board(),
        "bars": [("老带新", 48.9, "n 88"), ("大众点评", 33.1, "n 240", False), ("抖音", 21.4, "−3.2", False)],
        "spark": [4, 6, 5, 7, None, 9, 8, 11, 10, 14],
        "vitals": [
            (now - timedelta(minutes=5 * n), value)
            for n, value in zip(range(9, -1, -1), [88, 92, 96, 104, 101, 95, 90, 86, 82, 80], strict=True)
        ],
        "phone_tabs": [
            ("今天", "#", True, "sun-high"),
            ("预约", "#", False, "calendar"),
            ("消息", "#", False, "message-circle", 2),
            ("我的", "#", False, "user"),
        ],
        "long_name": "阿依古丽·买买提江·吐",
    }
    return render(request, "ui/kit.html", values)
