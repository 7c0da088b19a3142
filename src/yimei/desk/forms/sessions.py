"""What is asked at the door and on one's own account."""

from django import forms
from django.utils.translation import gettext_lazy as _

CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "7"}
OLD = {"autocomplete": "current-password"}
NEW = {"autocomplete": "new-password"}


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("密码"), max_length=1024, strip=False, widget=forms.PasswordInput(attrs=OLD)
    )


class CodeForm(forms.Form):
    totp = forms.CharField(label=_("动态口令"), max_length=20, widget=forms.TextInput(attrs=CODE))


class PasswordForm(forms.Form):
    old_password = forms.CharField(
        label=_("原密码"), max_length=1024, strip=False, widget=forms.PasswordInput(attrs=OLD)
    )
    password = forms.CharField(
        label=_("新密码"),
        max_length=1024,
        strip=False,
        help_text=_("至少 12 个字符；一句只有自己知道的话最好记，也最难猜。"),
        widget=forms.PasswordInput(attrs=NEW),
    )
    again = forms.CharField(
        label=_("再输入一次新密码"), max_length=1024, strip=False, widget=forms.PasswordInput(attrs=NEW)
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次输入的新密码不一样。"))
        return again
