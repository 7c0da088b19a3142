"""Templates hold no script, no style and no unescaped text: the page's security policy would refuse them."""

import pytest
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from tests.house.checkers import SOURCE, template_faults

TEMPLATES = sorted(SOURCE.glob("*/templates/**/*.html"))


def test_templates_hold_no_inline_code() -> None:
    found = [
        fault
        for path in TEMPLATES
        for fault in template_faults(str(path.relative_to(SOURCE)), path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.slow(reason="compiles every template of the program")
def test_every_template_compiles() -> None:
    broken = []
    for path in TEMPLATES:
        name = path.relative_to(SOURCE).as_posix().split("/templates/")[1]
        try:
            get_template(name)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            broken.append(f"{name}: {error}")
    assert broken == []


@pytest.mark.parametrize(
    "sample",
    [
        '<p style="color: red">',
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<button type="button" onclick="go()">',
        '<button hx-on:click="go()">',
        '<a href="javascript:go()">',
        "{{ note|safe }}",
        "{% autoescape off %}",
        '<form method="post" hx-post="{% url "desk:go" %}" novalidate>',
        '<div hx-get="{% url "desk:go" %}" hx-trigger="every 2s" hx-target="body">',
    ],
)
def test_inline_code_is_found(sample: str) -> None:
    assert len(template_faults("sample.html", sample)) == 1


@pytest.mark.parametrize(
    "sample",
    [
        '<script src="/static/ui/shell.js" defer></script>',
        '<p class="style" data-ym-on="x">safe</p>',
        "{# <p style=''> #}",
        '<form method="post" action="{% url "desk:go" %}" hx-post="{% url "desk:go" %}">',
        '{{ options|json_script:"chart" }}',
        """<div hx-get="/go" hx-trigger="every 2s" hx-headers='{"X-Unattended": "yes"}'>""",
    ],
)
def test_clean_markup_is_left_alone(sample: str) -> None:
    assert template_faults("sample.html", sample) == []
