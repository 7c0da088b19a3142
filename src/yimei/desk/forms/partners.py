"""What is asked about partners. Deciding stays with the actions; a form only reads."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import YuanField
from yimei.growth.enums.partners import ConsentWay, PaperKind, PartnerBasis, PartnerKind
from yimei.hospital.enums import Category
from yimei.ui.forms.purposed import PurposedForm

PLAIN = {"autocomplete": "off"}


class PartnerForm(forms.Form):
    """A firm; whoever works there is not written down here."""

    name = forms.CharField(label=_("单位名称"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    kind = forms.TypedChoiceField(
        label=_("类别"), choices=PartnerKind.choices, coerce=PartnerKind, widget=forms.RadioSelect
    )
    phone = forms.CharField(
        label=_("单位电话"),
        max_length=30,
        help_text=_("写总机，不写个人手机"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    note = forms.CharField(
        label=_("尽职调查的结论"),
        max_length=200,
        help_text=_("看了什么：主体、经营范围、处罚记录、是否拉客返佣"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    passes_data = forms.BooleanField(
        label=_("会转来客户的称呼与手机"),
        required=False,
        help_text=_("只让客户自己扫码的不用勾；勾了须先在「合作方」登记并批准"),
    )
    party = forms.TypedChoiceField(label=_("合作方登记"), required=False, coerce=UUID, empty_value=None)

    def __init__(self, *args: Any, parties: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].choices = [("", _("不适用")), *parties]  # type: ignore[attr-defined]


class PaperForm(forms.Form):
    """A qualification as it was seen."""

    kind = forms.TypedChoiceField(label=_("资质"), choices=PaperKind.choices, coerce=PaperKind)
    number = forms.CharField(label=_("编号"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    valid_to = ComingDayField(label=_("有效至"), help_text=_("含当日"))


class AgreementForm(forms.Form):
    """What is paid for what."""

    contract_no = forms.CharField(label=_("合同编号"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    service = forms.CharField(
        label=_("对方做什么"),
        max_length=120,
        help_text=_("例如：前台摆放立牌，每月发放宣传册 200 份"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    basis = forms.ChoiceField(label=_("付费依据"), choices=PartnerBasis.choices, widget=forms.RadioSelect)
    fee = YuanField(label=_("金额"), help_text=_("按月的写每月金额，按人数的写每位金额"))
    valid_from = ComingDayField(label=_("生效"))
    valid_to = ComingDayField(label=_("到期"), help_text=_("含当日"))


class PlaceForm(forms.Form):
    """Where a code stands."""

    place = forms.CharField(label=_("摆放位置"), max_length=40, widget=forms.TextInput(attrs=PLAIN))


class PassOnLeadForm(PurposedForm):
    """Whom a partner passes on, and how she agreed to it."""

    KEEPS = "growth.Lead"
    ELSEWHERE = {"consent": "growth.PartnerLead.consent", "consented_on": "growth.PartnerLead.consented_on"}

    name = forms.CharField(label=_("怎么称呼"), max_length=60, widget=forms.TextInput(attrs=PLAIN))
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-ym-phone": True}),
    )
    interest = forms.ChoiceField(
        label=_("想了解什么"), required=False, choices=[("", _("还没想好")), *Category.choices]
    )
    consent = forms.TypedChoiceField(
        label=_("客户怎样同意转来"), choices=ConsentWay.choices, coerce=ConsentWay, widget=forms.RadioSelect
    )
    consented_on = forms.DateField(
        label=_("同意日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RefuseForm(forms.Form):
    """Why a statement is sent back."""

    reason = forms.CharField(label=_("退回的原因"), max_length=120, widget=forms.TextInput(attrs=PLAIN))


class PaidForm(forms.Form):
    """By which entry a statement was paid."""

    reference = forms.CharField(
        label=_("付款流水号或凭证号"), max_length=60, widget=forms.TextInput(attrs=PLAIN)
    )
