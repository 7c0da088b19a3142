"""Who comes to an event, and what she agrees to besides, each for itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm


class SeatForm(PurposedForm):
    KEEPS = "growth.Seat"
    ELSEWHERE = {"agreed": "", "website": ""}

    name = forms.CharField(
        label=_("怎么称呼您"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请填写称呼。")},
    )
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        help_text=_("入场码、提醒和变动发到这个号码"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-ym-phone": True}),
        error_messages={"required": _("请填写手机号。")},
    )
    agreed = forms.BooleanField(
        label=_("我已阅读告知，同意医院为办理这次报名使用以上内容"),
        error_messages={"required": _("请先阅读告知并勾选。")},
    )
    may_call = forms.BooleanField(label=_("活动后可以打电话给我，回答我的问题（可不选）"), required=False)
    may_news = forms.BooleanField(label=_("以后有活动请告诉我（可不选，随时可退）"), required=False)
    notice = forms.UUIDField(widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    """Nobody sees it and nobody fills it in but a program."""
