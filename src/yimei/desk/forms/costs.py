"""What is asked about the house's own costs."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.rules.costs import Entry
from yimei.desk.forms.fields import KeyField, LooseDateField, YuanField

PLAIN = {"autocomplete": "off"}
DAY = {"placeholder": "2026-03-01", "autocomplete": "off"}
ONLY_ADS = (CostAccount.ADVERTISING,)


class CostForm(forms.Form):
    """One amount for a span of days; the key makes two clicks one entry."""

    account = forms.TypedChoiceField(
        label=_("类别"), choices=CostAccount.choices, coerce=CostAccount, widget=forms.RadioSelect
    )
    channel = forms.TypedChoiceField(
        label=_("投放渠道"),
        choices=[("", _("不是广告")), *AdChannel.choices],
        coerce=AdChannel,
        empty_value=None,
        required=False,
        help_text=_("广告必填；获客成本按它归到客户的首次来源。"),
    )
    amount = YuanField(label=_("金额"))
    starts_on = LooseDateField(label=_("费用期间起"), widget=forms.TextInput(attrs=DAY))
    ends_on = LooseDateField(
        label=_("费用期间止"),
        required=False,
        widget=forms.TextInput(attrs=DAY),
        help_text=_("含当日；不填即一天。指标按天平均分摊。"),
    )
    procedure = forms.TypedChoiceField(label=_("项目"), coerce=int, empty_value=None, required=False)
    quantity = forms.DecimalField(
        label=_("数量"),
        max_digits=12,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.TypedChoiceField(
        label=_("单位"),
        choices=[("", "—"), *CostUnit.choices],
        coerce=CostUnit,
        empty_value=None,
        required=False,
    )
    owner = forms.TypedChoiceField(label=_("责任人"), coerce=int)
    origin = forms.TypedChoiceField(
        label=_("依据"), choices=CostOrigin.choices, coerce=CostOrigin, widget=forms.RadioSelect
    )
    reference = forms.CharField(
        label=_("单据号"), max_length=60, required=False, widget=forms.TextInput(attrs=PLAIN)
    )
    key = KeyField(label=_("防重键"))

    def __init__(
        self,
        *args: Any,
        procedures: Iterable[tuple[int, str]],
        staff: Iterable[tuple[int, str]],
        only_ads: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedure"].choices = [("", _("不分项目")), *procedures]  # type: ignore[attr-defined]
        self.fields["owner"].choices = list(staff)  # type: ignore[attr-defined]
        if only_ads:
            choices = [(one.value, one.label) for one in ONLY_ADS]
            self.fields["account"].choices = choices  # type: ignore[attr-defined]

    @property
    def entry(self) -> Entry:
        data = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return Entry(**data | {"ends_on": data["ends_on"] or data["starts_on"]})


class CostFileForm(forms.Form):
    file = forms.FileField(
        label=_("文件"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        help_text=_("Excel 或 CSV，第一行是列名；有一行不对就整张不登记。同一行再传不会重复。"),
    )


class ReverseForm(forms.Form):
    reason = forms.CharField(label=_("冲正原因"), max_length=80, widget=forms.TextInput(attrs=PLAIN))
