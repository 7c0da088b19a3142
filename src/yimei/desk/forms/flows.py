"""What is asked about flows: its frame, and one form for each kind of step. Reading only; actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms import segments as drafts
from yimei.growth.enums import FieldKind, SegmentUse
from yimei.growth.enums.flows import FlowEvent, Goal, NodeKind, Reentry, TaskOwner, TriggerKind
from yimei.growth.rules.flows import reading
from yimei.growth.rules.flows.graphs import BIRTHDAY
from yimei.growth.rules.segment_fields import FIELDS

OFF = {"autocomplete": "off"}
DATES = [(BIRTHDAY, _("生日"))] + [
    (spec.code, spec.label) for spec in FIELDS.values() if spec.kind == FieldKind.DATE
]
ADDABLE = tuple(NodeKind)


class NewFlowForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=40, widget=forms.TextInput(attrs=OFF))
    use = forms.TypedChoiceField(
        label=_("用途"),
        choices=SegmentUse.choices,
        coerce=SegmentUse,
        initial=SegmentUse.CARE,
        widget=forms.RadioSelect,
        help_text=_("服务关怀不能发营销消息；营销活动只对已同意的成年人，且不看医疗健康信息。"),
    )


class FlowFileForm(forms.Form):
    text = forms.CharField(
        label=_("YAML 文件内容"),
        max_length=64 * 1024,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=_("导出的文件改好后粘贴回来；有误会指出行和列。"),
    )


class FrameForm(forms.Form):
    """How people come in, whether again, who is held out, what it is for."""

    name = forms.CharField(label=_("名称"), max_length=40, widget=forms.TextInput(attrs=OFF))
    kind = forms.ChoiceField(label=_("怎样进入"), choices=TriggerKind.choices)
    event = forms.ChoiceField(label=_("什么事"), choices=FlowEvent.choices, required=False)
    segment = forms.ChoiceField(label=_("哪个分群"), required=False)
    field = forms.ChoiceField(label=_("哪个日期"), choices=DATES, required=False)
    days = forms.IntegerField(
        label=_("之后多少天"),
        required=False,
        min_value=-400,
        max_value=800,
        help_text=_("「某个日期」与「久未到诊」用；负数为之前"),
    )
    reentry = forms.ChoiceField(label=_("能否再次进入"), choices=Reentry.choices)
    reentry_days = forms.IntegerField(
        label=_("隔多少天"), required=False, min_value=1, max_value=400, help_text=_("选「隔若干天」时填写")
    )
    holdout = forms.IntegerField(
        label=_("对照组比例"),
        min_value=0,
        max_value=reading.MOST_HOLDOUT,
        help_text=_("这些人不走流程，用来看没有旅程会怎样；含医疗消息的旅程必须为 0"),
    )
    goal = forms.ChoiceField(label=_("目标"), choices=Goal.choices)
    goal_days = forms.IntegerField(label=_("多少天内达到"), min_value=1, max_value=400)

    def __init__(self, *args: Any, segments: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["segment"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("请选择")), *((name, name) for name in segments)]

    @staticmethod
    def start(name: str, draft: dict[str, Any]) -> dict[str, Any]:
        trigger, reentry = draft["trigger"], draft["reentry"]
        return {
            "name": name,
            **{key: trigger.get(key) for key in ("kind", "event", "segment", "field", "days")},
            "reentry": reentry["mode"],
            "reentry_days": reentry.get("days"),
            "holdout": draft["holdout"],
            "goal": draft["goal"]["event"],
            "goal_days": draft["goal"]["days"],
        }

    def frame(self) -> dict[str, Any]:
        data = self.cleaned_data
        own = {
            TriggerKind.EVENT: ("event",),
            TriggerKind.SEGMENT: ("segment",),
            TriggerKind.DATE: ("field", "days"),
            TriggerKind.INACTIVE: ("days",),
        }[TriggerKind(data["kind"])]
        trigger = {"kind": data["kind"], **{name: data[name] for name in own}}
        if "days" in trigger and trigger["days"] is None:
            trigger["days"] = 0
        reentry = {"mode": data["reentry"]}
        if data["reentry"] == Reentry.AFTER:
            reentry["days"] = data["reentry_days"]
        return {
            "trigger": trigger,
            "reentry": reentry,
            "holdout": data["holdout"],
            "goal": {"event": data["goal"], "days": data["goal_days"]},
        }


class StepForm(forms.Form):
    """One step; which fields it has depends on what it does."""

    label = forms.CharField(label=_("步骤名"), max_length=40, widget=forms.TextInput(attrs=OFF))

    def __init__(
        self,
        *args: Any,
        node: dict[str, Any],
        templates: list[tuple[str, str]],
        places: list[str],
        tags: list[tuple[str, str]],
        grants: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.node = node
        self.kind = NodeKind(node["kind"])
        self.fields["label"].initial = node.get("label", "")
        if self.kind == NodeKind.WAIT:
            self._add(
                "days", forms.IntegerField(label=_("天"), min_value=0, max_value=400), node.get("days", 0)
            )
            self._add(
                "hours", forms.IntegerField(label=_("小时"), min_value=0, max_value=23), node.get("hours", 0)
            )
            self._add(
                "at",
                forms.RegexField(
                    r"^([01]\d|2[0-3]):[0-5]\d$",
                    label=_("等到几点"),
                    required=False,
                    help_text=_("写作 10:00；不写则到时即走"),
                ),
                node.get("at", ""),
            )
        elif self.kind == NodeKind.MESSAGE:
            self._add("template", forms.ChoiceField(label=_("模板"), choices=templates), node.get("template"))
            for place in places:
                words = forms.CharField(label=place, max_length=80, required=False)
                self._add(f"text_{place}", words, (node.get("words") or {}).get(place, ""))
        elif self.kind == NodeKind.TASK:
            self._add("text", forms.CharField(label=_("做什么"), max_length=80), node.get("text"))
            owner = forms.ChoiceField(label=_("派给"), choices=TaskOwner.choices, widget=forms.RadioSelect)
            self._add("owner", owner, node.get("owner", "consultant"))
            hours = forms.IntegerField(label=_("多少小时内"), min_value=1, max_value=720)
            self._add("hours", hours, node.get("hours", 24))
        elif self.kind == NodeKind.TAG:
            self._add(
                "tag", forms.ChoiceField(label=_("标签"), choices=[("", _("请选择")), *tags]), node.get("tag")
            )
            self._add(
                "off", forms.BooleanField(label=_("去掉这个标签"), required=False), node.get("off", False)
            )
        elif self.kind == NodeKind.GRANT:
            what, value = node.get("what", ""), node.get("value", "")
            given = f"{what}|{value}" if f"{what}|{value}" in dict(grants) else what
            self._add("what", forms.ChoiceField(label=_("权益"), choices=grants), given)
            number = forms.IntegerField(
                label=_("多少"),
                min_value=1,
                max_value=1000,
                required=False,
                help_text=_("只有积分要填；券与权益每次一张（次）"),
            )
            self._add("value", number, value if value.isdecimal() else 10)
        elif self.kind == NodeKind.SPLIT:
            for name, arm in node["arms"].items():
                share = forms.IntegerField(label=name, min_value=1, max_value=99)
                self._add(f"is_{name}", share, arm["share"])

    def _add(self, name: str, field: forms.Field, value: Any) -> None:
        self.fields[name] = field
        field.initial = value

    def values(self, posted: drafts.Posted) -> dict[str, Any]:
        """The step's own values as the draft keeps them."""
        data = dict(self.cleaned_data)
        if self.kind == NodeKind.CHECK:
            return {"label": data["label"], "rules": drafts.tree_of(drafts.read(posted))}
        if self.kind == NodeKind.SPLIT:
            arms = {name: {**arm, "share": data[f"is_{name}"]} for name, arm in self.node["arms"].items()}
            return {"label": data["label"], "arms": arms}
        words = {
            name.removeprefix("text_"): data.pop(name) for name in list(data) if name.startswith("text_")
        }
        if self.kind == NodeKind.MESSAGE:
            data["words"] = {name: text for name, text in words.items() if text}
        if self.kind == NodeKind.GRANT:
            data["what"], _bar, chosen = data["what"].partition("|")
            data["value"] = chosen or str(data["value"] or 10)
        if self.kind == NodeKind.WAIT and not data.get("at"):
            data["at"] = None
        return data
