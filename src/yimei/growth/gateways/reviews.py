"""Reviews of a platform in a file: CSV or .xlsx as the platform's back office writes it."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.gateways import sheets

COLUMNS = {
    "ref": {"评价编号", "评价id", "点评id", "编号", "id", "review_id"},
    "on": {"日期", "评价日期", "评价时间", "时间", "发布时间", "date"},
    "name": {"昵称", "用户", "用户名", "用户昵称", "作者", "author", "nickname"},
    "stars": {"评分", "星级", "打分", "总分", "stars", "rating"},
    "words": {"内容", "评价", "评价内容", "点评内容", "文字", "content", "text"},
}
DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})")
STARS = re.compile(r"(\d(?:\.\d)?)")


@dataclass(frozen=True)
class Review:
    """One line of the file."""

    words: str
    on: date
    ref: str = ""
    name: str = ""
    stars: int | None = None


def read(content: bytes) -> list[tuple[int, Review]]:
    """Return the reviews with their line numbers; a line that cannot be read stays out with its number.

    Lines are read one by one by the caller's rules: here only the shape is settled.
    """
    lines = sheets.read(content, columns=COLUMNS, needed=("words", "on"), names=_("「内容」与「日期」"))
    return [(number, _review(line)) for number, line in lines]


def _review(line: dict[str, str]) -> Review:
    return Review(
        words=line.get("words", ""),
        on=_day(line.get("on", "")),
        ref=line.get("ref", "")[:100],
        name=line.get("name", ""),
        stars=_stars(line.get("stars", "")),
    )


def _day(text: str) -> date:
    """A day nobody can read is the far future, which the action refuses by its own sentence."""
    found = DAY.search(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else date.max
    except ValueError:
        return date.max


def _stars(text: str) -> int | None:
    """Five steps, whether the platform counts to five or, like some, to fifty."""
    plain = text.strip()
    if plain.isdigit() and 10 <= int(plain) <= 50:
        return round(int(plain) / 10)
    found = STARS.search(plain)
    return min(max(round(float(found[1])), 1), 5) if found else None


def check_day(on: date, *, today: date) -> None:
    if on == date.max:
        raise RuleBroken(_("日期看不懂，请按 2026-05-06 填写。"), code="on")
    if on > today:
        raise RuleBroken(_("日期在今天之后。"), code="on")
