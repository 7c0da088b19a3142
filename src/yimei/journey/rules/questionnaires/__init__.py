"""Questionnaires as data: what may be asked, who sees which question, what an answer is, what it comes to."""

from yimei.journey.rules.questionnaires.answers import Reading, as_said, fill, hint, read
from yimei.journey.rules.questionnaires.conditions import Condition, holds
from yimei.journey.rules.questionnaires.definitions import (
    AlertRule,
    Definition,
    Licence,
    Option,
    Question,
    ReferralRule,
    Section,
    check_purposes,
)
from yimei.journey.rules.questionnaires.reading import read_definition
from yimei.journey.rules.questionnaires.scores import Band, Score, Scored, score_all
from yimei.journey.rules.questionnaires.words import Words

__all__ = [
    "AlertRule",
    "Band",
    "Condition",
    "Definition",
    "Licence",
    "Option",
    "Question",
    "Reading",
    "ReferralRule",
    "Score",
    "Scored",
    "Section",
    "Words",
    "as_said",
    "check_purposes",
    "fill",
    "hint",
    "holds",
    "read",
    "read_definition",
    "score_all",
]
