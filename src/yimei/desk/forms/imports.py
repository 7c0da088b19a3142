"""A table to bring, its columns, a row to mend."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.insight.enums import DayOrder, TextEncoding
from yimei.insight.rules.imports.templates import TEMPLATES, Column, Template
from yimei.ui.forms.purposed import PurposedForm

ORDER = "order_"
"""Begins the name of the field that asks how the days of a column are written."""
ALIKE = "all_alike"
ENDINGS = ".csv,.txt,.tsv,.xlsx,.xls,.sav,.rds,.parquet"


class TableForm(PurposedForm):
    KEEPS = "insight.ImportBatch"

    template = forms.ChoiceField(label=_("数据类型"))
    file = forms.FileField(
        label=_("文件"),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        help_text=_("CSV、Excel、SPSS .sav、R .rds 或 Parquet；第一行是列名。编码和分隔符会自动识别。"),
    )

    encoding = forms.ChoiceField(
        label=_("文字编码"),
        choices=[("", _("自动识别")), *TextEncoding.choices],
        required=False,
        help_text=_("只用于 CSV；自动识别不出时再选"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, str(one.words)) for one in TEMPLATES.values()]
        self.fields["template"] = forms.ChoiceField(label=_("数据类型"), choices=choices)

    @property
    def values(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        data = {key: self.cleaned_data[key] for key in ("template", "encoding")} | {"name": str(file.name)}
        return data | {"data": bytes(file.read())}


class ColumnsForm(PurposedForm):
    """Which column of the file is which of the template."""

    ALL_IN = "insight.ImportBatch.mapping"

    def __init__(
        self,
        *args: Any,
        template: Template,
        header: Sequence[str],
        unsure: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        places = [("", _("没有这一列")), *((str(n), cell or f"#{n + 1}") for n, cell in enumerate(header))]
        for column in template.columns:
            self.fields[column.name] = forms.TypedChoiceField(
                label=str(column.words),
                choices=places,
                required=column.is_needed,
                coerce=int,
                empty_value=None,
            )
            if column.name in unsure:
                self.fields[f"{ORDER}{column.name}"] = self._order(column, unsure[column.name])
        self.names = [column.name for column in template.columns]

    def _order(self, column: Column, count: int) -> forms.ChoiceField:
        seen = _("%(count)d 个像 3/5/2024；整列看得出的以整列为准。")
        return forms.ChoiceField(
            label=_("%(column)s的写法") % {"column": column.words},
            choices=[("", _("按整列判断")), *DayOrder.choices],
            required=False,
            help_text=seen % {"count": count} if count else "",
        )

    @property
    def mapping(self) -> dict[str, int]:
        said = self.cleaned_data
        return {name: said[name] for name in self.names if said[name] is not None}

    @property
    def orders(self) -> dict[str, str]:
        said = self.cleaned_data
        return {name: order for name in self.names if (order := said.get(f"{ORDER}{name}"))}


class MendForm(PurposedForm):
    """One row to correct; what says who somebody is stands masked beside an empty field."""

    ALL_IN = "insight.RejectedRow.cells"

    def __init__(
        self,
        *args: Any,
        template: Template,
        mapping: Mapping[str, int],
        shown: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        columns = [column for column in template.columns if column.name in mapping]
        self.identifying = {column.name for column in columns if column.identifies}
        for column, word in zip(columns, shown, strict=True):
            kept = _("现为 %(word)s，不改就留空。") % {"word": word} if column.identifies and word else ""
            self.fields[column.name] = forms.CharField(
                label=str(column.words),
                required=False,
                max_length=500,
                help_text=kept,
                initial="" if column.identifies else word,
            )
        self.fields[ALIKE] = forms.BooleanField(
            label=_("同样写法的行一起改"),
            required=False,
            help_text=_("在同一列里写得一样的其他行也照此改，一次最多 1,000 行；标识列除外。"),
        )

    @property
    def cells(self) -> Mapping[str, str]:
        """What was typed; an identity that was left empty stays as it is."""
        said = {name: str(value).strip() for name, value in self.cleaned_data.items() if name != ALIKE}
        return {name: value for name, value in said.items() if value or name not in self.identifying}

    @property
    def is_alike(self) -> bool:
        return bool(self.cleaned_data[ALIKE])
