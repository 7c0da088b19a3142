"""What is asked of a purpose that waits for its assessment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField


class PostponeForm(forms.Form):
    """Another last day for the signature, and why."""

    until = LooseDateField(label=_("最迟签署评估"))
    reason = forms.CharField(label=_("理由"), max_length=200, help_text=_("至少 10 个字，留在经过里"))
