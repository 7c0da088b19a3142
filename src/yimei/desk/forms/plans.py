"""What the responsible physician decides."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Anaesthesia
from yimei.journey.actions.plans import Draft
from yimei.journey.enums import Side


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlanForm(forms.Form):
    """One version of the plan; the version it was written against travels with it."""

    side = forms.TypedChoiceField(
        label=_("部位侧"),
        choices=[(side.value, side.label) for side in Side if side != Side.NONE],
        coerce=Side,
        widget=forms.RadioSelect,
    )
    anaesthesia = forms.TypedChoiceField(label=_("麻醉"), choices=Anaesthesia.choices, coerce=Anaesthesia)
    sites = forms.CharField(label=_("部位与设计"), required=False, max_length=4000, widget=_area(3))
    implants = forms.CharField(
        label=_("植入物与材料"),
        required=False,
        max_length=2000,
        widget=_area(2),
        help_text=_("品牌、型号、规格；不用就留空。"),
    )
    alternatives = forms.CharField(label=_("替代方案"), max_length=8000, widget=_area(4))
    risks = forms.CharField(label=_("主要风险"), max_length=8000, widget=_area(6))
    price = forms.DecimalField(label=_("价格"), min_value=Decimal(0), max_digits=12, decimal_places=2)
    quote_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    written_against = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_side: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_side:
            del self.fields["side"]

    @property
    def draft(self) -> Draft:
        data = self.cleaned_data
        names = ("anaesthesia", "sites", "implants", "alternatives", "risks", "price", "quote_id")
        return Draft(side=data.get("side", Side.NONE), **{name: data[name] for name in names})
