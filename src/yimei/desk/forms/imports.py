"""A table to bring, its columns, a row to mend."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.insight.rules.imports.templates import TEMPLATES, Template
from yimei.ui.forms.purposed import PurposedForm

ENDINGS = ".csv,.txt,.tsv,.xlsx,.xls,.sav,.rds,.parquet"


class TableForm(PurposedForm):
    KEEPS = "insight.ImportBatch"

    template = forms.ChoiceField(label=_("数据类型"))
    file = forms.FileField(
        label=_("文件"),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        help_text=_("CSV、Excel、SPSS .sav、R .rds 或 Parquet；第一行是列名。编码和分隔符会自动识别。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, str(one.words)) for one in TEMPLATES.values()]
        self.fields["template"] = forms.ChoiceField(label=_("数据类型"), choices=choices)

    @property
    def values(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        data = {"name": str(file.name), "template": self.cleaned_data["template"]}
        return data | {"data": bytes(file.read())}


class ColumnsForm(PurposedForm):
    """Which column of the file is which of the template."""

    ALL_IN = "insight.ImportBatch.mapping"

    def __init__(self, *args: Any, template: Template, header: Sequence[str], **kwargs: Any) -> None:
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

    @property
    def mapping(self) -> dict[str, int]:
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


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
        for column, word in zip(columns, shown, strict=True):
            kept = _("现为 %(word)s，不改就留空。") % {"word": word} if column.identifies and word else ""
            self.fields[column.name] = forms.CharField(
                label=str(column.words),
                required=False,
                max_length=200,
                help_text=kept,
                initial="" if column.identifies else word,
            )

    @property
    def cells(self) -> Mapping[str, str]:
        return {name: value.strip() for name, value in self.cleaned_data.items() if value.strip()}
