"""What is asked before a chart opens to somebody who does not care for its patient."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import GlassCode
from yimei.ui.forms.purposed import PurposedForm

REASON_HELP = _("10 至 500 个字，写明发生了什么、为什么现在需要看")


class MinorForm(PurposedForm):
    """Why a minor's chart must be seen outside her treating team."""

    KEEPS = "people.MinorLook"

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="minor-%s")

    reason = forms.CharField(
        label=_("申请理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=REASON_HELP
    )


class GlassForm(PurposedForm):
    """Ground, words, and that it is really the one who is signed in."""

    KEEPS = "people.BreakGlass"
    ELSEWHERE = {"proof": ""}

    code = forms.ChoiceField(label=_("事由"), choices=GlassCode.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("紧急访问的理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=REASON_HELP,
    )
    proof = forms.CharField(
        label=_("登录密码或动态口令"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("再次确认是您本人；输错计入登录失败次数"),
    )
