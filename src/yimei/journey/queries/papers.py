"""Printed pages about a case: the order of its tests (申请单), its options beside each other."""

from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.clock import age_on, local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.journey.models import Case
from yimei.journey.queries import assessments, plans
from yimei.people.enums import Sex
from yimei.people.models import Staff


def test_request(case: Case, *, by: Staff, now: datetime) -> bytes:
    """Return the order as a page: who, for what, which tests still lack a result or have run out."""
    today = local_date(now)
    lines = assessments.open_tests(case, today)
    if not lines:
        raise RuleBroken(_("没有待做的检查，不需要申请单。"))
    person = case.patient.person
    age = str(age_on(person.birth_date, today)) if person.birth_date else "—"
    with in_house():
        rows = [
            [str(number), line.test.name, line.test.code, " ".join([line.range, line.test.unit]).strip()]
            for number, line in enumerate(lines, start=1)
        ]
        return render_pdf(
            "letter.typ",
            {
                "date": now,
                "hospital": case.campus.name,
                "facts": [
                    [_("姓名"), person.name],
                    [_("性别"), str(Sex(person.sex).label)],
                    [_("年龄"), age],
                    [_("档案号"), case.patient.file_no or "—"],
                    [_("项目"), case.procedure.name],
                ],
                "sections": [],
                "table": {"head": [_("序号"), _("检查"), _("代码"), _("参考范围")], "rows": rows},
                "closing": _("开单 %(who)s　%(day)s") % {"who": by.name, "day": f"{today:%Y-%m-%d}"},
                "foot": _("请检验人员核对姓名与档案号；报告上须同时印有两者，否则结果不能入库。"),
            },
            title=_("检查申请单"),
        )


def options(case: Case, *, by: Staff, now: datetime) -> bytes:
    """Return the options as one page, item by item, doing nothing included."""
    standing = plans.options(case)
    if not standing:
        raise RuleBroken(_("还没有定稿的方案。"))
    with in_house():
        head = [_("内容"), *(_("选项 %(letter)s") % {"letter": plan.option} for plan in standing)]
        rows = [
            [label, *(cell or "—" for cell in cells)] for label, cells, _same in plans.side_by_side(standing)
        ]
        return render_pdf(
            "letter.typ",
            {
                "date": now,
                "hospital": case.campus.name,
                "facts": [[_("姓名"), case.patient.person.name], [_("档案号"), case.patient.file_no or "—"]],
                "opening": _(
                    "下面是为您准备的方案，请带回去比较；不做手术也是一种选择。价格与内容以您签字的版本为准。"
                ),
                "sections": [],
                "table": {"head": head, "rows": rows},
                "closing": _("%(who)s　%(day)s") % {"who": by.name, "day": f"{local_date(now):%Y-%m-%d}"},
                "foot": _("本页供比较，不是同意书。"),
            },
            title=_("方案比较"),
        )
