"""Which tags a customer has."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.ui.forms.purposed import PurposedForm


class TagsForm(PurposedForm):
    ALL_IN = "growth.Tagging.tag"

    tags = forms.MultipleChoiceField(label=_("标签"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = choices  # type: ignore[attr-defined]
