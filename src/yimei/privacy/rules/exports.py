"""When a list may leave, how many must agree, and how long its file lives."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken

REASON_MIN = 10
LEAVE = "desk:export-leave"
CRIMINAL = "《最高人民法院、最高人民检察院关于办理侵犯公民个人信息刑事案件适用法律若干问题的解释》第五条"


@dataclass(frozen=True)
class Numbers:
    """The limits in force; each is a row of the register with its source."""

    purpose_from: int
    """More persons than this need a written purpose."""
    approval_from: int
    """This many persons in a day need two other people's word beforehand."""
    one_approval_from: int
    rows_most: int
    hours: int
    downloads: int


def approvals_needed(*, subjects: int, seen_today: int, numbers: Numbers) -> int:
    """How many others must agree: none for a short list, one for a long one, two at the law's number."""
    if subjects + seen_today >= numbers.approval_from:
        return 2
    return 1 if subjects > numbers.one_approval_from else 0


def check_reason(reason: str, *, subjects: int, numbers: Numbers) -> str:
    """More than fifty persons need a purpose in words."""
    words = " ".join(reason.replace("\0", "").split())[:500]
    if subjects > numbers.purpose_from and len(words) < REASON_MIN:
        text = _("涉及 %(count)d 人，超过 %(most)d 人须写明用途，至少 %(least)d 个字。")
        raise RuleBroken(
            text % {"count": subjects, "most": numbers.purpose_from, "least": REASON_MIN}, code="reason"
        )
    return words


def check_destination(*, is_abroad: bool, has_party_abroad: bool = False) -> None:
    """Nothing leaves the country but to a listed party there: one person's sensitive data already need a
    gate (X-5, X-8), which is ``actions.transfers.allow``.
    """
    if is_abroad and not has_party_abroad:
        raise RuleBroken(
            _(
                "不能导出至境外：向境外提供个人信息须先有标准合同、认证或安全评估，并取得单独同意"
                "（个人信息保护法第三十八条、第三十九条）。请先登记境外接收方与出境活动，再选它为接收方。"
            ),
            code="is_abroad",
        )


def check_rows(rows: int, *, numbers: Numbers) -> None:
    if rows == 0:
        raise RuleBroken(_("没有符合条件的记录，不需要导出。"))
    if rows > numbers.rows_most:
        text = _("共 %(rows)d 行，一次最多导出 %(most)d 行，请缩小范围。")
        raise RuleBroken(text % {"rows": rows, "most": numbers.rows_most})


def check_breadth(*, seen: int, numbers: Numbers, has_leave: bool) -> None:
    """Refuse the 250th person of a day to whoever has seen 249 and has no leave for more."""
    if seen + 1 < numbers.approval_from or has_leave:
        return
    text = _(
        "您在 24 小时内已查看 %(seen)d 位客户，再看一位就达到 %(most)d 人的界限，须先由两人批准，"
        "请申请超量查看。"
    )
    leave = Missing(
        _("超量查看的批准"), why=_("%(law)s，履职提供服务者减半") % {"law": CRIMINAL}, where=LEAVE
    )
    raise RuleBroken(text % {"seen": seen, "most": numbers.approval_from}, missing=[leave], code="breadth")
