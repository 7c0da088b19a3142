"""When two files may become one person's, which of them stands for her, and who must agree (并档)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.people.enums import Compared, Doubt, Likeness
from yimei.people.rules.identity import Identity
from yimei.people.rules.likeness import OFFERED, compare, probability

REASON_LIMIT = 200
REASON_LEAST = 4
FIRST = "《个人信息保护法》第八条：个人信息应当准确、完整"


@dataclass(frozen=True)
class File:
    """What the rules look at in one file."""

    id: int
    public_id: str
    label: str
    identity: Identity
    created_at: datetime
    is_registered: bool = False
    is_sealed: bool = False
    is_canary: bool = False
    is_vip: bool = False
    employee_id: int | None = None
    is_minor: bool = False
    has_history: bool = False
    is_absorbed: bool = False
    has_absorbed: bool = False
    guardians: Sequence[Identity] = field(default_factory=tuple)


def suggested(one: File, two: File) -> tuple[File, File]:
    """Return (kept, absorbed): what is filed, proved and older stands for the person."""

    def weight(file: File) -> tuple[bool, bool, bool, bool, bool, float]:
        return (
            file.has_absorbed,
            file.is_registered,
            file.employee_id is not None,
            bool(file.identity.id_no),
            file.has_history,
            -file.created_at.timestamp(),
        )

    return (one, two) if weight(one) >= weight(two) else (two, one)


def check_reason(text: str) -> str:
    words = " ".join(text.replace("\0", "").split())
    if not REASON_LEAST <= len(words) <= REASON_LIMIT:
        text = _("请写明理由，%(least)d 至 %(most)d 个字。")
        raise RuleBroken(text % {"least": REASON_LEAST, "most": REASON_LIMIT}, code="reason")
    return words


def check_merge(kept: File, absorbed: File, *, writer_id: int) -> None:
    """Refuse what is never one person, or not one file now; nobody joins her own."""
    if kept.id == absorbed.id:
        raise RuleBroken(_("不能把一份档案并入它自己。"), code="same")
    if kept.is_canary or absorbed.is_canary:
        raise RuleBroken(_("这份档案不能并档。"), code="canary")
    if writer_id in {kept.employee_id, absorbed.employee_id}:
        raise RuleBroken(_("不能办理本人档案的并档，请由同事办理。"), code="self")
    if kept.is_sealed or absorbed.is_sealed:
        raise RuleBroken(_("其中一份已封存、限制处理或删除，不能并档。"), code="sealed")
    if missing := [*_chains(kept, absorbed), *_never(kept, absorbed), *_first(kept, absorbed)]:
        raise RuleBroken(_("这两份档案现在不能并档。"), missing=missing, code="merge")


def doubts(kept: File, absorbed: File) -> tuple[Doubt, ...]:
    """Return what needs a second pair of eyes: contradictions, and histories on both sides."""
    found_alike = compare(kept.identity, absorbed.identity)
    level = {each.field: each.level for each in found_alike}
    unlike = {Likeness.NEAR, Likeness.OTHER}
    found = {
        Doubt.NAME: level[Compared.NAME] in unlike,
        Doubt.SEX: level[Compared.SEX] in unlike,
        Doubt.BIRTH: level[Compared.BIRTH] in unlike,
        Doubt.WEAK: probability(found_alike) < OFFERED,
        Doubt.HISTORIES: kept.has_history and absorbed.has_history,
    }
    return tuple(doubt for doubt, is_so in found.items() if is_so)


def _chains(kept: File, absorbed: File) -> list[Missing]:
    """A file is joined once, one step far."""
    found = []
    for file in (kept, absorbed):
        if file.is_absorbed:
            what = _("%(file)s 已并入另一份档案") % {"file": file.label}
            found.append(Missing(what, _("先撤销原来的并档，或在保留的档案上办理"), "desk:merges"))
    if absorbed.has_absorbed:
        what = _("%(file)s 已有别的档案并入") % {"file": absorbed.label}
        found.append(Missing(what, _("请把它作为保留的档案，或先撤销那次并档"), "desk:merges"))
    return found


def _never(kept: File, absorbed: File) -> list[Missing]:
    """Two numbers, two accounts, a guardian and her ward are two people."""
    found = []
    if kept.identity.id_no and absorbed.identity.id_no and kept.identity.id_no != absorbed.identity.id_no:
        found.append(Missing(_("两份档案的证件号不同"), _("证件号不同即不是同一人；登记有误的先更正")))
    if kept.employee_id and absorbed.employee_id:
        found.append(Missing(_("两份档案对应两名员工"), _("先核对员工本人的标记")))
    for one, two in ((kept, absorbed), (absorbed, kept)):
        if any(_is_guardian(who, two.identity) for who in one.guardians):
            found.append(Missing(_("一方是另一方的监护人"), _("监护人与被监护人不是同一人")))
    return found


def _first(kept: File, absorbed: File) -> list[Missing]:
    """What must hold of the file that stands for the person, so that nothing is weaker afterwards."""
    edit = f"desk:patient-edit:{kept.public_id}"
    found = []
    if absorbed.is_registered and not kept.is_registered:
        found.append(Missing(_("保留的档案还没有建档"), _("已建档的一份应当作为保留的档案")))
    if absorbed.employee_id and not kept.employee_id:
        found.append(Missing(_("员工本人的档案应当保留"), _("同事的病历只对照护团队开放，并档后不能变松")))
    if absorbed.is_vip and not kept.is_vip:
        found.append(Missing(_("保留的档案还不是贵宾"), _("并入的档案以代称显示，并档后不能变松"), edit))
    if absorbed.identity.birth_date and not kept.identity.birth_date:
        found.append(Missing(_("保留的档案没有出生日期"), FIRST, edit))
    both_known = kept.identity.birth_date and absorbed.identity.birth_date
    if both_known and kept.is_minor != absorbed.is_minor:
        found.append(Missing(_("一份登记为未成年人，另一份为成年人"), _("先核对证件，更正出生日期"), edit))
    return found


def _is_guardian(guardian: Identity, other: Identity) -> bool:
    if guardian.id_no and guardian.id_no == other.id_no:
        return True
    return bool(guardian.phone) and (guardian.name, guardian.phone) == (other.name, other.phone)
