"""What is asked when a customer is handed over."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.rules.handovers import REASON_LENGTH
from yimei.ui.forms.purposed import PurposedForm


class AskForm(PurposedForm):
    KEEPS = "journey.Handover"

    to_staff = forms.TypedChoiceField(label=_("请谁接手"), coerce=UUID, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("原因"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明交接的原因。")},
        help_text=_("例如休假、客户要求、专长不同；对方接手前就能看到。"),
    )

    def __init__(self, *args: Any, takers: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_staff"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(takers)
