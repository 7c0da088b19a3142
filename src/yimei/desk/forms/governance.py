"""What is asked on the officer's registers; deciding stays with the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.privacy.enums import Basis, CheckResult, ConsentMode, RoundKind, Trigger
from yimei.privacy.enums.incidents import IncidentKind, IncidentLevel
from yimei.privacy.enums.parties import DutySide, PartyKind, Route, SuccessionKind, TransferGround
from yimei.privacy.rules.parties import DILIGENCE, DUTIES, TERMS
from yimei.privacy.rules.purposes import DECLARED
from yimei.ui.forms.purposed import PurposedForm


def choose(form: forms.Form, name: str, choices: Any) -> None:
    """Give a field of choices the ones that this page knows."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def words(longest: int = 1000, rows: int = 3) -> dict[str, Any]:
    """A text of several lines."""
    return {"max_length": longest, "widget": forms.Textarea(attrs={"rows": rows})}


class MomentField(forms.DateTimeField):
    """A moment typed 2026-05-06 09:30 or 2026.5.6 9:30."""

    default_error_messages = {"invalid": _("时间看不懂，请按 2026-05-06 09:30 填写。")}

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y.%m.%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d"]
        attrs = {"placeholder": "2026-05-06 09:30", "autocomplete": "off"}
        super().__init__(input_formats=formats, widget=forms.TextInput(attrs=attrs), **kwargs)


class PurposeForm(forms.Form):
    """What data are handled for, on which ground."""

    code = forms.CharField(label=_("编码"), max_length=40, help_text=_("例如 face.queue；登记后不变"))
    name = forms.CharField(label=_("名称"), max_length=60)
    description = forms.CharField(
        label=_("说明"),
        help_text=_("对本人说明用哪些信息、做什么、可不可以拒绝；会写进告知"),
        **words(600, 4),
    )
    basis = forms.ChoiceField(label=_("法律依据"), choices=Basis.choices)
    mode = forms.ChoiceField(
        label=_("同意方式"), required=False, choices=[("", "—"), *ConsentMode.choices],
        help_text=_("以同意为依据时必填；敏感信息、向他人提供、公开、出境须单独或书面"),
    )  # fmt: skip
    article = forms.CharField(
        label=_("条款"), max_length=160, help_text=_("例如：《个人信息保护法》第十三条第一款第二项")
    )
    retention = forms.ChoiceField(label=_("保存期限"))
    is_sensitive = forms.BooleanField(label=_("涉及敏感个人信息"), required=False)
    triggers = forms.MultipleChoiceField(
        label=_("须评估的情形"),
        required=False,
        choices=[(each.value, each.label) for each in DECLARED],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("个人信息保护法第五十五条；本院新增的目的一律先评估"),
    )

    def __init__(self, *args: Any, periods: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "retention", periods)


