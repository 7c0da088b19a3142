"""What a course and its quiz must hold, how it is marked, and when access lapses (P-8)."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import RuleBroken

SOON = timedelta(days=30)
ARTICLE = "《个人信息保护法》第五十一条第四项"
CURRENT, SOON_DUE, OVERDUE = "current", "soon", "overdue"


@dataclass(frozen=True)
class Question:
    """One question: exactly one option is right."""

    text: str
    options: tuple[str, ...]
    answer: int
    why: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: tuple[str, ...]


SCENARIOS = {
    "account": (
        gettext_lazy("账号停用"),
        "【系统通知】您的账号将于今日 18:00 停用，请立即点此验证身份，逾期不予恢复。",
        gettext_lazy("制造紧迫感；真正的停用由管理员当面通知，不会让您点链接验证"),
    ),
    "bonus": (
        gettext_lazy("补贴领取"),
        "【人事】本月岗位补贴已发放，请点此填写银行卡号领取，今日截止。",
        gettext_lazy("用好处引诱并索要银行卡；人事不会在站内消息里收银行卡号"),
    ),
    "leader": (
        gettext_lazy("冒充领导"),
        "院长在外开会，急需一份今年客户名单，请点此上传，先不要告诉别人。",
        gettext_lazy("冒充领导、要求保密、绕过审批；名单导出必须有用途并经批准"),
    ),
}
"""What the false message says, in the hospital's own language, and what gave it away."""


def read_quiz(content: str) -> list[Question]:
    """Read questions from lines: ``? question``, ``- option``, ``* right option``, ``! why``."""
    found: list[dict[str, object]] = []
    for line in content.splitlines():
        mark, words = line.strip()[:1], line.strip()[1:].strip()
        if not mark:
            continue
        if mark == "?":
            found.append({"text": words, "options": [], "answers": [], "why": ""})
        elif not found or mark not in "-*!":
            raise RuleBroken(_("测验看不懂：「%(line)s」") % {"line": line[:40]}, code="quiz")
        elif mark == "!":
            found[-1]["why"] = words
        else:
            options, answers = found[-1]["options"], found[-1]["answers"]
            assert isinstance(options, list)
            assert isinstance(answers, list)
            if mark == "*":
                answers.append(len(options))
            options.append(words)
    if len(found) < 3:
        raise RuleBroken(_("测验至少 3 题。"), code="quiz")
    questions = []
    for number, one in enumerate(found, 1):
        options, answers = one["options"], one["answers"]
        assert isinstance(options, list)
        assert isinstance(answers, list)
        if len(options) < 2 or len(answers) != 1 or not one["text"]:
            raise RuleBroken(
                _("第 %(n)d 题须有题目、两个以上选项和恰好一个正确答案。") % {"n": number}, code="quiz"
            )
        questions.append(Question(str(one["text"]), tuple(options), answers[0], str(one["why"])))
    return questions


def read_body(text: str) -> list[Section]:
    """Split a course at lines that begin with ``##``."""
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("##"):
            sections.append((line.lstrip("# ").strip(), []))
        elif line.strip():
            if not sections:
                sections.append(("", []))
            sections[-1][1].append(line.strip())
    if not any(paragraphs for _title, paragraphs in sections):
        raise RuleBroken(_("课程正文不能为空。"), code="body")
    return [Section(title, tuple(paragraphs)) for title, paragraphs in sections]


def shuffled(questions: Sequence[Question], seed: str) -> list[tuple[int, list[int]]]:
    """The order in which one person meets questions and options; the same seed gives the same order."""
    chance = random.Random(seed)
    order = list(range(len(questions)))
    chance.shuffle(order)
    return [(n, chance.sample(range(len(questions[n].options)), len(questions[n].options))) for n in order]


def mark(questions: Sequence[Question], answers: Mapping[int, int]) -> int:
    """The score of a hundred; an unanswered or invented answer is wrong."""
    right = sum(answers.get(n) == question.answer for n, question in enumerate(questions))
    return right * 100 // len(questions)


def standing(valid_to: date | None, on: date) -> str:
    if valid_to is None or valid_to < on:
        return OVERDUE
    return SOON_DUE if valid_to <= on + SOON else CURRENT


def is_blocked(states: Iterable[str], *, gate_since: date | None, grace_days: int, on: date) -> bool:
    """Whether level 4 and above is closed: the gate is on, its grace is over, something is overdue."""
    if gate_since is None or on < gate_since + timedelta(days=grace_days):
        return False
    return OVERDUE in set(states)
