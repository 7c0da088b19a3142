"""What is asked before figures leave the house or are kept, and an analyst's query."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from yimei.insight.actions.downloads import SHAPES, may_publish
from yimei.insight.enums import DownloadPurpose
from yimei.insight.queries.samples import SETS, columns_of, groups_of
from yimei.insight.rules.metrics.dims import TABLES
from yimei.insight.rules.questions import SPANS
from yimei.insight.rules.sql.limits import MOST_TEXT

SHAPE_NAMES = [
    (shape, name)
    for shape, name in (
        ("xlsx", "Excel"), ("csv", "CSV"), ("sav", "SPSS"), ("rds", "R"), ("parquet", "Parquet"),
        ("sql", _("SQL（MySQL、PostgreSQL）")), ("hyper", "Tableau"),
    )
    if shape in SHAPES
]  # fmt: skip
PUBLISHED = "published"
if may_publish():
    SHAPE_NAMES.append((PUBLISHED, _("公开计数 CSV（差分隐私）")))


class DownloadForm(forms.Form):
    """The question, the shape of the file, and what it is for."""

    question = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    shape = forms.ChoiceField(label=_("格式"), choices=lambda: SHAPE_NAMES)
    purpose = forms.TypedChoiceField(label=_("用途"), choices=DownloadPurpose.choices, coerce=DownloadPurpose)


class PinForm(forms.Form):
    """The page on which a question is kept."""

    question = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    title = forms.CharField(label=_("标题"), max_length=60, required=False)
    page = forms.TypedChoiceField(
        label=_("看板"), coerce=lambda value: UUID(value) if value else None, required=False, empty_value=None
    )
    name = forms.CharField(label=_("新看板的名称"), max_length=40, required=False)

    def __init__(self, *args: Any, pages: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["page"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("新建看板")), *((str(key), name) for key, name in pages)]


class ShareForm(forms.Form):
    """The roles that may open a page."""

    roles = forms.MultipleChoiceField(label=_("共享给"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["roles"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(choices)


class SqlForm(forms.Form):
    text = forms.CharField(
        label=_("SQL"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("请写一条 SELECT 语句。")},
    )


KINDS = [
    ("compare", _("比较各组的数值（t / 方差分析）")),
    ("cross", _("比较各组的比例（卡方）")),
    ("correlate", _("两个数值的相关")),
    ("regress", _("回归（线性 / 逻辑）")),
    ("revisit", _("首诊到再来的时间（生存曲线）")),
]


class StatisticsForm(forms.Form):
    """Which test over which rows; the columns follow the table that was chosen."""

    kind = forms.ChoiceField(label=_("分析"), choices=KINDS)
    fact = forms.ChoiceField(
        label=_("数据"), required=False, choices=lambda: [(name, str(TABLES[name].words)) for name in SETS]
    )
    span = forms.ChoiceField(
        label=_("时间"), choices=lambda: [(code, str(span[0])) for code, span in SPANS.items()]
    )
    outcome = forms.ChoiceField(label=_("结果"), required=False)
    group = forms.ChoiceField(label=_("分组"), required=False)
    predictors = forms.MultipleChoiceField(
        label=_("自变量"), required=False, widget=forms.CheckboxSelectMultiple
    )
    go = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.kind_now = self._now("kind", "compare", dict(KINDS))
        self.fact_now = "booking" if self.kind_now == "revisit" else self._now("fact", "booking", SETS)
        numbers, flags = columns_of(self.fact_now)
        outcomes = flags if self.kind_now == "cross" else numbers
        if self.kind_now == "regress":
            outcomes = {**numbers, **flags}
        self._choose("outcome", outcomes.items())
        self._choose("group", [(dim.code, dim.words) for dim in groups_of(self.fact_now)])
        others = dict(numbers if self.kind_now == "correlate" else {**numbers, **flags})
        others.pop(self._now("outcome", "", outcomes), None)
        self._choose("predictors", others.items())
        self.fields["span"].initial = "365"

    @property
    def needs(self) -> set[str]:
        return {
            "compare": {"outcome", "group"},
            "cross": {"outcome", "group"},
            "correlate": {"outcome", "predictors"},
            "regress": {"outcome", "predictors"},
            "revisit": {"group"},
        }[self.kind_now]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        numbers, flags = columns_of(self.fact_now)
        data["fact"] = self.fact_now
        data["outcome"] = data.get("outcome") or next(iter(flags if self.kind_now == "cross" else numbers))
        data["group"] = data.get("group") or groups_of(self.fact_now)[0].code
        data["predictors"] = [name for name in data.get("predictors", []) if name != data["outcome"]][:8]
        return data

    def _now(self, name: str, default: str, known: Any) -> str:
        value = self.data.get(name, "") if self.is_bound else ""
        return value if value in known else default

    def _choose(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Offer the columns of the table; one of another table, left over from before, is let go."""
        field, offered = self.fields[name], [(key, str(words)) for key, words in choices]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered
        known = {key for key, _words in offered}
        data = self.data
        if isinstance(data, QueryDict) and not set(map(str, data.getlist(name))) <= known:
            data = data.copy()
            data.setlist(name, [value for value in data.getlist(name) if value in known])
            self.data = data
