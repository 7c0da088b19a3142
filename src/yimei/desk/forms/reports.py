"""What is asked of a report: how it begins, its pages while they are edited, where it goes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yimei.core.errors import RuleBroken
from yimei.desk.forms.fields import LooseDateField
from yimei.insight.enums import BlockKind, Cadence, DownloadPurpose, ReportShape
from yimei.insight.rules.metrics import METRICS
from yimei.insight.rules.reports.content import MOST_BLOCKS, MOST_PAGES, MOST_TITLE, Block, Item, Page, Pages
from yimei.insight.rules.reports.periods import latest
from yimei.insight.rules.reports.templates import TEMPLATES

MOST_ITEMS = 20
SPANS = (("month", _("上个月")), ("week", _("上周")), ("own", _("自定日期")))


class BeginForm(forms.Form):
    """From which template, over which days."""

    template = forms.ChoiceField(label=_("模板"), required=False, widget=forms.RadioSelect)
    span = forms.ChoiceField(label=_("报告期"), choices=SPANS, initial="month")
    starts_on = LooseDateField(label=_("开始日期"), required=False)
    last_day = LooseDateField(label=_("结束日期（含）"), required=False)
    title = forms.CharField(
        label=_("标题"), max_length=MOST_TITLE, required=False, help_text=_("不填则用模板名加报告期")
    )

    def __init__(self, data: Any = None, *, can_see_money: bool, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)
        offered = [one for one in TEMPLATES.values() if one.need is None or can_see_money]
        field.choices = [
            *((one.code, f"{one.words}：{one.about}") for one in offered),
            ("", _t("空白：从一页开始自己写")),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("span") == "own":
            for name in ("starts_on", "last_day"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _t("请填日期。"))
            return data
        period = latest(Cadence.WEEK if data.get("span") == "week" else Cadence.MONTH, self.today)
        return data | {"starts_on": period.start, "last_day": period.last}


class RolesForm(forms.Form):
    """Which roles read a report."""

    readers = forms.MultipleChoiceField(
        label=_("发出后谁可以读"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "readers", roles)


class TakeForm(forms.Form):
    shape = forms.TypedChoiceField(label=_("格式"), choices=ReportShape.choices, coerce=ReportShape)
    purpose = forms.TypedChoiceField(label=_("用途"), choices=DownloadPurpose.choices, coerce=DownloadPurpose)


class LinkForm(forms.Form):
    roles = forms.MultipleChoiceField(label=_("哪些角色可以打开"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("有效期"), choices=[(1, _("1 天")), (7, _("7 天")), (30, _("30 天")), (90, _("90 天"))],
        coerce=int, initial=7,
    )  # fmt: skip
    is_for_campuses = forms.BooleanField(
        label=_("院区角色也可以读这一份"), required=False,
        help_text=_("不勾选时，只有报告的范围不超出其权限的人打得开；勾选与理由记入审计日志"),
    )  # fmt: skip
    reason = forms.CharField(label=_("理由"), max_length=200, required=False)

    def __init__(
        self, *args: Any, roles: Iterable[tuple[str, str]], may_widen: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "roles", roles)
        if not may_widen:
            del self.fields["is_for_campuses"], self.fields["reason"]


class CommentForm(forms.Form):
    text = forms.CharField(label=_("评论"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    about = forms.CharField(label=_("关于"), max_length=80, required=False)
    mentions = forms.TypedMultipleChoiceField(label=_("提到"), required=False, coerce=UUID)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "comment-%s", **kwargs})
        _choose(self, "mentions", people)
        self.fields["mentions"].widget.attrs["size"] = 4


class DecisionForm(forms.Form):
    text = forms.CharField(label=_("决定"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.TypedChoiceField(label=_("负责人"), coerce=UUID)
    due = LooseDateField(label=_("期限"))

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "decision-%s", **kwargs})
        _choose(self, "owner", people)


class ScheduleForm(forms.Form):
    """Which report, when, to whom."""

    template = forms.ChoiceField(label=_("报告"))
    name = forms.CharField(label=_("名称"), max_length=60, required=False)
    day = forms.IntegerField(
        label=_("几号或星期几"), min_value=1, max_value=28, initial=2,
        help_text=_("月报填 1–28 号；周报填 1（周一）– 7（周日）"),
    )  # fmt: skip
    recipients = forms.MultipleChoiceField(label=_("发给哪些角色"), widget=forms.CheckboxSelectMultiple)
    is_automatic = forms.BooleanField(label=_("不等签发，自动发出（注明未经人工签发）"), required=False)

    def __init__(
        self, *args: Any, can_see_money: bool, may_sign: bool, roles: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [one for one in TEMPLATES.values() if one.need is None or can_see_money]
        _choose(self, "template", [(one.code, f"{one.words}（{one.cadence.label}）") for one in offered])
        _choose(self, "recipients", roles)
        if not may_sign:
            del self.fields["is_automatic"]


class AddForm(forms.Form):
    """To which draft a question of the explorer goes."""

    question = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    report = forms.TypedChoiceField(
        label=_("报告"), coerce=lambda value: UUID(value) if value else None, required=False, empty_value=None
    )
    title = forms.CharField(label=_("小标题"), max_length=MOST_TITLE, required=False)

    def __init__(self, *args: Any, drafts: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "add-%s", **kwargs})
        _choose(
            self, "report", [("", _t("新建一份上个月的报告")), *((str(key), name) for key, name in drafts)]
        )


class AskAgainForm(forms.Form):
    """How often a question is answered, and for whom."""

    question = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    name = forms.CharField(label=_("名称"), max_length=60, required=False, help_text=_("不填则用指标名"))
    cadence = forms.TypedChoiceField(
        label=_("周期"),
        choices=Cadence.choices,
        coerce=Cadence,
        initial=Cadence.MONTH,
        widget=forms.RadioSelect,
    )
    day = forms.IntegerField(
        label=_("几号或星期几"), min_value=1, max_value=28, initial=2,
        help_text=_("每月填 1–28 号；每周填 1（周一）– 7（周日）"),
    )  # fmt: skip
    recipients = forms.MultipleChoiceField(label=_("发给哪些角色"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, roles: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "again-%s", **kwargs})
        _choose(self, "recipients", roles)


def _choose(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def metric_names() -> Mapping[str, str]:
    """A metric as an editor writes it: its number and name."""
    return {f"{one.number} {one.words}": one.code for one in METRICS}


def read_pages(data: QueryDict) -> Pages:
    """Read the pages out of the editor's form; what cannot be read is said, not guessed."""
    known = {**metric_names(), **{str(one.words): one.code for one in METRICS}}
    pages = []
    for number in range(MOST_PAGES + 1):
        name = f"p{number}"
        if f"{name}-title" not in data:
            break
        pages.append(Page(str(data[f"{name}-title"])[:MOST_TITLE], tuple(_blocks(data, name, known))))
    return tuple(pages)


