"""The text of a document that customers sign or take home."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 40_000


class PaperForm(forms.Form):
    """A document as text: chapters, paragraphs, and boxes that the customer ticks."""

    title = forms.CharField(label=_("标题"), max_length=120)
    text = forms.CharField(
        label=_("正文"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_(
            "「# 」开头是章节标题，空一行分段；要客户勾选的写成「□ 编码 文字」，放在章节最后，不会预先勾上"
        ),
    )
    source = forms.CharField(label=_("审定依据"), max_length=200, help_text=_("哪位律师或哪次会议审定的"))
