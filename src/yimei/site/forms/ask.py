"""A question left on the website: whom to call back, and what about."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Category
from yimei.ui.forms.purposed import PurposedForm


class AskForm(PurposedForm):
    KEEPS = "growth.Lead"
    ELSEWHERE = {
        "note": "growth.Touch.note",
        "campus": "",
        "agreed": "",
        "news": "growth.LeadConsent.is_adult",
        "notice": "",
        "website": "",
        "code": "growth.ReferralCode.code",
    }

    campus = forms.ChoiceField(label=_("院区"))
    name = forms.CharField(
        label=_("怎么称呼您"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请填写称呼。")},
    )
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-ym-phone": True}),
        error_messages={"required": _("请填写手机号。")},
    )
    interest = forms.ChoiceField(
        label=_("想了解什么"), required=False, choices=[("", _("还没想好")), *Category.choices]
    )
    note = forms.CharField(
        label=_("想问的话"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    code = forms.CharField(
        label=_("推荐码或渠道码"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    agreed = forms.BooleanField(
        label=_("我已阅读告知，同意医院为回答这次咨询使用以上内容并回电"),
        error_messages={"required": _("请先阅读告知并勾选；不同意也可以直接致电医院。")},
    )
    news = forms.BooleanField(
        label=_("我已满 18 周岁，愿意收到活动与优惠信息（选填，可随时一步退订）"), required=False
    )
    notice = forms.UUIDField(widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.HiddenInput)
    """Nobody sees it and nobody fills it in but a program."""

    def __init__(self, *args: Any, campuses: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campus"].choices = campuses  # type: ignore[attr-defined]
