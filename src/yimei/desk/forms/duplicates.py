"""What is asked when two files may be one person's."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import PairDecision
from yimei.people.rules.merging import REASON_LIMIT
from yimei.ui.forms.purposed import PurposedForm

WORDS = forms.Textarea(attrs={"rows": 2})
QUIET = {"autocomplete": "off"}


class MergeForm(PurposedForm):
    """Which of two files stands for the person, and why they are one."""

    KEEPS = "people.Merge"

    kept = forms.ChoiceField(label=_("保留哪一份"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("并档理由"),
        max_length=REASON_LIMIT,
        widget=WORDS,
        help_text=_("怎样确认是同一人，例如：核对了身份证与本人；不写号码"),
    )

    def __init__(self, data: Any = None, *, sides: Sequence[tuple[str, str]], kept: str = "") -> None:
        super().__init__(data, initial={"kept": kept}, auto_id="merge-%s")
        field = self.fields["kept"]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(sides)


class PairForm(PurposedForm):
    """That two files are two people's, or that it is not clear yet."""

    KEEPS = "people.DuplicatePair"

    decision = forms.ChoiceField(
        label=_("结论"),
        choices=[
            (PairDecision.DIFFERENT.value, PairDecision.DIFFERENT.label),
            (PairDecision.LATER.value, PairDecision.LATER.label),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("说明"), max_length=REASON_LIMIT, required=False, widget=WORDS)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="pair-%s")


class UndoForm(PurposedForm):
    """Why two files are parted again."""

    KEEPS = "people.Merge"
    ELSEWHERE = {"reason": "people.Merge.undo_reason", "is_different": ""}

    reason = forms.CharField(label=_("撤销理由"), max_length=REASON_LIMIT, widget=WORDS)
    is_different = forms.BooleanField(label=_("确认不是同一人，以后不再提示"), required=False, initial=True)


class ProposeForm(PurposedForm):
    """Two files that somebody takes for one person's, each by a word that finds it."""

    KEEPS = "people.DuplicatePair"
    ELSEWHERE = {"one": "", "two": ""}

    one = forms.CharField(label=_("第一份"), max_length=100, widget=forms.TextInput(attrs=QUIET))
    two = forms.CharField(
        label=_("第二份"),
        max_length=100,
        widget=forms.TextInput(attrs=QUIET),
        help_text=_("档案号、完整手机号或证件号"),
    )