def _blocks(data: QueryDict, page: str, known: Mapping[str, str]) -> Iterable[Block]:
    for number in range(MOST_BLOCKS + 1):
        name = f"{page}b{number}"
        kind = data.get(f"{name}-kind", "")
        if kind not in BlockKind.values:
            break
        yield Block(
            BlockKind(kind),
            title=data.get(f"{name}-title", "")[:MOST_TITLE],
            reach=data.get(f"{name}-reach", "period"),
            metrics=_codes(data.getlist(f"{name}-metrics"), known),
            question=_question(data, name, known) if kind == BlockKind.FIGURE else "",
            text=data.get(f"{name}-text", ""),
            items=tuple(_items(data, name, known)),
        )


def _items(data: QueryDict, block: str, known: Mapping[str, str]) -> Iterable[Item]:
    for number in range(MOST_ITEMS):
        name = f"{block}i{number}"
        if f"{name}-text" not in data:
            break
        metrics = _codes(data.getlist(f"{name}-metrics"), known)
        yield Item(str(data[f"{name}-text"]), metrics, data.get(f"{name}-reach", "period"))


def _question(data: QueryDict, name: str, known: Mapping[str, str]) -> str:
    metric = next(iter(_codes([data.get(f"{name}-m", "")], known)), "")
    parts = {"m": metric, **{key: data.get(f"{name}-{key}", "") for key in ("by1", "by2", "c")}}
    return urlencode({key: value for key, value in parts.items() if value})


def _codes(words: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    found = []
    for word in words:
        name = word.strip()
        if name and name not in known:
            raise RuleBroken(
                _t("没有叫「%(name)s」的指标，请从列表里选。") % {"name": name[:40]}, code="metrics"
            )
        if name:
            found.append(known[name])
    return tuple(dict.fromkeys(found))


class ViewsForm(forms.Form):
    """Of which page SQL clients may read the figures."""

    page = forms.ChoiceField(label=_("哪块看板的数字"))

    def __init__(self, *args: Any, pages: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "page", pages)


class FeedForm(forms.Form):
    """Which page another program may read, and how long."""

    name = forms.CharField(
        label=_("哪个程序用"), max_length=60, help_text=_("例如：Power BI 财务、Google 表格周报")
    )
    page = forms.ChoiceField(label=_("读哪块看板的数字"))
    days = forms.TypedChoiceField(
        label=_("有效期"),
        choices=[(30, _("30 天")), (90, _("90 天")), (365, _("一年"))],
        coerce=int,
        initial=90,
    )

    def __init__(self, *args: Any, pages: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "page", pages)
