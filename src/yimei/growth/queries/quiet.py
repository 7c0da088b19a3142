"""When a customer is left alone for reasons of growth's own: money on its way back, a dispute that runs."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.billing.enums import PaymentKind
from yimei.billing.models import Payment
from yimei.outbox import registry
from yimei.privacy.models import LegalHold

AFTER_REFUND = timedelta(days=30)
"""No advertisement so soon after a refund (院方默认)."""


@registry.quiet_reason
def in_dispute(patients: Collection[int], now: datetime) -> dict[int, str]:
    """Say why no marketing goes to these customers now: a complaint, a dispute, a refund."""
    back = Payment.objects.filter(
        order__patient__in=patients, kind=PaymentKind.REFUND, at__gt=now - AFTER_REFUND
    )
    found = dict.fromkeys(back.values_list("order__patient", flat=True), _("退款后 30 天内"))
    held = LegalHold.objects.filter(patient__in=patients, released_at=None)
    return found | dict.fromkeys(held.values_list("patient", flat=True), _("投诉或争议处理中"))
