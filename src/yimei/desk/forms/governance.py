"""What is asked on the officer's registers; deciding stays with the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def choose(form: forms.Form, name: str, choices: Any) -> None:
    """Give a field of choices the ones that this page knows."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def words(longest: int = 1000, rows: int = 3) -> dict[str, Any]:
    """A text of several lines."""
    return {"max_length": longest, "widget": forms.Textarea(attrs={"rows": rows})}


class PackForm(forms.Form):
    file = forms.FileField(
        label=_("规则包文件"), help_text=_("YAML，400 KB 以内；载入后先看影响清单，再决定采用")
    )


class DeclareForm(forms.Form):
    """One thing that the hospital says about itself."""

    code = forms.CharField(widget=forms.HiddenInput)
    value = forms.ChoiceField()

    def __init__(self, code: str, question: Any, value: str) -> None:
        super().__init__(initial={"code": code, "value": value}, auto_id=f"{code.replace('.', '-')}-%s")
        self.fields["value"].label = question.label
        self.fields["value"].help_text = question.why
        choose(self, "value", question.answers.items())
