"""What anybody may say at a place; no field but the words is needed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm

STARS = [(5, _("很满意")), (4, _("满意")), (3, _("一般")), (2, _("不满意")), (1, _("很不满意"))]


class SayForm(PurposedForm):
    KEEPS = "growth.Feedback"
    ELSEWHERE = {"website": ""}

    words = forms.CharField(
        label=_("想说的话"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("不用写姓名、电话、病情细节；不舒服请直接致电医院，不要等回复。"),
        error_messages={"required": _("请写下想说的话。")},
    )
    stars = forms.TypedChoiceField(
        label=_("这次的感受"),
        choices=STARS,
        coerce=int,
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    may_answer = forms.BooleanField(
        label=_("我愿意收到答复，同意医院只为答复这一条使用我留的称呼和电话"), required=False
    )
    name = forms.CharField(
        label=_("怎么称呼您"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("电话"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-ym-phone": True}),
    )
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    """Nobody sees it and nobody fills it in but a program."""
