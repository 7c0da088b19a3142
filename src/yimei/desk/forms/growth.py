"""What is asked when a number of growth is set anew."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NumberForm(forms.Form):
    code = forms.ChoiceField(label=_("哪个数值"))
    value = forms.IntegerField(label=_("改为"), min_value=0)
    reason = forms.CharField(
        label=_("理由"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, numbers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        assert isinstance(code, forms.ChoiceField)
        code.choices = [("", _("请选择")), *numbers]
