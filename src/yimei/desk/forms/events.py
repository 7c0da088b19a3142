"""What is asked about events. Deciding stays with the actions; a form only reads."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import KeyField, LooseDateField, YuanField
from yimei.growth.actions.events import Draft
from yimei.growth.enums.events import EventKind
from yimei.ui.forms.purposed import PurposedForm

PLAIN = {"autocomplete": "off"}
WHOLE = {"inputmode": "numeric", "autocomplete": "off"}


class EventForm(forms.Form):
    """One event as it is planned."""

    kind = forms.TypedChoiceField(
        label=_("类型"), choices=EventKind.choices, coerce=EventKind, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("名称"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    words = forms.CharField(
        label=_("介绍"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "写安排、嘉宾身份与注意事项；不写效果、对比、保证与绝对化用语。介绍诊疗项目的属于医疗广告。"
        ),
    )
    permit = forms.CharField(
        label=_("医疗广告审查证明文号"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("例如 浙（杭）医广〔2026〕第0001-01号；只写活动安排的可以不填"),
    )
    venue = forms.CharField(label=_("地点"), max_length=80, widget=forms.TextInput(attrs=PLAIN))
    day = ComingDayField(label=_("日期"))
    starts = forms.TimeField(label=_("开始"), widget=forms.TextInput(attrs=PLAIN), initial="14:00")
    ends = forms.TimeField(label=_("结束"), widget=forms.TextInput(attrs=PLAIN), initial="16:00")
    capacity = forms.IntegerField(label=_("名额"), widget=forms.TextInput(attrs=WHOLE), initial=40)
    waits = forms.IntegerField(label=_("候补名额"), widget=forms.TextInput(attrs=WHOLE), initial=10)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].today = today  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        data = dict(self.cleaned_data)
        day, starts, ends = data.pop("day"), data.pop("starts"), data.pop("ends")
        return Draft(
            **data,
            starts_at=datetime.combine(day, starts, SHANGHAI),
            ends_at=datetime.combine(day, ends, SHANGHAI),
        )


class PlacesForm(forms.Form):
    more = forms.IntegerField(
        label=_("增加几个名额"), min_value=1, max_value=2000, widget=forms.TextInput(attrs=WHOLE)
    )


class CancelForm(forms.Form):
    why = forms.CharField(
        label=_("取消的原因"),
        max_length=60,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("写进给报名人的短信"),
    )


class CostForm(forms.Form):
    key = KeyField()
    what = forms.CharField(label=_("事项"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    amount = YuanField(label=_("金额"), help_text=_("冲减写负数；登记后不能修改"))
    on = LooseDateField(label=_("日期"))


class WalkInForm(PurposedForm):
    """Somebody who came without having registered."""

    KEEPS = "growth.Seat"

    name = forms.CharField(label=_("称呼"), max_length=40, widget=forms.TextInput(attrs=PLAIN))
    phone = forms.CharField(
        label=_("手机"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-ym-phone": True}),
    )
    may_call = forms.BooleanField(label=_("本人同意活动后接到咨询电话"), required=False)
    may_news = forms.BooleanField(label=_("本人同意接收以后的活动信息"), required=False)
