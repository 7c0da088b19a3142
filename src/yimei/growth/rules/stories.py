"""Customers' stories: what may be agreed to, who checks, where they may stand, how they come down.

A story of a patient is never advertising here: her name or image may prove nothing to the public
(医疗广告管理办法 第七条第六项, 广告法 第十六条), and her consent does not change that.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.growth.enums.stories import Checker, PublicPlace, StoryPlace, StoryStatus, StoryUse
from yimei.growth.rules import claims
from yimei.privacy.rules import pii

S = StoryStatus
MOVES: Mapping[StoryStatus, frozenset[StoryStatus]] = {
    S.DRAFT: frozenset({S.AGREED, S.ENDED}),
    S.AGREED: frozenset({S.DRAFT, S.CLEARED, S.ENDED}),
    S.CLEARED: frozenset({S.ENDED}),
}
TITLE_LENGTH, WORDS_LENGTH, LEAST_WORDS, WHERE_LENGTH, NOTE_LENGTH = 40, 1500, 20, 60, 300
MOST_PICTURES = 6
ADULT = gettext_lazy(
    "《个人信息保护法》第三十一条；《广告法》第四十条；院方默认：未成年人的故事与照片一律不用"
)
PRIVATE = "《民法典》第一千零三十三条、第一千二百二十六条"


@dataclass(frozen=True)
class Spot:
    """One kind of place: which allowed use it needs, whether this program shows it by itself."""

    use: StoryUse
    is_inside: bool
    takes_pictures: bool = True


SPOTS: Mapping[StoryPlace, Spot] = {
    StoryPlace.ALBUM: Spot(StoryUse.TALK, is_inside=True),
    StoryPlace.PRINT: Spot(StoryUse.TALK, is_inside=False),
    StoryPlace.LESSON: Spot(StoryUse.TRAINING, is_inside=True),
    StoryPlace.SLIDES: Spot(StoryUse.TRAINING, is_inside=False),
    StoryPlace.SCREEN: Spot(StoryUse.HOUSE, is_inside=False, takes_pictures=False),
}
PROOF = "《医疗广告管理办法》第七条第六项"
ADS = gettext_lazy("《广告法》第十六条：医疗广告不得利用他人作推荐、证明")
CASES = gettext_lazy("《医疗广告认定指南》（2025）：以案例推广即为广告")
COMPARED = gettext_lazy("《医疗美容广告执法指南》（2021，未核实）：不得使用患者前后对比或见证")
REFUSED: Mapping[PublicPlace, Sequence[str | Promise]] = {
    PublicPlace.WEBSITE: (PROOF, ADS, CASES),
    PublicPlace.SOCIAL: (PROOF, ADS, COMPARED),
    PublicPlace.LIVE: (
        PROOF, ADS, gettext_lazy("《医疗广告管理办法》：不得以访谈、专题形式发布（条号未核实）"),
    ),
    PublicPlace.PLATFORM: (PROOF, CASES, COMPARED),
    PublicPlace.OUTDOOR: (PROOF, ADS),
    PublicPlace.PRESS: (PROOF, ADS, gettext_lazy("《广告法》第十四条：不得以新闻报道形式变相发布")),
}  # fmt: skip
"""Why the public may not be shown a patient's story; no consent opens it."""


@dataclass(frozen=True)
class Scope:
    """What she allows with one version."""

    uses: frozenset[StoryUse]
    has_pictures: bool
    has_face: bool
    until: date


@dataclass(frozen=True)
class Shot:
    """What the rules ask of one picture."""

    sha256: str
    has_face: bool
    is_intimate: bool


@dataclass(frozen=True)
class Mask:
    """A band of a picture that is blackened before it is kept, in per cent of its height from the top."""

    top: int
    bottom: int


@dataclass(frozen=True)
class Item:
    """One question of a checklist."""

    code: str
    text: str
    article: str
    mark: str


@cache
def checklist(checker: Checker) -> tuple[Item, ...]:
    """What a checker answers; it ships with the program, each with its article and how far it is verified."""
    path = resources.files("yimei.growth") / "data" / "stories.json"
    return tuple(Item(**row) for row in json.loads(path.read_text(encoding="utf-8"))[checker.value])