class PurposeChangeForm(PurposeForm):
    """The same for one that is there."""

    only_words = forms.BooleanField(
        label=_("只是改措辞：用途、范围与方式都没有变"),
        required=False,
        help_text=_("不勾即为实质变更：此前的同意与评估不再算数，可以停的先停用，告知后重新征求（第十四条）"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = True


class PackForm(forms.Form):
    file = forms.FileField(
        label=_("规则包文件"), help_text=_("YAML，400 KB 以内；载入后先看影响清单，再决定采用")
    )


class DeclareForm(forms.Form):
    """One thing that the hospital says about itself."""

    code = forms.CharField(widget=forms.HiddenInput)
    value = forms.ChoiceField()

    def __init__(self, code: str, question: Any, value: str) -> None:
        super().__init__(initial={"code": code, "value": value}, auto_id=f"{code.replace('.', '-')}-%s")
        self.fields["value"].label = question.label
        self.fields["value"].help_text = question.why
        choose(self, "value", question.answers.items())


class ReportForm(PurposedForm):
    """What somebody saw; the officer judges."""

    KEEPS = "privacy.Incident"

    kind = forms.ChoiceField(label=_("像是什么"), choices=IncidentKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("一句话"), max_length=80, help_text=_("不写任何人的姓名、电话"))
    what = forms.CharField(
        label=_("经过"), help_text=_("看到了什么、何时、在哪个系统或页面、做了什么"), **words(2000, 5)
    )
    discovered_at = MomentField(
        label=_("发现时间"), required=False, help_text=_("时钟从发现时起算；空为现在")
    )
    system = forms.CharField(label=_("涉及系统"), max_length=80, required=False)
    is_drill = forms.BooleanField(label=_("这是一次演练：不对外发送任何东西"), required=False)


class TriageForm(PurposedForm):
    """How grave it is; the program works out the least level from the numbers."""

    KEEPS = "privacy.Incident"

    kind = forms.ChoiceField(label=_("类别"), choices=IncidentKind.choices)
    level = forms.ChoiceField(label=_("级别"), choices=IncidentLevel.choices)
    persons = forms.IntegerField(
        label=_("涉及人数"), min_value=0, max_value=2_000_000_000, initial=0,
        help_text=_("按日志计算范围后以计算结果为准"),
    )  # fmt: skip
    minors = forms.IntegerField(label=_("其中未成年人"), min_value=0, max_value=2_000_000_000, initial=0)
    loss_wan = forms.IntegerField(label=_("直接损失"), min_value=0, max_value=2_000_000_000, initial=0)
    is_sensitive = forms.BooleanField(label=_("涉及敏感个人信息"), required=False)
    is_crime = forms.BooleanField(label=_("涉嫌犯罪，须报案"), required=False)


class ScopeForm(PurposedForm):
    """Whose looks, and when."""

    KEEPS = "privacy.Incident"

    account = forms.ChoiceField(label=_("涉及账号"))
    since = MomentField(label=_("从"))
    until = MomentField(label=_("到"))

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "account", accounts)


class WordsForm(PurposedForm):
    """What is known so far; it goes into the reports and the letters."""

    KEEPS = "privacy.Incident"

    cause = forms.CharField(label=_("原因"), required=False, **words())
    harm = forms.CharField(
        label=_("可能造成的危害"), required=False, help_text=_("写进告知短信，不写医疗字样"), **words(300, 2)
    )
    measures = forms.CharField(
        label=_("已采取的措施"), required=False, help_text=_("写进告知短信，不写医疗字样"), **words(300, 2)
    )
    advice = forms.CharField(
        label=_("个人可以采取的措施"),
        required=False,
        help_text=_("写进告知短信，不写医疗字样"),
        **words(300, 2),
    )
    report = forms.CharField(
        label=_("总结报告"), required=False, help_text=_("原因、措施、危害、责任、整改与教训；结案前必填"),
        **words(4000, 4),
    )  # fmt: skip


class PartyForm(forms.Form):
    """One processor or recipient."""

    code = forms.CharField(
        label=_("接口编码"), max_length=40, help_text=_("外发接口按它核对，例如 sms.aliyun；登记后不变")
    )
    name = forms.CharField(label=_("名称"), max_length=80)
    kind = forms.ChoiceField(label=_("关系"), choices=PartyKind.choices)
    service = forms.CharField(label=_("目的与服务内容"), max_length=200)
    method = forms.CharField(label=_("处理方式"), max_length=120)
    country = forms.CharField(
        label=_("存放国家或地区"), max_length=2, initial="CN", help_text=_("两位代码：CN、HK、US…")
    )
    holdings = forms.MultipleChoiceField(
        label=_("提供的信息"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("取自数据地图"),
    )
    consent_purpose = forms.ChoiceField(
        label=_("单独同意的目的"),
        required=False,
        help_text=_("向其他处理者提供时必填（个人信息保护法第二十三条）"),
    )
    contact = forms.CharField(label=_("联系人与电话"), max_length=120)
    incident_contact = forms.CharField(
        label=_("事件联系人与电话"), max_length=120, help_text=_("发生泄露时第一个打给谁")
    )
    contract_no = forms.CharField(label=_("合同编号"), max_length=60, required=False)
    valid_from = LooseDateField(label=_("合同生效"), required=False)
    valid_to = LooseDateField(label=_("合同到期"), required=False)
    terms = forms.MultipleChoiceField(
        label=_("合同已写明"), required=False, choices=TERMS.items(), widget=forms.CheckboxSelectMultiple
    )
    diligence = forms.MultipleChoiceField(
        label=_("尽职调查已核实"),
        required=False,
        choices=DILIGENCE.items(),
        widget=forms.CheckboxSelectMultiple,
    )
    diligence_note = forms.CharField(
        label=_("依据"), required=False, max_length=200, help_text=_("看了哪些证书、报告、证明，何时")
    )

    def __init__(self, *args: Any, holdings: Any, purposes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed = (self.initial or {}).get("duties", {})
        for code, label in DUTIES.items():
            self.fields[f"duty_{code}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", "—"), *DutySide.choices],
                initial=agreed.get(code, ""),
            )
        choose(self, "holdings", holdings)
        choose(self, "consent_purpose", [("", "—"), *purposes])

    def values(self) -> dict[str, Any]:
        """The values as the action takes them."""
        data = dict(self.cleaned_data)
        note, answered = data.pop("diligence_note") or "✓", data.pop("diligence")
        duties = {code: data.pop(f"duty_{code}") for code in DUTIES}
        return {**data, "diligence": dict.fromkeys(answered, note), "duties": duties}


class SuccessionForm(forms.Form):
    """Who takes the data over, and from when."""

    kind = forms.TypedChoiceField(
        label=_("事由"), choices=SuccessionKind.choices, coerce=SuccessionKind, widget=forms.RadioSelect
    )
    recipient = forms.CharField(label=_("接收方的名称或者姓名"), max_length=80)
    contact = forms.CharField(
        label=_("接收方的联系方式"), max_length=120, help_text=_("电话、地址或邮箱；会逐人告知并公开")
    )
    what = forms.CharField(label=_("转移哪些信息"), max_length=200, help_text=_("例如：全部病历与联系方式"))
    effective_on = LooseDateField(label=_("转移日期"))


class TransferForm(forms.Form):
    """One kind of giving data abroad."""

    code = forms.CharField(label=_("编码"), max_length=40, help_text=_("导出与接口按它核对；登记后不变"))
    party = forms.ChoiceField(label=_("境外接收方"))
    title = forms.CharField(label=_("出境活动"), max_length=80)
    ground = forms.ChoiceField(label=_("必要性"), choices=TransferGround.choices)
    consent_purpose = forms.ChoiceField(label=_("单独同意的目的"), required=False)
    holdings = forms.MultipleChoiceField(
        label=_("出境的信息"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("取自数据地图"),
    )
    is_sensitive = forms.BooleanField(label=_("含敏感个人信息（健康、影像、未满十四周岁）"), required=False)
    is_important = forms.BooleanField(label=_("含重要数据"), required=False)
    rights = forms.CharField(label=_("向境外接收方行使权利的途径"), max_length=200, required=False)
    route = forms.ChoiceField(label=_("出境路径"), choices=[("", "—"), *Route.choices], required=False)
    evidence = forms.CharField(label=_("合同、认证或评估编号"), max_length=80, required=False)
    effective_on = LooseDateField(label=_("生效日"), required=False)
    valid_to = LooseDateField(label=_("有效期至"), required=False)

    def __init__(self, *args: Any, parties: Any, holdings: Any, purposes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "party", parties)
        choose(self, "holdings", holdings)
        choose(self, "consent_purpose", [("", "—"), *purposes])


class SignForm(forms.Form):
    """The signature under a draft that ships with the program."""

    has_read = forms.BooleanField(
        label=_("我已逐段读完，与本院实际相符"),
        required=False,
        widget=forms.CheckboxInput(attrs={"required": True}),
    )
    remark = forms.CharField(label=_("意见"), required=False, **words(300, 2))


SCORES = [(n, str(n)) for n in range(1, 6)]
RISKS = 5


class AssessmentForm(forms.Form):
    """The three sections of PIPL 56 and up to five risks."""

    title = forms.CharField(label=_("标题"), max_length=80)
    subject = forms.ChoiceField(label=_("评估对象"))
    triggers = forms.MultipleChoiceField(
        label=_("触发情形"), required=False, choices=Trigger.choices, widget=forms.CheckboxSelectMultiple
    )
    necessity = forms.CharField(
        label=_("一、目的与方式是否合法、正当、必要"), required=False, **words(4000, 5)
    )
    impact = forms.CharField(label=_("二、对个人权益的影响与安全风险"), required=False, **words(4000, 5))
    measures = forms.CharField(
        label=_("三、保护措施是否合法、有效并与风险相适应"), required=False, **words(4000, 5)
    )

    def __init__(self, *args: Any, subjects: Any, guide: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "subject", subjects)
        for name in ("necessity", "impact", "measures"):
            self.fields[name].help_text = guide[name]
        for n in range(1, RISKS + 1):
            self.fields[f"what_{n}"] = forms.CharField(label=_("风险"), required=False, max_length=200)
            self.fields[f"measure_{n}"] = forms.CharField(label=_("措施"), required=False, max_length=300)
            for name, label in (
                ("likelihood", _("可能性")),
                ("severity", _("严重性")),
                ("likelihood_after", _("之后可能性")),
                ("severity_after", _("之后严重性")),
            ):
                self.fields[f"{name}_{n}"] = forms.TypedChoiceField(
                    label=label, required=False, choices=[("", "—"), *SCORES], coerce=int, empty_value=None
                )

    def risk_rows(self) -> list[Any]:
        """The fields of each risk, as the page draws them."""
        names = ("what", "likelihood", "severity", "measure", "likelihood_after", "severity_after")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, RISKS + 1)]

    def values(self) -> dict[str, Any]:
        """The values as the action takes them."""
        data = self.cleaned_data
        names = ("what", "likelihood", "severity", "measure", "likelihood_after", "severity_after")
        return {
            "title": data["title"],
            "subject": data["subject"],
            "triggers": data["triggers"],
            "texts": {name: data[name] for name in ("necessity", "impact", "measures")},
            "risks": [{name: data[f"{name}_{n}"] for name in names} for n in range(1, RISKS + 1)],
        }


