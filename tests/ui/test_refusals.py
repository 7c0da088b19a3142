"""A refusal stands on the form that asked: beside the field it names, or on top with what is missing."""

import pytest
from django import forms

from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.ui.forms.refusals import blaming

GONE = (Missing("知情同意书", "《民法典》第 1219 条"), Missing("照片", ""))


class Form(forms.Form):
    title = forms.CharField()
    words = forms.CharField()


def bound() -> Form:
    return Form({"title": "恢复", "words": "第七天拆线"})


@pytest.mark.parametrize(
    ("refusal", "beside", "said"),
    [
        (RuleBroken("太短", code="words"), "", {"words": ["太短"]}),
        (RuleBroken("现在不行"), "", {"__all__": ["现在不行"]}),
        (RuleBroken("现在不行", code="flood"), "", {"__all__": ["现在不行"]}),
        (RuleBroken("已失效", code="worn"), "title", {"title": ["已失效"]}),
        (
            RuleBroken("还缺", code="words", missing=GONE),
            "",
            {"words": ["还缺"], "__all__": ["知情同意书（《民法典》第 1219 条）", "照片"]},
        ),
    ],
)
def test_a_refusal_stands_where_it_belongs_and_nothing_typed_is_lost(
    refusal: RuleBroken, beside: str, said: dict[str, list[str]]
) -> None:
    form = bound()
    with blaming(form, beside=beside):
        raise refusal
    assert form.errors == said
    assert (form["title"].value(), form["words"].value()) == ("恢复", "第七天拆线")


def test_only_a_broken_rule_is_said_on_the_form() -> None:
    with pytest.raises(NotFound), blaming(bound()):
        raise NotFound
