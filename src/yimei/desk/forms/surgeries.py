"""What is typed in the theatre: answers of a check, a signer's own password, the operation record."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.enums import Phase
from yimei.journey.rules import checklist
from yimei.ui.forms.purposed import PurposedForm


class SignerForm(PurposedForm):
    """Asked only of a signer who is not the one signed in."""

    ELSEWHERE = {"username": "", "password": ""}

    username = forms.CharField(
        label=_("用户名"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class RecordForm(PurposedForm):
    KEEPS = "journey.Surgery"

    record = forms.CharField(
        label=_("手术记录"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("术式、所见、处理、植入物批号、引流与标本。"),
    )
    blood_loss_ml = forms.IntegerField(label=_("出血量"), min_value=0, max_value=20000)


def read_answers(phase: Phase, data: Mapping[str, str]) -> dict[str, str]:
    """Return the answers of one moment; what was not answered is left out and refused by name."""
    given = {item.code: data.get(item.code, "").strip()[:8] for item in checklist.ITEMS[phase]}
    return {code: answer for code, answer in given.items() if answer}
