"""What billing keeps about customers: amounts and dates stay as vouchers, without any name in them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order, Payment, Quote
from yimei.core.clock import SHANGHAI, local_date
from yimei.core.errors import Missing
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.enums import Anchor


def export(patient: Patient) -> Iterator[Mapping[str, object]]:
    """Yield every quote, order and payment as the customer would read it."""
    for quote in Quote.objects.filter(patient=patient).prefetch_related("lines__procedure"):
        for line in quote.lines.all():
            yield {
                "类别": "报价",
                "时间": _local(quote.at),
                "方案": quote.option,
                "状态": quote.get_status_display(),
                "项目": line.procedure.name,
                "数量": line.quantity,
                "目录价": line.list_price,
                "成交单价": line.price,
                "优惠原因": line.discount_reason,
            }
    for order in Order.objects.filter(patient=patient):
        yield {
            "类别": "预约定金" if order.is_booking_deposit else "订单",
            "时间": _local(order.at),
            "应收": order.amount,
            "应收定金": order.deposit,
            "收取时说明的规则": order.terms,
            "状态": order.get_status_display(),
        }
    for payment in Payment.objects.filter(order__patient=patient):
        yield {
            "类别": payment.get_kind_display(),
            "时间": _local(payment.at),
            "方式": payment.get_method_display(),
            "金额": payment.amount,
            "流水号": payment.reference,
            "原因": payment.reason,
        }


def anchors(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """Vouchers are kept from the day of the last one."""
    last = Payment.objects.filter(order__patient__in=patients).order_by().values_list("order__patient")
    return {
        patient: {Anchor.CREATED: local_date(at), Anchor.LAST_CONTACT: local_date(at)}
        for patient, at in last.annotate(last=Max("at"))
    }


def pending(patient: Patient, now: datetime) -> Iterator[Missing]:
    """Money that was paid for what did not happen is given back first."""
    for order in Order.objects.held().filter(patient=patient):
        yield Missing(
            _("%(day)s 的预约定金还没有处理") % {"day": local_date(order.at)},
            _("先退还，或按收取时说明的规则处理"),
            f"desk:case-money:{order.episode}",
        )
    held = Order.objects.filter(patient=patient, status=OrderStatus.OPEN).annotate(
        net=Sum("payments__amount")
    )
    for order in held.filter(net__gt=0):
        yield Missing(
            _("%(day)s 的订单还有未结清的款项") % {"day": local_date(order.at)},
            _("先结清或退款"),
            "desk:money",
        )


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


registry.holding(
    "billing.money",
    title="报价、订单、收款与退款",
    categories=("报价与成交项目", "应收、收款与退款金额、时间、方式", "支付流水号"),
    subjects=("客户",),
    purpose_codes=("money",),
    retention_code="voucher",
    recipients=("收银与财务岗位", "客户的现场咨询", "院长"),
    security=("收退款只增不改，改动会被数据库拒绝", "按角色与范围授权", "每次收退款留痕，日志不可篡改"),
    export=export,
    anchors=anchors,
    pending=pending,
)
registry.holding(
    "billing.costs",
    title="支出登记",
    categories=("支出类别、期间、金额与数量、单据号（不含客户信息）", "责任人与登记人"),
    retention_code="reference",
    security=("只增不改，登错以冲正更正，改动会被数据库拒绝", "按角色与院区授权", "每笔登记与冲正留痕"),
)
