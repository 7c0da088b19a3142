"""A map as its editor posts it: the points as JSON, a note, and the version that the page had before it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.rules.drafts import LONGEST, Page
from yimei.ui.forms.purposed import PurposedForm


class MapForm(PurposedForm):
    KEEPS = "journey.TreatmentMap"

    points = forms.CharField(widget=forms.HiddenInput, max_length=200_000)
    note = forms.CharField(
        label=_("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    writer = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST)

    @property
    def values(self) -> dict[str, Any]:
        """What an action takes."""
        data = self.cleaned_data
        page = Page(data["revision"], data["writer"])
        return {"points": data["points"], "note": data["note"], "page": page}
