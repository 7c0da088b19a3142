"""What a customer signed in to her own pages may say."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm

STARS = [(5, _("很满意")), (4, _("满意")), (3, _("一般")), (2, _("不满意")), (1, _("很不满意"))]


class OwnWordsForm(PurposedForm):
    KEEPS = "growth.Feedback"

    stars = forms.TypedChoiceField(
        label=_("最近的感受"),
        choices=STARS,
        coerce=int,
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("想说的话"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写下想说的话。")},
    )
    may_answer = forms.BooleanField(label=_("请用短信通知我答复"), required=False, initial=True)
