"""Powers that one role never holds together (GB/T 22239-2019 8.1.4.2, 8.1.5)."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.people.roles import Permission

APART = (
    (Permission.STAFF_WRITE, Permission.CLINICAL_VIEW),
    (Permission.STAFF_WRITE, Permission.CLINICAL_WRITE),
    (Permission.STAFF_WRITE, Permission.PATIENT_VIEW),
    (Permission.STAFF_WRITE, Permission.AUDIT_VIEW),
    (Permission.STAFF_WRITE, Permission.MONEY_WRITE),
)


def held_together(permissions: Collection[Permission]) -> list[Missing]:
    """Name each pair that these permissions hold and must not."""
    rule = _("三权分立：管理账号的人不看客户、不收款，也不看审计日志（GB/T 22239-2019 8.1.4.2）")
    return [
        Missing(
            _("「%(one)s」与「%(other)s」不能在同一个角色里") % {"one": one.label, "other": other.label}, rule
        )
        for one, other in APART
        if one in permissions and other in permissions
    ]
