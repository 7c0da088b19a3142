"""The kit: every piece in every state, with people who do not exist. Only mounted in development."""

from datetime import timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yimei.core.errors import Missing
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.boards import Bar, Board, Row


class KitForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("姓名"), help_text=_("与身份证一致"))
    phone = forms.CharField(label=_("手机号"), widget=forms.TextInput(attrs={"type": "tel"}))
    birth_date = forms.DateField(label=_("出生日期"))
    at = forms.TimeField(label=_("到诊时间"))
    weight = forms.DecimalField(label=_("体重"), required=False)
    deposit = forms.DecimalField(label=_("定金"))
    source = forms.ChoiceField(label=_("来源"), choices=[("", _("请选择")), ("douyin", _("抖音")), ("friend", _("老带新"))])
    side = forms.ChoiceField(
        label=_("侧别"), widget=forms.RadioSelect, choices=[("left", _("左")), ("right", _("右")), ("both", _("双侧"))]
    )
    allergies = forms.MultipleChoiceField(
        label=_("过敏史"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("none", _("无")), ("penicillin", _("青霉素")), ("lidocaine", _("利多卡因")), ("latex", _("乳胶"))],
    )
    note = forms.CharField(label=_("主诉"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    photo = forms.FileField(label=_("转诊资料"), required=False)
    told = forms.BooleanField(label=_("已口头告知个人信息处理规则"))


PEOPLE = [
    ("林**", "ZX20260412", "138****2210", _("切开重睑"), 11300, _("已确认"), "good"),
    ("欧**", "ZX20260413", "159****0417", _("假体隆乳"), 48800, _("待定金"), "warn"),
    ("王*", "ZX20260414", "177****8835", _("鼻综合"), 36500, _("爽约"), "danger"),
    ("古**", "ZX20260415", "186****5502", _("眼袋"), 9800, _("已到诊"), "accent"),
]


def _board() -> Board:
    day = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)

    def bar(start: int, length: int, label: str, tone: str = "", kind: str = "") -> Bar:
        begins = day + timedelta(minutes=start)
        return Bar(begins, begins + timedelta(minutes=length), label, tone=tone, kind=kind, href="#board" if not kind else "")

    rows = [
        Row("OR1", bars=[bar(20, 105, "切开重睑 · 张", "accent"), bar(125, 20, "清洁", kind="turnover"), bar(150, 145, "鼻综合 · 王")]),
        Row("OR2", bars=[bar(45, 190, "假体隆乳 · 李"), bar(235, 25, "清洁", kind="turnover"), bar(280, 120, "吸脂 · 复苏床满", "warn")]),
        Row("OR3", bars=[bar(95, 80, "眼袋")]),
    ]  # fmt: skip
    return Board(day, day + timedelta(hours=8), rows, now=day + timedelta(minutes=81))


@allow()
def kit(request: StaffRequest) -> HttpResponse:
    now = timezone.localtime()
    bound = KitForm({"name": "", "phone": "138 0000", "birth_date": "2030-02-31", "weight": "52", "told": "on"}, auto_id="bad_%s")
    values = {
        "now": now,
        "earlier": now - timedelta(minutes=21),
        "later": now + timedelta(minutes=3, seconds=12),
        "yesterday": now - timedelta(days=1),
        "long_ago": now - timedelta(days=67),
        "danger_chips": [(_("青霉素过敏"), "danger", "alert-triangle")],
        "safety_chips": [
            (_("青霉素过敏"), "danger", "alert-triangle"), (_("阿司匹林停药第 5 天"), "warn", "clock"),
            (_("双侧 · 切开重睑"), "accent"), (_("诊疗同意"), "good", "check"), (_("影像留存"), "good", "check"),
            (_("营销：未同意"), ""),
        ],
        "missing": [
            Missing(_("手术同意书 v3"), _("民法典 第一千二百一十九条 · 方案 13:20 更新后作废"), "/desk/"),
            Missing(_("凝血功能检查"), _("术前检查 14 日内有效，上次已过期"), "/desk/"),
            Missing(_("麻醉医师"), _("全身麻醉手术须安排麻醉医师")),
        ],
        "next_free": [(now, now + timedelta(minutes=90))],
        "diff_rows": [(_("麻醉"), _("局部麻醉"), _("局部麻醉 + 镇静")), (_("价格"), "¥9,800.00", "¥11,300.00")],
        "tab_items": [
            (_("旅程"), "#", True), (_("评估"), "#", False), (_("方案"), "#", False, 3), (_("照片"), "#", False),
            (_("费用"), "#", False), (_("沟通"), "#", False), (_("谁看过"), "#", False),
        ],
        "filters": [(_("全部"), "#", True, 128), (_("待定金"), "#", False, 12), (_("已确认"), "#", False, 87)],
        "views": [(_("日"), "#", True), (_("周"), "#", False), (_("列表"), "#", False)],
        "steps": [
            (_("面诊"), "done"), (_("评估"), "done"), (_("方案"), "done"), (_("定金"), "current", _("还差 ¥2,000.00")),
            (_("手术"), "todo"), (_("恢复"), "blocked"), (_("回访"), "todo"),
        ],
        "people": PEOPLE,
        "page": Paginator(range(128), 20).get_page(request.GET.get("page", 3)),
        "form": KitForm(initial={"side": "both"}),
        "bound": bound,
        "board": _board(),
        "bars": [(_("老带新"), 48.9, "n 88"), (_("大众点评"), 33.1, "n 240", False), (_("抖音"), 21.4, "−3.2", False)],
        "spark": [4, 6, 5, 7, None, 9, 8, 11, 10, 14],
        "vitals": [(now - timedelta(minutes=5 * n), value) for n, value in zip(range(9, -1, -1), [88, 92, 96, 104, 101, 95, 90, 86, 82, 80], strict=True)],
        "phone_tabs": [(_("今天"), "#", True, "sun-high"), (_("预约"), "#", False, "calendar"), (_("消息"), "#", False, "message-circle", 2), (_("我的"), "#", False, "user")],
        "long_name": "阿依古丽·买买提江·吐",
    }  # fmt: skip
    return render(request, "ui/kit.html", values)
