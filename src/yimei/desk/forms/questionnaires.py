"""What is asked about questionnaires beside their own questions: a decision, a new version."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.enums import ReferralOutcome
from yimei.ui.forms.purposed import PurposedForm


class DecisionForm(PurposedForm):
    """What the physician decided about a screening."""

    KEEPS = "journey.ReferralDecision"

    outcome = forms.TypedChoiceField(
        label=_("决定"), choices=ReferralOutcome.choices, coerce=ReferralOutcome, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("依据"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("当面了解到的情况、是否建议心理评估、与客户如何说明。"),
    )


class PublishForm(forms.Form):
    """A new version, as JSON: pasted or from a file."""

    content = forms.CharField(
        label=_("问卷定义（JSON）"),
        widget=forms.Textarea(attrs={"rows": 24, "class": "mono", "spellcheck": "false"}),
    )

    def clean_content(self) -> Any:
        text = self.cleaned_data["content"]
        if len(text) > 400_000:
            raise forms.ValidationError(_("定义超过 40 万字。"))
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("这不是有效的 JSON：%(error)s") % {"error": error}) from error
