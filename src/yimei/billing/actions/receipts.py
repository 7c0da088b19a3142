"""Print what an order cost, what was paid and what went back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing.access import open_order
from yimei.billing.models import Order
from yimei.billing.queries import balance, moved_on
from yimei.billing.rules.receipts import capital
from yimei.core.clock import SHANGHAI
from yimei.core.documents import render_pdf
from yimei.core.language import in_house
from yimei.core.money import format_yuan
from yimei.people.models import Staff


@transaction.atomic
def pdf(order_public_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Return the receipt of an order as it stands now; who printed it is on the log."""
    order = open_order(order_public_id, by=by)
    with in_house():
        page = render_pdf("receipt.typ", _content(order, by=by, now=now), title=_("收费收据"))
    log.record("billing.receipt.print", target=order, subject=order.patient.person.vault_key, by=by, at=now)
    return page


def _content(order: Order, *, by: Staff, now: datetime) -> dict[str, Any]:
    standing = balance(order)
    lines = list(order.quote.lines.select_related("procedure")) if order.quote else []
    is_deposit = order.is_booking_deposit
    cuts = order.quote.standing_cuts if order.quote else []
    return {
        "date": now,
        "day": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "hospital": order.campus.name,
        "number": str(order.public_id),
        "facts": [
            (_("姓名"), order.patient.person.name),
            (_("档案号"), order.patient.file_no or _("未建档")),
            (_("开单时间"), f"{order.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"),
            (_("订单状态"), order.get_status_display()),
        ],
        "lines": {
            "head": [_("项目"), _("单价"), _("数量"), _("小计")],
            "rows": [
                [line.procedure.name, format_yuan(line.price), str(line.quantity), format_yuan(line.total)]
                for line in lines
            ]
            + (
                [[_("预约定金"), format_yuan(order.amount), "1", format_yuan(order.amount)]]
                if is_deposit
                else []
            )
            + [
                [f"{cut.get_kind_display()}（{cut.label}）", "", "", format_yuan(-cut.amount)] for cut in cuts
            ],
            "foot": [_("应收"), "", "", format_yuan(order.amount)],
        },
        "payments": {
            "head": [_("时间"), _("类别"), _("方式"), _("流水号或原因"), _("金额")],
            "rows": [
                [
                    f"{payment.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
                    payment.get_kind_display(),
                    payment.get_method_display(),
                    payment.reference or payment.reason,
                    format_yuan(payment.amount),
                ]
                for payment in moved_on(order)
            ],
        },
        "sums": {
            "head": [_("应收"), _("已收"), _("已退"), _("待收")],
            "rows": [
                [
                    format_yuan(amount)
                    for amount in (standing.amount, standing.paid, standing.refunded, standing.due)
                ]
            ],
        },
        "capital": capital(standing.net),
        "issuer": by.name,
        "foot": order.terms + _("本收据仅证明收退款事实，不作为发票；发票请另行开具。"),
    }
