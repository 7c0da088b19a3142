"""The satisfaction survey: its questions, its link and its answer."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import NotFound, RuleBroken

VALID_FOR = timedelta(days=14)
DIMENSIONS: Mapping[str, str | Promise] = {
    "service": gettext_lazy("接待与沟通"),
    "doctor": gettext_lazy("医生的说明"),
    "comfort": gettext_lazy("治疗过程的舒适"),
    "result": gettext_lazy("目前的效果"),
    "aftercare": gettext_lazy("术后关怀"),
}
COMMENT_LIMIT = 2000


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_open(*, expires_at: datetime, answered_at: datetime | None, now: datetime) -> None:
    if answered_at is not None:
        raise RuleBroken(_("这份问卷已经提交过了，谢谢您。"))
    if now >= expires_at:
        raise NotFound(_("这份问卷的链接已过期，如仍想反馈，请致电医院。"))


def check_answer(*, score: int, dimensions: Mapping[str, int], comment: str) -> None:
    if not 0 <= score <= 10:
        raise RuleBroken(_("请在 0 到 10 之间选一个分数。"))
    if set(dimensions) - set(DIMENSIONS) or any(not 1 <= value <= 5 for value in dimensions.values()):
        raise RuleBroken(_("分项请在 1 到 5 之间选择。"))
    if len(comment) > COMMENT_LIMIT:
        raise RuleBroken(_("评价请写在 %(limit)d 字以内。") % {"limit": COMMENT_LIMIT})
