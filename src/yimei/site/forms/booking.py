"""The wish for a time, and the little that must be known of who comes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm

AT_ONCE = {"data-ym-submit-on-change": True}
Groups = list[tuple[str, list[tuple[str, str]]]]


class WishForm(forms.Form):
    """Where and what about; both are in the address of the page, which says nothing of who asks."""

    campus = forms.ChoiceField(label=_("院区"), widget=forms.Select(attrs=AT_ONCE))
    procedure = forms.ChoiceField(label=_("想咨询什么"), widget=forms.Select(attrs=AT_ONCE))

    def __init__(self, *args: Any, campuses: list[tuple[str, str]], services: Groups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campus"].choices = campuses  # type: ignore[attr-defined]
        self.fields["procedure"].choices = [("", _("请选择")), *services]  # type: ignore[attr-defined]


class SlotForm(forms.Form):
    """One time as the page offered it."""

    campus = forms.UUIDField()
    procedure = forms.UUIDField()
    at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M:%S%z"], error_messages={"required": _("请选择一个时间。")}
    )


class WhoForm(PurposedForm):
    """Name and number; the code comes after it was sent."""

    KEEPS = "people.Person"

    name = forms.CharField(
        label=_("怎么称呼您"),
        max_length=60,
        help_text=_("就诊人的姓名；也可以先写「林女士」"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请填写称呼。")},
    )
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-ym-phone": True}),
        error_messages={"required": _("请填写手机号。")},
    )


class BookForm(WhoForm):
    """All of it: the code from the phone, and that the notice was read."""

    ELSEWHERE = {"code": "", "agreed": "", "notice": ""}

    code = forms.CharField(
        label=_("六位验证码"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("请填写验证码。")},
    )
    agreed = forms.BooleanField(
        label=_("我已阅读告知，同意医院为安排这次面诊使用我的称呼、手机号和想咨询的项目"),
        error_messages={"required": _("请先阅读告知并勾选；不同意也可以直接致电医院。")},
    )
    notice = forms.UUIDField(widget=forms.HiddenInput)
