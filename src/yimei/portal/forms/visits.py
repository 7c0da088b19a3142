"""What a customer may write about her own booking."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm


class MoveForm(PurposedForm):
    ELSEWHERE = {"wish": "journey.BookingMove.note"}

    wish = forms.CharField(
        label=_("哪天、几点方便"),
        max_length=80,
        error_messages={"required": _("请写明您方便的时间。")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ArrivalForm(PurposedForm):
    ELSEWHERE = {"code": ""}

    code = forms.CharField(
        label=_("前台今日到院码"),
        max_length=20,
        help_text=_("6 位数字，写在前台"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
