"""What is asked about a member of staff."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.hospital.enums import Field, Grade
from yimei.people.enums import LicenceKind

QUIET = {"autocomplete": "off"}


class StaffForm(forms.Form):
    """Who works here and in which role."""

    name = forms.CharField(label=_("姓名"), max_length=120, widget=forms.TextInput(attrs=QUIET))
    username = forms.CharField(label=_("用户名"), max_length=60, widget=forms.TextInput(attrs=QUIET))
    role = forms.ChoiceField(label=_("角色"))
    campus = forms.TypedChoiceField(label=_("院区"), coerce=UUID)
    title = forms.CharField(label=_("职称"), max_length=40, required=False)
    email = forms.CharField(label=_("邮箱"), max_length=200, required=False)

    def __init__(
        self, *args: Any, roles: Iterable[tuple[str, str]], campuses: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("role", roles), ("campus", campuses)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)


class LicenceForm(forms.Form):
    """A professional licence, or its renewal."""

    kind = forms.ChoiceField(label=_("证照"), choices=LicenceKind.choices)
    field = forms.ChoiceField(label=_("专业"), choices=[("", _("不分专业")), *Field.choices], required=False)
    number = forms.CharField(label=_("证号"), max_length=40, widget=forms.TextInput(attrs=QUIET))
    practising_since = LooseDateField(label=_("从事本专业起始日"))
    valid_to = LooseDateField(label=_("有效期至"), required=False)
    is_responsible = forms.BooleanField(label=_("已备案为主诊医师"), required=False)


class WithdrawForm(forms.Form):
    """Why an authorisation is taken back."""

    reason = forms.CharField(label=_("撤销原因"), max_length=80, widget=forms.TextInput(attrs=QUIET))


class PrivilegeForm(forms.Form):
    """The hospital's authorisation for a grade of operations."""

    field = forms.ChoiceField(label=_("专业"), choices=Field.choices)
    max_grade = forms.TypedChoiceField(
        label=_("最高级别"), choices=[one for one in Grade.choices if one[0] != Grade.NONE], coerce=int
    )
    valid_from = LooseDateField(label=_("生效"))
    valid_to = LooseDateField(label=_("失效（含当日）"))
