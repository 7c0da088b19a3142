"""What the answers come to: sums or means of points, a licensed table of conversion, and bands with words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from yimei.journey.rules.questionnaires.conditions import Values
from yimei.journey.rules.questionnaires.words import Words, mapping, name, number, rows, words, wrong

if TYPE_CHECKING:
    from yimei.journey.rules.questionnaires.definitions import Definition

TONES = ("good", "info", "warn", "danger", "plain")


@dataclass(frozen=True)
class Band:
    """A stretch of a score with its name; the last has no upper end."""

    label: Words
    tone: str
    upto: Decimal | None = None


@dataclass(frozen=True)
class Score:
    """How some answers become one number."""

    code: str
    label: Words
    items: tuple[str, ...]
    method: str = "sum"
    bands: tuple[Band, ...] = ()
    table: Mapping[Decimal, Decimal] = field(default_factory=dict)
    """From the raw number to the published one, as a licensed scale brings it."""

    def band(self, value: Decimal) -> Band | None:
        return next((band for band in self.bands if band.upto is None or value <= band.upto), None)


@dataclass(frozen=True)
class Scored:
    """A score of one set of answers; without a value when its questions were not asked."""

    score: Score
    value: Decimal | None

    @property
    def band(self) -> Band | None:
        return None if self.value is None else self.score.band(self.value)


def read_scores(
    value: Any, *, questions: Mapping[str, frozenset[str]], pointed: frozenset[str]
) -> tuple[Score, ...]:
    """Read the scores of a definition; ``pointed`` are the questions whose answers count."""
    found: list[Score] = []
    for index, row in enumerate(rows(value, "scores", most=20)):
        where = f"scores[{index}]"
        row = mapping(row, where, known=("id", "label", "items", "method", "bands", "table"))
        code = name(row.get("id"), where)
        items = rows(row.get("items"), where, least=1, most=120)
        if unknown := [item for item in items if item not in questions]:
            raise wrong(where, _("没有这些问题：%(names)s") % {"names": unknown})
        if pointless := [item for item in items if item not in pointed]:
            raise wrong(where, _("这些问题的答案没有分值：%(names)s") % {"names": pointless})
        method = row.get("method", "sum")
        if method not in ("sum", "mean"):
            raise wrong(where, _("计分方式只有 sum 与 mean"))
        if code in {score.code for score in found}:
            raise wrong(where, _("编号重复：%(name)s") % {"name": code})
        found.append(
            Score(
                code,
                words(row.get("label"), where),
                tuple(items),
                method,
                _bands(row.get("bands", []), where),
                _table(row.get("table", {}), where),
            )
        )
    return tuple(found)


def _bands(value: Any, where: str) -> tuple[Band, ...]:
    found: list[Band] = []
    given = rows(value, where, most=12)
    for index, row in enumerate(given):
        row = mapping(row, where, known=("upto", "label", "tone"))
        is_last = index == len(given) - 1
        if is_last == ("upto" in row):
            raise wrong(where, _("除最后一档外，每一档都要写上限 upto"))
        upto = None if is_last else number(row["upto"], where)
        if found and upto is not None and found[-1].upto is not None and upto <= found[-1].upto:
            raise wrong(where, _("分档的上限须从小到大"))
        if row.get("tone", "plain") not in TONES:
            raise wrong(where, _("不认识的语气 %(tone)s") % {"tone": row.get("tone")})
        found.append(Band(words(row.get("label"), where), row.get("tone", "plain"), upto))
    return tuple(found)


def _table(value: Any, where: str) -> dict[Decimal, Decimal]:
    if not isinstance(value, dict) or len(value) > 500:
        raise wrong(where, _("换算表应是一个对象"))
    return {number(raw, where): number(result, where) for raw, result in value.items()}


def score_all(definition: "Definition", values: Values) -> Sequence[Scored]:
    """Return every score of a set of answers; a question that was not asked adds nothing."""
    return [Scored(score, _value(definition, score, values)) for score in definition.scores]


def _value(definition: "Definition", score: Score, values: Values) -> Decimal | None:
    known = {question.code: question for question in definition.questions}
    points = [known[item].points_of(values[item]) for item in score.items if item in known and item in values]
    counted = [point for point in points if point is not None]
    if not counted:
        return None
    raw = sum(counted, Decimal(0))
    if score.method == "mean":
        raw = (raw / len(counted)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if not score.table:
        return raw
    return score.table.get(raw)
