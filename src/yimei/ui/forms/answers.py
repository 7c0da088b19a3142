"""Answers of a questionnaire as they are drawn and posted; the rules of the action judge them here too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from yimei.core.numbers import whole
from yimei.journey.enums import QuestionKind
from yimei.journey.rules import questionnaires as rules
from yimei.journey.rules.drafts import LONGEST, Page


@dataclass(frozen=True)
class Drawn:
    """One question as the page shows it: what was typed, what is wrong, and when it is asked."""

    question: rules.Question
    given: Sequence[str]
    error: str
    is_asked: bool

    @property
    def id(self) -> str:
        return f"q-{self.question.code}"

    @property
    def name(self) -> str:
        return self.question.code

    @property
    def kind(self) -> str:
        return self.question.kind.value

    @property
    def text(self) -> str:
        return self.given[0] if self.given else ""

    @property
    def show_if(self) -> str:
        """The condition as the browser reads it."""
        condition = self.question.show_if
        return json.dumps(condition.as_data, ensure_ascii=False) if condition else ""

    @property
    def hint(self) -> str:
        return rules.hint(self.question)

    @property
    def choices(self) -> list[tuple[str, str, bool, bool]]:
        """Value, words, chosen, excludes the others."""
        if self.question.kind == QuestionKind.YES_NO:
            pairs = (("yes", _("是")), ("no", _("否")))
            return [(value, str(label), value in self.given, False) for value, label in pairs]
        return [
            (option.value, str(option.label), option.value in self.given, option.is_alone)
            for option in self.question.options
        ]

    @property
    def steps(self) -> list[tuple[str, bool]]:
        return [(str(step), str(step) in self.given) for step in self.question.steps]


@dataclass
class AnswersForm:
    """All questions of one version with their answers; ``is_bound`` shows what is wrong."""

    definition: rules.Definition
    raw: Mapping[str, Sequence[str]]
    today: date
    revision: int
    is_bound: bool = False
    signature: str = ""
    writer: str = field(default_factory=lambda: uuid4().hex)
    reading: rules.Reading = field(init=False)

    def __post_init__(self) -> None:
        self.reading = rules.read(self.definition, self.raw, today=self.today, is_signed=bool(self.signature))

    @classmethod
    def posted(cls, definition: rules.Definition, data: QueryDict, *, today: date) -> "AnswersForm":
        """Read what a browser sent; only names of questions are looked at."""
        raw = {question.code: data.getlist(question.code) for question in definition.questions}
        revision = whole(data.get("revision"))
        return cls(
            definition,
            raw,
            today,
            -1 if revision is None else revision,
            is_bound=True,
            signature=data.get("signature", ""),
            writer=data.get("writer", "")[:LONGEST],
        )

    @property
    def page(self) -> Page:
        """Which page this is, for a draft that saves itself."""
        return Page(self.revision, self.writer)

    def is_valid(self) -> bool:
        return self.reading.is_complete

    @property
    def sections(self) -> list[tuple[str, list[Drawn]]]:
        asked = {question.code for question in self.reading.asked}
        return [
            (str(section.title), [self._drawn(question, asked) for question in section.questions])
            for section in self.definition.sections
        ]

    @property
    def faults(self) -> list[dict[str, str]]:
        """What the summary on top says, each with its place."""
        return [
            {
                "id": f"q-{question.code}",
                "label": str(question.label),
                "text": self.reading.errors[question.code],
            }
            for question in self.reading.asked
            if question.code in self.reading.errors
        ]

    @property
    def slots(self) -> list[tuple[str, str]]:
        """The line of error of every question, empty where all is well."""
        errors = self.reading.errors
        return [
            (f"q-{question.code}", errors.get(question.code, "")) for question in self.definition.questions
        ]

    @property
    def progress(self) -> tuple[int, int]:
        return self.reading.answered, len(self.reading.asked)

    def _drawn(self, question: rules.Question, asked: set[str]) -> Drawn:
        error = self.reading.errors.get(question.code, "") if self.is_bound else ""
        return Drawn(question, list(self.raw.get(question.code, ())), error, question.code in asked)
