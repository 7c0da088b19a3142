"""What the officer writes in a notice; purposes, periods and both lists write themselves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.privacy.enums import ExceptionKind
from yimei.privacy.rules.notices import Section
from yimei.ui.forms.purposed import PurposedForm


class FirstNoticeForm(forms.Form):
    """The typed sections of one notice, one text field each: a paragraph a line."""

    title = forms.CharField(label=_("标题"), max_length=120)
    purposes = forms.MultipleChoiceField(label=_("目的"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, sections: Sequence[Section], purposes: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purposes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(purposes)
        self.sections = list(sections)
        for section in sections:
            self.fields[f"text_{section['code']}"] = forms.CharField(
                label=section["title"],
                required=False,
                max_length=4000,
                initial="\n".join(section["paragraphs"]),
                widget=forms.Textarea(attrs={"rows": 5}),
            )

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[f"text_{section['code']}"] for section in self.sections]

    @property
    def typed(self) -> list[Section]:
        """The sections as the action takes them."""
        return [
            Section(
                code=section["code"],
                title=section["title"],
                paragraphs=[
                    line.strip()
                    for line in self.cleaned_data[f"text_{section['code']}"].splitlines()
                    if line.strip()
                ],
            )
            for section in self.sections
        ]


class NoticeForm(FirstNoticeForm):
    """The next version of a notice, and whether everybody is asked again."""

    is_material = forms.BooleanField(
        label=_("须重新取得同意"),
        required=False,
        help_text=_("勾选则每项目的都重新征求；不勾时系统仍按变更了的目的、方式或种类重新征求，不能取消"),
    )


class ExceptionForm(PurposedForm):
    """Why this person could not be told first."""

    KEEPS = "privacy.NoticeException"

    kind = forms.ChoiceField(label=_("情形"), choices=ExceptionKind.choices)
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
