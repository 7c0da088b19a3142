"""The satisfaction survey as a phone shows it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.rules import surveys as rules
from yimei.ui.forms.purposed import PurposedForm


class SurveyForm(PurposedForm):
    """One score is asked for; the rest may be left out."""

    KEEPS = "journey.Survey"
    ALL_IN = "journey.Survey.dimensions"

    score = forms.IntegerField(
        label=_("推荐意愿"), min_value=0, max_value=10, error_messages={"required": _("请先选一个分数。")}
    )
    comment = forms.CharField(
        label=_("还想告诉我们什么？"),
        required=False,
        max_length=rules.COMMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in rules.DIMENSIONS.items():
            self.fields[name] = forms.IntegerField(label=str(label), required=False, min_value=1, max_value=5)

    @property
    def pickers(self) -> list[tuple[str, str, int | None]]:
        """Name, label and what was chosen, of each dimension."""
        return [(name, str(label), self._chosen(name)) for name, label in rules.DIMENSIONS.items()]

    @property
    def chosen_score(self) -> int | None:
        return self._chosen("score")

    @property
    def dimensions(self) -> dict[str, int]:
        data = self.cleaned_data
        return {name: data[name] for name in rules.DIMENSIONS if data.get(name) is not None}

    def _chosen(self, name: str) -> int | None:
        value = self[name].value()
        return int(value) if str(value).isdigit() else None
