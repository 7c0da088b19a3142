"""What is asked about referrals. Deciding stays with the actions; a form only reads."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import YuanField
from yimei.growth.enums.referrals import ThanksKind, ThanksSide
from yimei.growth.rules.referrals import NUMBERS
from yimei.ui.forms.purposed import PurposedForm

NONE = "none"


class DecideForm(PurposedForm):
    """What was asked about a doubtful referral, and what came of it."""

    ELSEWHERE = {"reason": "growth.Referral.reason", "genuine": "growth.Referral.status"}

    reason = forms.CharField(
        label=gettext_lazy("核查了什么，结论是什么"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
    genuine = forms.TypedChoiceField(
        label=gettext_lazy("结论"),
        choices=[("yes", gettext_lazy("是真实的朋友推荐")), ("no", gettext_lazy("不计入"))],
        coerce=lambda text: text == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )


class AttachForm(PurposedForm):
    """The code that somebody names."""

    ELSEWHERE = {"code": "growth.ReferralCode.code"}

    code = forms.CharField(
        label=gettext_lazy("推荐码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


class ReferralRulesForm(forms.Form):
    """A whole version of the rules of thanks, begun from the newest one."""

    effective_from = ComingDayField(
        label=gettext_lazy("生效日"), help_text=gettext_lazy("明天或以后；之前用的码按当时的规则")
    )
    referrer_kind = forms.ChoiceField(label=gettext_lazy("推荐人得到"), widget=forms.RadioSelect)
    referrer_value = forms.CharField(label=gettext_lazy("多少或哪一项"), max_length=60, required=False)
    friend_kind = forms.ChoiceField(label=gettext_lazy("朋友得到"), widget=forms.RadioSelect)
    friend_value = forms.CharField(label=gettext_lazy("多少或哪一项"), max_length=60, required=False)
    min_paid = YuanField(label=gettext_lazy("朋友净付款满"), required=False)

    def __init__(
        self,
        *args: Any,
        content: Mapping[str, Any],
        benefits: Mapping[str, str],
        offers: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = {
            **{name: code for code, name in benefits.items()},
            **{name: code for code, name in offers.items()},
        }
        shown = {code: name for name, code in self.names.items()}
        for side in ThanksSide:
            gift = content.get(side.value) or {"kind": NONE}
            self.fields[f"{side.value}_kind"].choices = [(NONE, _("不给")), *ThanksKind.choices]  # type: ignore[attr-defined]
            self.fields[f"{side.value}_kind"].initial = gift["kind"]
            value = str(gift.get("value", ""))
            self.fields[f"{side.value}_value"].initial = shown.get(value, value)
        self.fields["min_paid"].initial = content.get("min_paid")
        labels = {
            "cooling_days": _("付款后冷静几天"),
            "window_days": _("用码后几天内首次付款"),
            "owed_days": _("没有入会时保留几天"),
            "per_year": _("推荐人每年最多几次"),
            "code_days": _("推荐码有效几天"),
        }
        for name, (low, high) in NUMBERS.items():
            self.fields[name] = forms.IntegerField(
                label=labels[name],
                min_value=low,
                max_value=high,
                initial=content.get(name),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )

    def content(self) -> dict[str, Any]:
        """The version as the rules read it; a benefit or an offer is written by its name."""
        data = self.cleaned_data
        gifts = {
            side.value: {
                "kind": data[f"{side.value}_kind"],
                "value": self._value(data[f"{side.value}_kind"], data[f"{side.value}_value"].strip()),
            }
            for side in ThanksSide
        }
        numbers = {name: data[name] for name in NUMBERS}
        return {
            **gifts,
            "condition": "paid_visit",
            "levels": 1,
            "min_paid": str(data["min_paid"] or 0),
            **numbers,
        }

    def _value(self, kind: str, text: str) -> str:
        return text if kind == ThanksKind.POINTS else self.names.get(text, text)
