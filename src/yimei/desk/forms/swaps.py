"""With which booking another changes places."""

from django import forms
from django.utils.translation import gettext_lazy as _

ASK = _("请选择一个预约。")


class SwapForm(forms.Form):
    other = forms.UUIDField(label=_("与谁互换"), error_messages={"required": ASK, "invalid": ASK})