def check_move(old: StoryStatus, new: StoryStatus) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("这个故事现在是「%(old)s」，不能变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="status")


def check_person(*, is_adult: bool) -> None:
    """A story is an adult's own to give; nobody gives it for her."""
    if not is_adult:
        missing = [Missing(_("本人年满 18 周岁，并能自己决定"), str(ADULT))]
        raise RuleBroken(
            _("未成年人与不能自己决定的人，故事和照片都不能使用："), missing=missing, code="adult"
        )


def clean(text: str, *, most: int, least: int = 1, code: str) -> str:
    words = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not least <= len(words) <= most:
        text = _("请写 %(least)d 到 %(most)d 字。")
        raise RuleBroken(text % {"least": least, "most": most}, code=code)
    return words


def word_faults(text: str, uses: Collection[StoryUse], *, names: Iterable[str] = ()) -> list[Missing]:
    """What must leave the words before anybody else reads them; plain cases only, people look at the rest."""
    found: list[Missing] = []
    if pii.find(text):
        found.append(Missing(_("含有姓名、电话、日期一类能认出个人的内容"), PRIVATE))
    if set(uses) & {StoryUse.TALK, StoryUse.HOUSE}:
        found += claims.faults(text)
        if hit := next((name for name in names if len(name) > 1 and name in text), None):
            what = _("出现「%(name)s」：给客户看的内容不写医生姓名")
            found.append(
                Missing(what % {"name": hit}, _("《医疗广告管理办法》第七条第六项：卫生技术人员的名义"))
            )
    if StoryUse.HOUSE in uses and claims.is_medical(text):
        what = _("院内屏幕只写服务上的改进（等候、接待、环境），不写治疗")
        found.append(Missing(what, _("《医疗广告认定指南》（2025）")))
    return found


def check_scope(scope: Scope, shots: Sequence[Shot], *, today: date, most_days: int) -> None:
    """Refuse an agreement that says too little, or more than the pictures allow."""
    if not scope.uses:
        raise RuleBroken(_("请至少选一种用途。"), code="uses")
    if not today < scope.until <= today + timedelta(days=most_days):
        text = _("期限从明天起，最长 %(n)d 天；到期自动停止使用，可以重新同意。")
        raise RuleBroken(text % {"n": most_days}, code="until")
    if shots and not scope.has_pictures:
        raise RuleBroken(_("有照片而没有同意使用照片：请同意，或先移除照片。"), code="has_pictures")
    if not scope.has_face and any(shot.has_face for shot in shots):
        raise RuleBroken(_("有的照片认得出脸，而没有同意露脸：请遮住、移除，或同意露脸。"), code="has_face")
    if any(shot.is_intimate for shot in shots) and scope.uses != {StoryUse.TRAINING}:
        missing = [Missing(_("私密部位的照片只用于院内培训"), PRIVATE)]
        raise RuleBroken(_("私密部位的照片不能给其他客户看："), missing=missing, code="uses")


def digest(title: str, words: str, shots: Sequence[Shot], scope: Scope, salt: str) -> str:
    """The fingerprint of exactly what she agreed to; a change of one letter is another version."""
    written = {
        "title": title, "words": words, "shots": [shot.sha256 for shot in shots], "salt": salt,
        "uses": sorted(scope.uses), "pictures": scope.has_pictures, "face": scope.has_face,
        "until": scope.until.isoformat(),
    }  # fmt: skip
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_answers(checker: Checker, yes: Collection[str], *, passes: bool, note: str) -> None:
    """A pass says yes to every question; a return says in words what is wrong."""
    if not passes:
        if len(note) < 4:
            raise RuleBroken(_("请写明哪里要改，写的人会看到。"), code="note")
        return
    open_ones = [item for item in checklist(checker) if item.code not in yes]
    if open_ones:
        missing = [Missing(item.text, item.article) for item in open_ones]
        raise RuleBroken(_("还有没有确认的项，不能通过："), missing=missing, code="answers")


def check_reviewer(*, reviewer: int, hands: Collection[int | None]) -> None:
    """Nobody checks what she wrote, and one person does not check twice."""
    if reviewer in hands:
        raise RuleBroken(_("写的人、医学审核、广告法审核须是三个不同的人。"), code="checker")


def spot(kind: str) -> Spot:
    """Return what a place asks for; a place of the public is refused with the articles that forbid it."""
    if kind in PublicPlace:
        place = PublicPlace(kind)
        missing = [
            Missing(_("「%(place)s」不能放患者的故事") % {"place": place.label}, str(law))
            for law in REFUSED[place]
        ]
        text = _("法律禁止用患者的名义、形象为医疗作证明，本人同意也不行：")
        raise RuleBroken(text, missing=missing, code="kind")
    if kind not in StoryPlace:
        raise RuleBroken(_("请选择放在哪里。"), code="kind")
    return SPOTS[StoryPlace(kind)]


def check_spot(place: Spot, scope: Scope) -> None:
    if place.use not in scope.uses:
        text = _("本人没有同意「%(use)s」这种用途。")
        missing = [Missing(_("本人对这种用途的同意"), _("《个人信息保护法》第十四条、第二十五条"))]
        raise RuleBroken(text % {"use": place.use.label}, missing=missing, code="kind")
