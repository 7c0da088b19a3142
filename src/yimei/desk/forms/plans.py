"""What the responsible physician decides."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Anaesthesia
from yimei.journey.actions.plans import Choice, Draft, Item
from yimei.journey.enums import ChoiceKind, Side
from yimei.journey.rules import plans as rules
from yimei.ui.forms.purposed import PurposedForm

ITEMS = range(1, rules.MAX_ITEMS + 1)
IMPLANTS = range(1, rules.MAX_IMPLANTS + 1)
GROUPS: Mapping[str, Sequence[str]] = {
    "side": ("side",),
    "anaesthesia": ("anaesthesia",),
    "surgeon": ("surgeon",),
    "price": ("price",),
    "sites": ("sites",),
    "also": [f"item_{n}_{name}" for n in ITEMS for name in ("procedure", "side", "sites")],
    "implants": [
        *(f"implant_{n}_{name}" for n in IMPLANTS for name in rules.IMPLANT_SLOTS),
        "implants",
    ],
    "alternatives": ("alternatives",),
    "doing_nothing": ("doing_nothing",),
    "risks": ("risks",),
}
"""Fields that are merged together, as a reader takes them in."""
SLOT_LABELS = {
    "name": _("名称"),
    "maker": _("厂家"),
    "model": _("型号"),
    "size": _("规格"),
    "count": _("数量"),
}


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlanForm(PurposedForm):
    """One version of an option; the version it was written against travels with it."""

    KEEPS = "journey.Plan"
    ELSEWHERE = {"written_against": ""}

    side = forms.TypedChoiceField(
        label=_("部位侧"),
        choices=[(side.value, side.label) for side in Side if side != Side.NONE],
        coerce=Side,
        widget=forms.RadioSelect,
    )
    anaesthesia = forms.TypedChoiceField(label=_("麻醉"), choices=Anaesthesia.choices, coerce=Anaesthesia)
    surgeon = forms.TypedChoiceField(
        label=_("手术医师"), coerce=UUID, required=False, empty_value=None, choices=[("", _("我本人"))]
    )
    sites = forms.CharField(label=_("部位与设计"), required=False, max_length=4000, widget=_area(3))
    implants = forms.CharField(
        label=_("其他材料"), required=False, max_length=2000, widget=_area(2), help_text=_("不用就留空。")
    )
    alternatives = forms.CharField(label=_("替代方案"), max_length=8000, widget=_area(4))
    doing_nothing = forms.CharField(
        label=_("不做手术会怎样"), max_length=2000, widget=_area(2), help_text=_("不做也是一种选择，须写明。")
    )
    risks = forms.CharField(label=_("主要风险"), max_length=8000, widget=_area(6))
    price = forms.DecimalField(label=_("价格"), min_value=Decimal(0), max_digits=12, decimal_places=2)
    quote_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    written_against = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    option = forms.ChoiceField(
        choices=[(letter, letter) for letter in rules.OPTIONS], required=False, widget=forms.HiddenInput
    )

    def __init__(
        self,
        *args: Any,
        has_side: bool,
        surgeons: Sequence[tuple[str, str]] = (),
        offers: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not has_side:
            del self.fields["side"]
        surgeon = self.fields["surgeon"]
        assert isinstance(surgeon, forms.TypedChoiceField)
        surgeon.choices = list(surgeons) or [("", _("我本人"))]
        sides = [("", _("不分侧")), *((side.value, side.label) for side in Side if side != Side.NONE)]
        for n in ITEMS:
            self.fields[f"item_{n}_procedure"] = forms.TypedChoiceField(
                label=_("同台项目"),
                choices=[("", _("无")), *offers],
                coerce=UUID,
                empty_value=None,
                required=False,
            )
            self.fields[f"item_{n}_side"] = forms.ChoiceField(
                label=_("部位侧"), choices=[*sides, (Side.NONE.value, _("不分侧"))], required=False
            )
            self.fields[f"item_{n}_sites"] = forms.CharField(
                label=_("部位与设计"), max_length=500, required=False
            )
        for n in IMPLANTS:
            for name, label in SLOT_LABELS.items():
                self.fields[f"implant_{n}_{name}"] = forms.CharField(
                    label=label, max_length=80, required=False
                )

    @property
    def item_rows(self) -> list[tuple[bool, list[forms.BoundField]]]:
        rows = [[self[f"item_{n}_{name}"] for name in ("procedure", "side", "sites")] for n in ITEMS]
        return [(bool(row[0].value()), row) for row in rows]

    @property
    def implant_rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"implant_{n}_{name}"] for name in SLOT_LABELS] for n in IMPLANTS]

    @property
    def has_items(self) -> bool:
        return any(is_used for is_used, _row in self.item_rows)

    @property
    def has_implants(self) -> bool:
        return any(bound.value() for row in self.implant_rows for bound in row)

    @property
    def draft(self) -> Draft:
        data = self.cleaned_data
        names = (
            "anaesthesia",
            "sites",
            "implants",
            "alternatives",
            "doing_nothing",
            "risks",
            "price",
            "quote_id",
            "surgeon",
        )
        implants = [
            {name: data[f"implant_{n}_{name}"].strip() for name in rules.IMPLANT_SLOTS} for n in IMPLANTS
        ]
        return Draft(
            side=data.get("side", Side.NONE),
            option=data["option"] or "A",
            items=[
                Item(
                    data[f"item_{n}_procedure"],
                    Side(data[f"item_{n}_side"] or Side.NONE),
                    data[f"item_{n}_sites"].strip(),
                )
                for n in ITEMS
                if data[f"item_{n}_procedure"]
            ],
            implant_items=[item for item in implants if any(item.values())],
            **{name: data[name] for name in names},
        )

    def words(self, group: str, values: Mapping[str, str]) -> str:
        """Return a group of raw values as a reader understands them."""
        lines = []
        for name in GROUPS[group]:
            raw = values.get(name, "")
            if not raw or name not in self.fields:
                continue
            choices = dict(getattr(self.fields[name], "choices", ()))
            lines.append(str(choices.get(raw, raw)))
        return " · ".join(lines)


class ChoiceForm(PurposedForm):
    """How the customer chose."""

    KEEPS = "journey.PlanChoice"
    ELSEWHERE = {"guardian_id": "journey.PlanChoice.guardian", "how": "journey.PlanChoice.kind"}

    words = forms.CharField(
        label=_("客户原话"),
        required=False,
        max_length=500,
        widget=_area(2),
        help_text=_("为什么选这个，照原话记。"),
    )
    told_over_budget = forms.BooleanField(label=_("已当面说明超出预算，客户仍选定"), required=False)
    guardian_id = forms.TypedChoiceField(label=_("监护人"), coerce=UUID, empty_value=None, required=False)
    witness = forms.TypedChoiceField(
        label=_("见证人"),
        coerce=UUID,
        empty_value=None,
        required=False,
        help_text=_("在场听到客户选择的另一位员工；姓名与原话一并存入病历。"),
    )
    how = forms.TypedChoiceField(
        label=_("怎样选定"),
        choices=ChoiceKind.choices,
        coerce=ChoiceKind,
        empty_value="",
        initial=ChoiceKind.SIGNED,
        required=False,
        widget=forms.RadioSelect,
    )
    signature = forms.CharField(required=False, max_length=600_000)

    def __init__(
        self,
        *args: Any,
        guardians: Sequence[tuple[str, str]] | None = None,
        witnesses: Sequence[tuple[str, str]] = (),
        is_over: bool = False,
        **kwargs: Any,
    ) -> None:
        """``guardians`` are those one of whom decides; None where the customer decides for herself."""
        super().__init__(*args, **kwargs)
        witness = self.fields["witness"]
        assert isinstance(witness, forms.TypedChoiceField)
        witness.choices = [("", "—"), *witnesses]
        guardian = self.fields["guardian_id"]
        assert isinstance(guardian, forms.TypedChoiceField)
        if guardians is None:
            del self.fields["guardian_id"]
        else:
            del self.fields["how"]
            which = [] if len(guardians) == 1 else [("", _("请选择到场签名的监护人"))]
            guardian.choices = [*which, *guardians]
            words = self.fields["words"]
            words.label = _("客户本人的意愿")
            words.help_text = _("照原话记；满八周岁必填，监护人作决定须尊重其真实意愿（民法典第三十五条）。")
        if not is_over:
            del self.fields["told_over_budget"]

    @property
    def choice(self) -> Choice:
        data = self.cleaned_data
        return Choice(
            signature=data["signature"],
            words=data["words"],
            guardian_id=data.get("guardian_id"),
            told_over_budget=data.get("told_over_budget", False),
            witness=data["witness"],
        )
