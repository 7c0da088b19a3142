"""A source of tables, and a machine that may be asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.insight.enums import SourceType
from yimei.insight.rules.imports.templates import TEMPLATES


class HostForm(forms.Form):
    name = forms.CharField(
        label=_("主机名或 IP"), max_length=120, help_text=_("整个域名以点开头，例如 .googleusercontent.com")
    )


class SourceForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=40)
    kind = forms.ChoiceField(label=_("来源"), choices=SourceType.choices)
    template = forms.ChoiceField(label=_("数据类型"))
    url = forms.CharField(
        label=_("发布的链接"),
        required=False,
        max_length=2000,
        help_text=_("发布到网络后的 CSV 或 xlsx 链接；Google 表格贴浏览器里的地址即可，须任何人可查看"),
    )
    host = forms.CharField(label=_("数据库主机"), required=False, max_length=120)
    port = forms.IntegerField(
        label=_("端口"), required=False, min_value=1, max_value=65535, help_text=_("不填用默认端口")
    )
    database = forms.CharField(label=_("库名"), required=False, max_length=80)
    user = forms.CharField(label=_("只读账号"), required=False, max_length=80)
    password = forms.CharField(
        label=_("密码"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("加密保存，不再显示"),
    )
    table = forms.CharField(label=_("表"), required=False, max_length=130)
    query = forms.CharField(
        label=_("或查询"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3})
    )
    column = forms.CharField(
        label=_("增量列"),
        required=False,
        max_length=80,
        help_text=_("只取这一列比上次大的行，例如 updated_at；空的行不取"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, str(one.words)) for one in TEMPLATES.values()]
        self.fields["template"] = forms.ChoiceField(label=_("数据类型"), choices=choices)
        self.order_fields(["name", "kind", "template"])

    @property
    def values(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        names = ("url", "host", "port", "database", "user", "password", "table", "query")
        return {
            "name": said["name"],
            "kind": SourceType(said["kind"]),
            "template": said["template"],
            "column": said["column"],
            "way": {name: said[name] for name in names},
        }
