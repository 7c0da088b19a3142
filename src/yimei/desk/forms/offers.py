"""What is opened to customers of one procedure."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import OnlineBooking


class TermsForm(forms.Form):
    online = forms.ChoiceField(label=_("网上可约"), choices=OnlineBooking.choices)
    consult_days = forms.IntegerField(
        label=_("须先面诊（天内有效）"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4, "autocomplete": "off"}),
        error_messages={"invalid": _("请填写天数，不要求就空着。")},
    )
