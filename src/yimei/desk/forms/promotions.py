"""What is asked about promotions and coupons. Deciding stays with the actions; a form only reads."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import YuanField
from yimei.growth.actions.promotions import Draft
from yimei.growth.enums import PromotionKind, Stacking, ValueKind
from yimei.ui.forms.purposed import PurposedForm

PLAIN = {"autocomplete": "off"}
WHOLE = {"inputmode": "numeric", "autocomplete": "off"}


class PromotionForm(forms.Form):
    """One offer as marketing writes it."""

    name = forms.CharField(label=_("名称"), max_length=40, widget=forms.TextInput(attrs=PLAIN))
    kind = forms.TypedChoiceField(
        label=_("给谁"), choices=PromotionKind.choices, coerce=PromotionKind, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("给客户看的说明"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明条件、适用项目与期限；不写效果、对比与保证。"),
    )
    value_kind = forms.TypedChoiceField(
        label=_("方式"), choices=ValueKind.choices, coerce=ValueKind, widget=forms.RadioSelect
    )
    value = YuanField(label=_("力度"), help_text=_("满减写减的元数；减百分之几写 1 到 99；活动价写到手价"))
    most = YuanField(label=_("每张最多减"), help_text=_("预算按它为每张券留足；满减与力度相同"))
    min_spend = YuanField(label=_("适用项目合计满"), required=False)
    procedures = forms.TypedMultipleChoiceField(
        label=_("适用项目"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = ComingDayField(label=_("发放自"))
    ends_on = ComingDayField(label=_("发放至"), help_text=_("含当日"))
    coupon_days = forms.IntegerField(
        label=_("领取后有效"), min_value=1, max_value=366, initial=30, widget=forms.TextInput(attrs=WHOLE)
    )
    budget = YuanField(label=_("预算"))
    per_person = forms.IntegerField(
        label=_("每人限领"), min_value=1, max_value=99, initial=1, widget=forms.TextInput(attrs=WHOLE)
    )
    stacking = forms.TypedChoiceField(
        label=_("叠加"),
        choices=Stacking.choices,
        coerce=Stacking,
        initial=Stacking.ALONE,
        widget=forms.RadioSelect,
    )
    is_transferable = forms.BooleanField(label=_("可以转赠给别的客户"), required=False)

    def __init__(self, *args: Any, procedures: Iterable[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedures"].choices = list(procedures)  # type: ignore[attr-defined]
        for name in ("starts_on", "ends_on"):
            self.fields[name].today = today  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        return Draft(**self.cleaned_data | {"min_spend": self.cleaned_data["min_spend"] or Decimal(0)})


class ReasonForm(forms.Form):
    """Why an offer is sent back or stopped."""

    note = forms.CharField(label=_("原因"), max_length=120, widget=forms.TextInput(attrs=PLAIN))


class IssueForm(PurposedForm):
    """Which offer a customer gets a coupon of."""

    KEEPS = "growth.Coupon"

    promotion = forms.TypedChoiceField(label=_("活动"), coerce=UUID)

    def __init__(self, *args: Any, promotions: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["promotion"].choices = [("", _("请选择")), *promotions]  # type: ignore[attr-defined]


class CouponForm(PurposedForm):
    """A coupon as it is scanned or typed."""

    KEEPS = "growth.Coupon"

    code = forms.CharField(
        label=_("券码或二维码"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


class VoidForm(PurposedForm):
    """Why a coupon is taken back."""

    KEEPS = "growth.CouponMove"

    why = forms.CharField(label=_("作废的原因"), max_length=80, widget=forms.TextInput(attrs=PLAIN))


class PassOnForm(PurposedForm):
    """To whom a coupon goes: her file number or her whole telephone number."""

    ELSEWHERE = {"receiver": ""}

    receiver = forms.CharField(
        label=_("受赠客户"),
        max_length=40,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("档案号或完整手机号"),
    )
