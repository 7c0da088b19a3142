"""One document to sign: boxes that are never ticked beforehand, the talk, the signatures."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.actions.consents import Signatures
from yimei.ui.forms.purposed import PurposedForm


class SignForm(PurposedForm):
    KEEPS = "journey.ConsentForm"
    ELSEWHERE = {"guardian_id": "journey.ConsentForm.guardian"}

    choices = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    questions = forms.CharField(
        label=_("客户的提问与复述"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("请客户用自己的话说一遍要做什么、最担心什么，照原话记下。"),
    )
    guardian_id = forms.TypedChoiceField(
        label=_("到场的监护人"), coerce=UUID, empty_value=None, required=False
    )
    signature = forms.CharField(widget=forms.HiddenInput, required=False)
    guardian_signature = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, boxes: Iterable[str], guardians: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered, witnesses = self.fields["choices"], self.fields["guardian_id"]
        assert isinstance(offered, forms.MultipleChoiceField)
        assert isinstance(witnesses, forms.TypedChoiceField)
        offered.choices = [(code, code) for code in boxes]
        witnesses.choices = [("", "—"), *guardians]

    @property
    def signatures(self) -> Signatures:
        return Signatures(
            customer=self.cleaned_data["signature"], guardian=self.cleaned_data["guardian_signature"]
        )
