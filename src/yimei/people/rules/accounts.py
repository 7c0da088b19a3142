"""What an account, a licence and an authorisation must look like."""

import re
from datetime import date

from django.utils.translation import gettext as _

from yimei.core import names
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Field, Grade
from yimei.people.enums import LicenceKind

USERNAME = re.compile(r"[\w.@-]{2,60}")
NAME_LIMIT = 60


def clean_username(text: str) -> str:
    name = text.strip().casefold()
    if not USERNAME.fullmatch(name):
        raise RuleBroken(_("用户名为 2 至 60 个字母、数字、汉字或 . @ - _。"), code="username")
    return name


def clean_name(text: str) -> str:
    name = names.normalise(text)
    if not name or len(name) > NAME_LIMIT:
        raise RuleBroken(_("请填写姓名，不超过 %(limit)d 个字。") % {"limit": NAME_LIMIT}, code="name")
    return name


def check_licence(
    *, kind: str, field: str, number: str, practising_since: date, valid_to: date | None, operates: bool
) -> None:
    """Whoever operates or answers for a treatment practises in a field of aesthetic medicine."""
    if operates and LicenceKind(kind) == LicenceKind.PHYSICIAN and field not in Field:
        raise RuleBroken(_("主刀与主诊医师的执业医师证须注明医疗美容专业。"), code="field")
    if not number.strip() or len(number) > 40:
        raise RuleBroken(_("请填写证号，不超过 40 个字符。"), code="number")
    if valid_to is not None and valid_to < practising_since:
        raise RuleBroken(_("有效期不能早于从业起始日。"), code="valid_to")


def check_privilege(*, max_grade: int, valid_from: date, valid_to: date) -> None:
    if max_grade not in Grade or max_grade == Grade.NONE:
        raise RuleBroken(_("请选择一至四级。"), code="max_grade")
    if valid_to < valid_from:
        raise RuleBroken(_("失效日期不能早于生效日期。"), code="valid_to")


def check_withdrawal(reason: str, *, is_ended: bool) -> None:
    """An authorisation is taken back once, with words that the next reader understands."""
    if is_ended:
        raise RuleBroken(_("这项授权已经撤销。"), code="reason")
    if not 4 <= len(reason.strip()) <= 80:
        raise RuleBroken(_("请写明撤销的原因（4 到 80 个字）。"), code="reason")