class CourseForm(forms.Form):
    """One course in its next version."""

    title = forms.CharField(label=_("课程"), max_length=80)
    minutes = forms.IntegerField(label=_("时长"), min_value=1, max_value=240)
    pass_mark = forms.IntegerField(label=_("及格分"), min_value=1, max_value=100)
    months = forms.IntegerField(label=_("有效期"), min_value=1, max_value=60)
    is_required = forms.BooleanField(label=_("必修"), required=False)
    body = forms.CharField(label=_("正文"), help_text=_("以 ## 开头的一行是小标题"), **words(20000, 14))
    quiz = forms.CharField(
        label=_("测验"), help_text=_("? 题目，- 选项，* 正确选项，! 解析；至少 3 题"), **words(20000, 14)
    )


class RoundForm(forms.Form):
    """A new audit round."""

    kind = forms.ChoiceField(label=_("类别"), choices=RoundKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("标题"), max_length=80)
    period_from = LooseDateField(label=_("期间起"))
    period_to = LooseDateField(label=_("期间止"))
    seed = forms.CharField(
        label=_("抽样种子"), max_length=40, help_text=_("写进报告；用同一种子任何人都能抽出同样的样本")
    )


class JudgeForm(forms.Form):
    """The judgement of one question."""

    result = forms.ChoiceField(label=_("结论"), choices=CheckResult.choices[1:])
    finding = forms.CharField(label=_("发现"), max_length=500, required=False)
    owner = forms.ChoiceField(label=_("整改责任人"), required=False)
    due_on = LooseDateField(label=_("整改期限"), required=False)

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "owner", [("", "—"), *staff])
