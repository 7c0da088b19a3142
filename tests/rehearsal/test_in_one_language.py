"""What is written down is in the hospital's language, whoever read the screen while it was done."""

import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import translation
from django.utils.translation import trans_real

from yimei.config import reference
from yimei.people.models import Role
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.fill import fill

BOTH = {"Questionnaire", "Rule", "Limit", "DeadlineRule", "Course"}
"""Reference data that holds two languages, or words of another country's law."""
OWN = {"ReportVersion", "ReportSchedule"}
"""Drafted by somebody in her own language; what is signed is composed anew in the hospital's."""


@pytest.mark.django_db
def test_roles_are_called_alike_on_a_server_that_speaks_english(now: datetime) -> None:
    Role.objects.all().delete()
    with translation.override("en"):
        reference.load(now=now)
    assert Role.objects.get(code=RoleCode.DIRECTOR).name == "院长"


@pytest.mark.long(reason="makes a small hospital and reads every text of it")
@pytest.mark.django_db
def test_whoever_reads_english_writes_chinese(now: datetime, tmp_path: Path) -> None:
    """A physician's 病历 is in Chinese (《病历书写基本规范》第四条), and her colleagues read what is next."""
    make = inspect.unwrap(fill)
    with translation.override("en"):
        make(size="xs", seed=1, now=now, accounts=tmp_path / "demo.json")
    english = _english()
    models = [
        each for each in apps.get_models() if each.__module__.startswith("yimei.") and each._meta.managed
    ]
    seen, found = 0, set()
    for model in models:
        if model.__name__ in BOTH | OWN:
            continue
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                for text in _texts(getattr(row, field.attname)):
                    seen += 1
                    if english.fullmatch(text):
                        found.add((model.__name__, field.name, text[:80]))
    assert seen > 10_000
    assert found == set()


def test_the_search_knows_english_when_it_sees_it() -> None:
    english = _english()
    for text in (
        "Sign and verify before surgery",
        "Let the customer choose plan v1",
        "Healthy, no smoking, no or little alcohol.",
    ):
        assert english.fullmatch(text), text
    for text in ("术前签署与核对", "planned", "45 CFR 164.528"):
        assert not english.fullmatch(text), text


def _english() -> re.Pattern[str]:
    """Everything that the program says in English and in more than a word, whatever is filled in."""
    said = [
        words
        for chinese, words in trans_real.translation("en")._catalog.items()
        if not str(chinese).isascii()
        and " " in words
        and len(re.sub(r"%\(\w+\)[sd]|[^A-Za-z]", "", words)) >= 12
    ]
    filled = (re.sub(r"%\\\(\w+\\\)[sd]|%[sd]", ".+", re.escape(words)) for words in said)
    return re.compile("|".join(filled), re.DOTALL)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
