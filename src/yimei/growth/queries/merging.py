"""What growth knows of two files that may become one person's (并档)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.growth.models import Member
from yimei.people import registry
from yimei.people.models import Patient


@registry.merge_obstacle
def account_left_behind(kept: Patient, absorbed: Patient, now: datetime) -> Iterator[Missing]:
    """Points are earned in the file that stands for the person; an account is never moved from its file."""
    standing = set(
        Member.objects.standing().filter(patient__in=(kept, absorbed)).values_list("patient", flat=True)
    )
    if standing == {absorbed.pk}:
        yield Missing(
            _("并入的档案有会员账户，保留的档案没有"),
            _("请保留有会员账户的一份，或先在保留的档案上办理入会；两边的积分各自留存，都可以使用"),
            f"desk:patient-member:{kept.public_id}",
        )
