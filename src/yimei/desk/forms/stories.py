"""What is asked of whoever checks a story, puts it up or takes it down."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.growth.enums.stories import Checker, PublicPlace, StoryPlace
from yimei.growth.rules import stories as rules
from yimei.ui.forms.purposed import PurposedForm


class ReviewForm(PurposedForm):
    """A list of questions, each with its article; a pass says yes to every one."""

    KEEPS = "growth.StoryReview"
    ELSEWHERE = {"yes": "growth.StoryReview.answers", "verdict": "growth.StoryReview.passes"}

    yes = forms.MultipleChoiceField(
        label=_("逐项确认"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("每一项都确认，才能通过；退回的可以不勾。"),
    )
    note = forms.CharField(
        label=_("意见"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    verdict = forms.TypedChoiceField(
        label=_("结论"),
        choices=[("pass", _("通过")), ("back", _("退回修改"))],
        coerce=lambda value: value == "pass",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, checker: Checker, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{checker.value}_%s"} | kwargs)
        items = rules.checklist(checker)
        self.fields["yes"].choices = [(one.code, f"{one.text}（{one.article}）") for one in items]  # type: ignore[attr-defined]


class StandForm(forms.Form):
    """Where it goes; what the law closes can be chosen, and is refused with its article."""

    kind = forms.ChoiceField(label=_("放在哪里"))
    where = forms.CharField(
        label=_("具体位置"),
        max_length=rules.WHERE_LENGTH,
        required=False,
        help_text=_("纸质、课件、屏幕必填：例如「二楼 3 诊室参考册第 12 页」。不写个人信息。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "stand_%s"} | kwargs)
        inside: Iterable[tuple[str, Any]] = [(one.value, one.label) for one in StoryPlace]
        public = [(one.value, one.label) for one in PublicPlace]
        self.fields["kind"].choices = [*inside, (_("法律不允许"), public)]  # type: ignore[attr-defined]


class DownForm(forms.Form):
    proof = forms.CharField(
        label=_("怎样确认已撤下"),
        max_length=200,
        required=False,
        help_text=_("例如「第 12 页抽出粉碎，小林在场」；不写个人信息。"),
    )
