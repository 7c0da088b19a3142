"""Segments and recommendations as a program that judges people: what it says of one, and how she ends it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import local_date
from yimei.growth.models import Profile
from yimei.growth.rules.segment_fields import FIELDS
from yimei.people.models import Patient, Staff
from yimei.privacy import registry
from yimei.privacy.actions import consents
from yimei.privacy.enums import ChipState
from yimei.privacy.queries import chip, current_notice
from yimei.privacy.queries.register import audience_of
from yimei.privacy.registry import Judged

CODE, PURPOSE = "growth.profile", "automated"


def judged(keys: Collection[UUID]) -> list[Judged]:
    """Her layer among the customers, where she has agreed to it; that she refused, where she did."""
    rows = Profile.objects.filter(patient__person__vault_key__public_id__in=keys)
    layers = dict(FIELDS["rfm"].choices)
    found = []
    for one in rows.order_by("pk"):
        if one.refuses_profiling:
            found.append(Judged(_("按本人要求不作个性化推荐"), is_by_people=True))
        elif one.agrees_profiling or one.rfm != "none":
            reasons = (_("成交 %(n)d 次") % {"n": one.paid_times}, _("到诊 %(n)d 次") % {"n": one.visits})
            said = _("消费分层「%(layer)s」") % {"layer": layers.get(one.rfm, one.rfm)}
            found.append(Judged(said, reasons))
    return found


def stop(keys: Collection[UUID], by: Staff | None, now: datetime) -> int:
    """Write down her no to recommendations, as she could on her page of consents.

    Of a minor nothing is recommended and nothing is asked (the minors' notice does not tell it).
    """
    people = Patient.objects.with_person().filter(person__vault_key__public_id__in=keys, sealed_at=None)
    return sum(_refused(one, by=by, now=now) for one in people.filter(merged_into=None).order_by("pk"))


def _refused(patient: Patient, *, by: Staff | None, now: datetime) -> bool:
    standing = chip(patient, PURPOSE, now)
    if standing is None or standing.state in {ChipState.REFUSED, ChipState.WITHDRAWN}:
        return False
    if standing.is_standing:
        consents.withdraw(patient, PURPOSE, now=now, by=by)
    elif current_notice(PURPOSE, audience_of(patient, local_date(now))):
        consents.refuse(patient, PURPOSE, now=now, by=by)
    Profile.objects.filter(patient__in=Patient.objects.files_of(patient)).update(
        agrees_profiling=False, refuses_profiling=True, rfm="none"
    )
    return True


registry.program(
    registry.Program(
        code=CODE,
        title=gettext_lazy("客户分层与个性化推荐"),
        holding="growth.profile",
        reads=gettext_lazy("付款、到诊与咨询的次数和日期"),
        effect=gettext_lazy("决定向您推荐什么内容；价格对所有人相同"),
        judged=judged,
        stop=stop,
    )
)
