"""What each law's profile does to each kind of column."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from yimei.privacy.rules.deidentify import values
from yimei.privacy.rules.deidentify.columns import Column, ColumnClass
from yimei.privacy.rules.deidentify.values import Step


class Action(StrEnum):
    DROP = "drop"
    PSEUDONYM = "pseudonym"
    GENERALISE = "generalise"
    MASK = "mask"
    KEEP = "keep"


@dataclass(frozen=True)
class Profile:
    """One law: which identifiers may live on as pseudonyms, how fine dates and places may stay, free text."""

    code: str
    source: str
    keeps_pseudonym: bool
    dates_by_year: bool
    below_province: bool
    keeps_text: bool


PROFILES = {
    "pipl": Profile("pipl", "《个人信息保护法》第73条、GB/T 39725", True, False, True, True),
    "gdpr": Profile("gdpr", "GDPR Art. 4(5), Recital 26", True, False, True, True),
    "hipaa": Profile("hipaa", "45 CFR 164.514(b)(2) Safe Harbor", False, True, False, False),
}

PLACES = ("address", "district", "city", "province")
ALWAYS_DROPPED = frozenset({"employer"})


def decide(column: Column, columns: Sequence[Column], profile: Profile) -> tuple[Action, str]:
    """Return what is done with a column, and why."""
    match column.kind_class:
        case ColumnClass.DIRECT:
            if column.kind == "record_no" and profile.keeps_pseudonym:
                return Action.PSEUDONYM, str(_("带密钥的假名；密钥不在输出里"))
            return Action.DROP, str(_("直接标识符"))
        case ColumnClass.FREE_TEXT:
            if profile.keeps_text:
                return Action.MASK, str(_("自由文本：遮盖其中的个人信息"))
            return Action.DROP, str(_("自由文本：安全港不允许保留"))
        case ColumnClass.QUASI:
            return _decide_quasi(column, columns, profile)
        case _:
            return Action.KEEP, ""


def _decide_quasi(column: Column, columns: Sequence[Column], profile: Profile) -> tuple[Action, str]:
    kinds = {each.kind for each in columns if each.kind_class == ColumnClass.QUASI}
    if column.kind in ALWAYS_DROPPED:
        return Action.DROP, str(_("单位名称过于具体"))
    if column.kind == "birth" and "age" in kinds:
        return Action.DROP, str(_("已有年龄，不再需要出生日期"))
    if column.kind in PLACES:
        finer = PLACES[: PLACES.index(column.kind)]
        coarser = PLACES[PLACES.index(column.kind) + 1 :]
        if column.kind in {"address", "district"} and kinds & set(coarser):
            return Action.DROP, str(_("已有更粗的地区列"))
        if column.kind == "district" and "address" not in finer:
            return Action.DROP, str(_("区县过细"))
    return Action.GENERALISE, ""


def steps_for(kind: str, cells: Sequence[str], profile: Profile, k: int, today: date) -> list[Step]:
    """Return the generalisations of a quasi-identifier, from the finest the profile allows to anything."""
    match kind:
        case "age":
            return values.age_steps()
        case "birth":
            return values.birth_steps(today)
        case "date":
            return values.date_steps(year_only=profile.dates_by_year)
        case "address" | "district" | "city" | "province":
            return values.geography_steps(
                below_province=profile.below_province or _is_foreign_state(kind, cells)
            )
        case "postcode":
            return values.postcode_steps(strict=not profile.below_province)
        case "sex":
            return values.sex_steps()
        case _:
            return values.category_steps(kind, cells, k)


def _is_foreign_state(kind: str, cells: Sequence[str]) -> bool:
    """A state of another country is as coarse as a province."""
    return kind == "province" and not any(values.place_of(cell.strip())[0] for cell in cells[:200])
