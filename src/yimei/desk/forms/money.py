"""What the cashier is asked."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.billing.enums import PaymentKind, PaymentMethod
from yimei.desk.forms.fields import KeyField, YuanField
from yimei.ui.forms.purposed import PurposedForm

IN = [(kind.value, kind.label) for kind in (PaymentKind.DEPOSIT, PaymentKind.BALANCE)]


class TakeForm(PurposedForm):
    """Money that comes in; the key makes two clicks one payment."""

    KEEPS = "billing.Payment"

    kind = forms.TypedChoiceField(label=_("收什么"), choices=IN, coerce=PaymentKind, widget=forms.RadioSelect)
    amount = YuanField(label=_("金额"))
    method = forms.TypedChoiceField(
        label=_("方式"), choices=PaymentMethod.choices, coerce=PaymentMethod, widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("流水号"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = KeyField(label=_("防重键"))


class RefundForm(PurposedForm):
    KEEPS = "billing.Payment"

    amount = YuanField(label=_("退款金额"))
    reason = forms.CharField(label=_("退款原因"), max_length=80)
    key = KeyField(label=_("防重键"))


class DepositForm(PurposedForm):
    """The whole booking deposit; its amount and its words are the program's."""

    KEEPS = "billing.Payment"
    ELSEWHERE = {"is_told": "billing.Order.terms"}

    method = forms.TypedChoiceField(
        label=_("方式"), choices=PaymentMethod.choices, coerce=PaymentMethod, widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("流水号"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_told = forms.BooleanField(label=_("已向客户说明以上规则，客户同意"), required=False)
    key = KeyField(label=_("防重键"))


class DepositBackForm(PurposedForm):
    KEEPS = "billing.Payment"

    reason = forms.CharField(label=_("退还原因"), max_length=80)
    key = KeyField(label=_("防重键"))


class DepositKeepForm(PurposedForm):
    KEEPS = "billing.Order"
    ELSEWHERE = {"reason": "audit.Entry.reason"}

    reason = forms.CharField(label=_("不退的原因"), max_length=80)


class OrderForm(PurposedForm):
    KEEPS = "billing.Order"

    deposit = YuanField(label=_("应收定金"), required=False, help_text=_("不填按目录定金"))


class CancelOrderForm(PurposedForm):
    KEEPS = "billing.Order"
    ELSEWHERE = {"reason": "audit.Entry.reason"}

    reason = forms.CharField(label=_("退单原因"), max_length=80)
