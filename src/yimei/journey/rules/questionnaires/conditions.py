"""Conditions over earlier answers and over scores. They can only look back, so no circle can close."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from yimei.journey.rules.questionnaires.words import mapping, number, rows, wrong

Value = str | list[str]
Values = Mapping[str, Value]
Scores = Mapping[str, Decimal | None]

DEEPEST = 4
TESTS = ("is", "at_least", "at_most", "answered")


@dataclass(frozen=True)
class Condition:
    """One test of one answer or score, or several of them together."""

    test: str
    name: str = ""
    is_score: bool = False
    values: tuple[str, ...] = ()
    bound: Decimal = Decimal(0)
    parts: tuple["Condition", ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The answers it looks at."""
        own = {self.name} if self.name and not self.is_score else set()
        return frozenset(own.union(*(part.names for part in self.parts)))

    @property
    def as_data(self) -> dict[str, Any]:
        """The same condition as the browser reads it."""
        if self.parts:
            return {self.test: [part.as_data for part in self.parts]}
        if self.test == "is":
            return {"question": self.name, "is": list(self.values)}
        return {"question": self.name, self.test: True if self.test == "answered" else float(self.bound)}


def read_condition(
    value: Any,
    where: str,
    *,
    questions: Mapping[str, frozenset[str]],
    scores: frozenset[str] = frozenset(),
    depth: int = 1,
) -> Condition:
    """Read a condition; ``questions`` are the ones asked before it, each with the answers it may have."""
    if depth > DEEPEST:
        raise wrong(where, _("条件嵌套过深"))
    found = mapping(value, where, known=("question", "score", "all", "any", *TESTS))
    for word in ("all", "any"):
        if word in found:
            if len(found) > 1:
                raise wrong(where, _("%(word)s 不能与其他条件写在一起") % {"word": word})
            parts = rows(found[word], where, least=1, most=20)
            return Condition(
                word,
                parts=tuple(
                    read_condition(part, where, questions=questions, scores=scores, depth=depth + 1)
                    for part in parts
                ),
            )
    subjects = [key for key in ("question", "score") if key in found]
    tests = [key for key in TESTS if key in found]
    if len(subjects) != 1 or len(tests) != 1:
        raise wrong(where, _("条件须写明一个问题或分数与一种判断"))
    (subject,), (test,) = subjects, tests
    target = found[subject]
    if subject == "score":
        if target not in scores or test not in ("at_least", "at_most"):
            raise wrong(where, _("没有这个分数，或判断方式不适用：%(name)s") % {"name": target})
        return Condition(test, name=target, is_score=True, bound=number(found[test], where))
    if target not in questions:
        raise wrong(where, _("条件只能引用前面的问题，不能引用 %(name)s") % {"name": target})
    if test == "is":
        values = rows(found["is"], where, least=1, most=40)
        allowed = questions[target]
        if bad := [each for each in values if not isinstance(each, str) or (allowed and each not in allowed)]:
            raise wrong(where, _("问题 %(name)s 没有选项 %(values)s") % {"name": target, "values": bad})
        return Condition("is", name=target, values=tuple(values))
    if test == "answered":
        return Condition("answered", name=target)
    return Condition(test, name=target, bound=number(found[test], where))


def holds(condition: Condition | None, values: Values, scores: Scores | None = None) -> bool:
    """Whether it is so; what was not answered, or is hidden itself, is never so."""
    if condition is None:
        return True
    if condition.parts:
        results = (holds(part, values, scores) for part in condition.parts)
        return all(results) if condition.test == "all" else any(results)
    if condition.is_score:
        return _compare(condition, (scores or {}).get(condition.name))
    value = values.get(condition.name)
    if value is None or value in ("", []):
        return False
    given = value if isinstance(value, list) else [value]
    if condition.test == "answered":
        return True
    if condition.test == "is":
        return bool(set(given) & set(condition.values))
    try:
        return _compare(condition, Decimal(given[0]))
    except InvalidOperation:
        return False


def _compare(condition: Condition, value: Decimal | None) -> bool:
    if value is None:
        return False
    return value >= condition.bound if condition.test == "at_least" else value <= condition.bound
