"""What is asked about a customer. Deciding stays with the actions; a form only reads."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.people.enums import AlertKind, CapacityKind, Relation, RevealPurpose, Sex, SourceKind
from yimei.ui.forms.purposed import PurposedForm

PHONE = {"type": "tel", "autocomplete": "off"}
QUIET = {"autocomplete": "off"}


class IdentityForm(PurposedForm):
    """Who somebody is; only the name is always known."""

    KEEPS = ("people.Person", "people.Patient")
    ELSEWHERE = {"is_other": ""}

    name = forms.CharField(label=_("姓名"), max_length=120, widget=forms.TextInput(attrs=QUIET))
    phone = forms.CharField(
        label=_("手机"), max_length=40, required=False, widget=forms.TextInput(attrs=PHONE)
    )
    id_no = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        required=False,
        help_text=_("填写后自动得出出生日期与性别"),
        widget=forms.TextInput(attrs=QUIET),
    )
    birth_date = LooseDateField(label=_("出生日期"), required=False)
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices, required=False, initial=Sex.UNKNOWN)

    def identity(self) -> dict[str, Any]:
        """The values as the actions take them."""
        data = self.cleaned_data
        return {name: data[name] for name in ("name", "phone", "id_no", "birth_date", "sex")}


class NewForm(IdentityForm):
    """Somebody who called or came; a telephone number is how we find her again."""

    source = forms.ChoiceField(label=_("首次来源"), choices=SourceKind.choices)
    campus = forms.TypedChoiceField(label=_("院区"), coerce=UUID)
    is_other = forms.BooleanField(label=_("已核对：是另一位客户，仍要登记"), required=False)

    field_order = ("name", "phone", "source", "sex", "birth_date", "id_no", "campus", "is_other")

    def __init__(self, *args: Any, campuses: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = True
        choices = [(str(public_id), name) for public_id, name in campuses]
        field = self.fields["campus"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = choices
        if len(choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = choices[0][0]


class FileForm(IdentityForm):
    """The identity that stands on a medical record."""

    is_vip = forms.BooleanField(
        label=_("贵宾（列表中以代号显示）"),
        required=False,
        help_text=_("只有照护她的人看得到姓名；打开更正页看到的，记为一次完整查看"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = True


class RegisterForm(FileForm):
    """Opening a file (建档)."""

    is_other = forms.BooleanField(label=_("已核对：是另一位客户，仍要建档"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.data.get("id_no", "").strip():  # else both come from the number
            self.fields["birth_date"].required = self.fields["sex"].required = True


class EditForm(FileForm):
    """A correction of the same values, and whether she works here."""

    employee = forms.CharField(
        label=_("本院员工的用户名"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
        help_text=_("客户本人在本院工作时填写：病历只对照护团队开放，同事与本人都不能在工作台查看"),
    )


class GuardianForm(PurposedForm):
    """Who answers for a minor."""

    KEEPS = ("people.Guardian", "people.Person")

    name = forms.CharField(label=_("监护人姓名"), max_length=120, widget=forms.TextInput(attrs=QUIET))
    relation = forms.ChoiceField(label=_("与客户的关系"), choices=Relation.choices)
    phone = forms.CharField(label=_("监护人手机"), max_length=40, widget=forms.TextInput(attrs=PHONE))
    id_no = forms.CharField(
        label=_("监护人身份证号码"), max_length=40, required=False, widget=forms.TextInput(attrs=QUIET)
    )
    birth_date = LooseDateField(label=_("监护人出生日期"), required=False)
    proof = forms.CharField(
        label=_("关系证明"), max_length=200, help_text=_("户口簿、出生医学证明等，写明证件名称与编号")
    )


class AlertForm(PurposedForm):
    """Something that everybody at the bedside must know."""

    KEEPS = "people.Alert"

    kind = forms.ChoiceField(label=_("类别"), choices=AlertKind.choices)
    text = forms.CharField(
        label=_("内容"), max_length=500, help_text=_("写名称即可，例如：青霉素、阿司匹林停药第 5 天")
    )
    is_severe = forms.BooleanField(label=_("严重（红色显示）"), required=False)


class RevealForm(PurposedForm):
    """Why a masked number is shown in full."""

    KEEPS = "audit.Entry"

    purpose = forms.ChoiceField(
        label=_("用途"),
        choices=RevealPurpose.choices,
        widget=forms.RadioSelect,
        initial=RevealPurpose.BOOKING,
    )


def identity_of(person: Any) -> dict[str, str | date | None]:
    """The values of a person as the form shows them first."""
    return {
        "name": person.name,
        "phone": person.phone.removeprefix("+86"),
        "id_no": person.id_no,
        "birth_date": person.birth_date,
        "sex": person.sex,
    }


class CapacityForm(PurposedForm):
    """What age alone does not tell about capacity."""

    KEEPS = "people.CapacityFinding"

    kind = forms.TypedChoiceField(
        label=_("认定"), choices=CapacityKind.choices, coerce=CapacityKind, widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        label=_("依据材料"),
        max_length=300,
        help_text=_("判决书、劳动合同与工资流水等，写明名称与编号。"),
    )
