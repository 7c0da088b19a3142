"""The agreement about expectations goal by goal, and its later judgement."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.journey.enums import AgreedHow, Reach
from yimei.journey.queries.expectations import Goal
from yimei.journey.rules import expectations as rules
from yimei.ui.forms.purposed import PurposedForm


class GoalForm(PurposedForm):
    """One goal; an empty one is left out."""

    ALL_IN = "journey.Expectation.goals"

    text = forms.CharField(
        label=gettext_lazy("客户的目标"),
        required=False,
        max_length=rules.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reach = forms.TypedChoiceField(
        label=gettext_lazy("医师判断"),
        choices=Reach.choices,
        coerce=Reach,
        initial=Reach.PART,
        required=False,
    )
    range = forms.CharField(
        label=gettext_lazy("现实的范围"),
        required=False,
        max_length=rules.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AgreementForm(PurposedForm):
    """What cannot be, and how the customer agreed."""

    KEEPS = "journey.Expectation"
    ELSEWHERE = {"written_against": "", "guardian_id": "journey.Expectation.guardian"}

    unreachable = forms.CharField(
        label=gettext_lazy("不能达到的"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("已向客户说明的限度；之后有争议时以此为准。"),
    )
    how = forms.TypedChoiceField(
        label=gettext_lazy("客户确认方式"),
        choices=AgreedHow.choices,
        coerce=AgreedHow,
        initial=AgreedHow.SIGNED,
        widget=forms.RadioSelect,
    )
    guardian_id = forms.TypedChoiceField(
        label=gettext_lazy("签名的监护人"), coerce=UUID, empty_value=None, required=False
    )
    written_against = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, guardians: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guardian = self.fields.get("guardian_id")
        if isinstance(guardian, forms.TypedChoiceField):  # gone where no purpose in force needs it
            guardian.choices = list(guardians)
        if not guardians:
            self.fields.pop("guardian_id", None)


def goal_forms(data: Any = None, *, initial: list[dict[str, str]] | None = None) -> list[GoalForm]:
    """Return as many rows as there may be goals."""
    known = initial or []
    return [
        GoalForm(data, prefix=f"goal{number}", initial=known[number] if number < len(known) else None)
        for number in range(rules.MOST_GOALS)
    ]


def read_goals(rows: list[GoalForm]) -> list[rules.Goal]:
    return [
        rules.Goal(
            row.cleaned_data["text"], row.cleaned_data["reach"] or Reach.PART, row.cleaned_data["range"]
        )
        for row in rows
    ]


class ScoreForm(PurposedForm):
    """A score for each goal and one for the whole, at one of the months."""

    KEEPS = "journey.ExpectationScore"

    month = forms.TypedChoiceField(label=gettext_lazy("复评时点"), coerce=int, widget=forms.RadioSelect)
    overall = forms.IntegerField(label=gettext_lazy("总体"), min_value=0, max_value=10)
    note = forms.CharField(
        label=gettext_lazy("客户原话"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, goals: list[Goal], months: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goals = goals
        month = self.fields["month"]
        assert isinstance(month, forms.TypedChoiceField)
        month.choices = [(number, _("第 %(month)d 个月") % {"month": number}) for number in months]
        for number, goal in enumerate(goals):
            self.fields[f"score{number}"] = forms.IntegerField(label=goal.text, min_value=0, max_value=10)

    @property
    def pickers(self) -> list[tuple[str, str, int | None]]:
        """Name, label and what was chosen of every score, the whole last."""
        names = [f"score{number}" for number in range(len(self.goals))] + ["overall"]
        return [(name, str(self.fields[name].label), self._chosen(name)) for name in names]

    @property
    def scores(self) -> list[int]:
        return [self.cleaned_data[f"score{number}"] for number in range(len(self.goals))]

    def _chosen(self, name: str) -> int | None:
        value = str(self[name].value() or "")
        return int(value) if value.isascii() and value.isdigit() else None
