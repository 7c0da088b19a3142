"""Quick entry at the bedside: vital signs, the five Aldrete items, the way home."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.journey.actions.recovery import Signs
from yimei.ui.forms.purposed import PurposedForm

ALDRETE = {
    "activity": (_("活动"), (_("不能活动"), _("两个肢体能动"), _("四肢都能动"))),
    "breathing": (_("呼吸"), (_("暂停，需辅助"), _("浅，受限"), _("深呼吸，能咳嗽"))),
    "circulation": (_("循环（与术前血压比）"), (_("相差 50 % 以上"), _("相差 20–50 %"), _("相差 20 % 以内"))),
    "consciousness": (_("意识"), (_("无反应"), _("呼唤能醒"), _("完全清醒"))),
    "oxygen": (_("血氧"), (_("吸氧仍低于 90 %"), _("需吸氧保持 90 %"), _("不吸氧高于 92 %"))),
}
"""The five items with what 0, 1 and 2 mean."""

HALF_A_DAY = timedelta(hours=12)


def _number(label: object, low: int, high: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,  # type: ignore[arg-type]
        min_value=low,
        max_value=high,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class SignsForm(PurposedForm):
    """Limits here only catch slips of the finger; the rules judge."""

    KEEPS = "journey.Observation"

    at = forms.TimeField(label=_("时间"))
    systolic = _number(_("收缩压"), 0, 300)
    diastolic = _number(_("舒张压"), 0, 250)
    pulse = _number(_("脉搏"), 0, 300)
    respiration = _number(_("呼吸"), 0, 99)
    spo2 = _number("SpO₂", 0, 100)
    temperature = forms.DecimalField(
        label=_("体温"),
        min_value=Decimal(0),
        max_value=Decimal(99),
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    pain = forms.TypedChoiceField(
        label=_("疼痛"), coerce=int, choices=[(str(n), str(n)) for n in range(11)], widget=forms.RadioSelect
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, (label, words) in ALDRETE.items():
            choices = [
                (str(score), format_html("<b>{}</b> {}", score, text)) for score, text in enumerate(words)
            ]
            self.fields[name] = forms.TypedChoiceField(
                label=label, coerce=int, choices=choices, widget=forms.RadioSelect
            )

    @property
    def items(self) -> list[forms.BoundField]:
        return [self[name] for name in ALDRETE]

    def signs(self, now: datetime) -> Signs:
        """Return the set; a clock time that lies ahead by more than half a day was before midnight."""
        data = dict(self.cleaned_data)
        today = now.astimezone(SHANGHAI).date()
        at = datetime.combine(today, data.pop("at"), SHANGHAI)
        if at - now > HALF_A_DAY:
            at -= timedelta(days=1)
        return Signs(at=at, **data)


class DischargeForm(PurposedForm):
    KEEPS = "journey.Discharge"
    ELSEWHERE = {"second_username": "journey.Discharge.second", "second_password": ""}

    escort_name = forms.CharField(
        label=_("陪同人"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写陪同人姓名。")},
    )
    escort_phone = forms.CharField(
        label=_("陪同人电话"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("请填写陪同人电话。")},
    )
    advice_given = forms.BooleanField(
        label=_("书面术后注意事项已当面讲解并交付"),
        error_messages={"required": _("请先交付书面术后注意事项。")},
    )
    override_reason = forms.CharField(
        label=_("越过离院标准的医学理由"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("至少 10 个字；须由另一名医护人员输入自己的账号密码共同确认。"),
    )
    second_username = forms.CharField(
        label=_("共同确认人用户名"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    second_password = forms.CharField(
        label=_("共同确认人密码"),
        required=False,
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
