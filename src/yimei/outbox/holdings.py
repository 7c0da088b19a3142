"""What this part keeps."""

from datetime import datetime

from django.utils.translation import gettext as _

from yimei.outbox.actions import codes, retention
from yimei.outbox.actions.engine import WAITING
from yimei.outbox.actions.enquiries import erase_enquiry_messages
from yimei.outbox.enums import MessageStatus, Verdict
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import Delivery, Message, Notification
from yimei.people.models import Patient
from yimei.privacy import registry


def erase_messages(patient: Patient, now: datetime) -> int:
    """Empty what was sent and stop what waits; the decision and its time stay."""
    sent = Message.objects.filter(patient=patient)
    sent.filter(status__in=WAITING).update(
        status=MessageStatus.REFUSED,
        verdict=Verdict.REFUSE,
        reason=_("此人的资料已删除或限制处理。"),
        not_before=None,
    )
    refs = Delivery.objects.filter(message__patient=patient).exclude(gateway_ref="")
    FileGateway.forget(set(refs.values_list("gateway_ref", flat=True)))
    return sent.exclude(body__isnull=True, params__isnull=True).update(body=None, params=None)


def erase_notifications(patient: Patient, now: datetime) -> int:
    """Remove the lines of bells that lead to this person."""
    return Notification.objects.filter(where__endswith=str(patient.public_id)).delete()[0]


registry.holding(
    "outbox.reference",
    title="消息模板",
    categories=("模板文本（不含个人信息）",),
    retention_code="reference",
    security=("按角色与范围授权",),
)
registry.holding(
    "outbox.message",
    title="发出的消息",
    categories=("消息正文与参数", "发送决定、理由与结果"),
    subjects=("客户",),
    purpose_codes=("care.identity", "marketing"),
    retention_code="message",
    recipients=("本院按岗位授权的服务人员", "消息通道服务商（只得到手机号与正文）"),
    security=("按人加密（AES-256-GCM 或 SM4-GCM），销毁密钥即删除", "每次发送留存决定与理由"),
    erase=erase_messages,
)
registry.holding(
    "outbox.enquiry",
    title="发给咨询者的消息",
    categories=(
        "消息正文与参数",
        "号码的带密钥标识（不能还原）",
        "发送决定、理由与结果",
        "咨询时同意接收营销信息的告知版本、时间与渠道",
    ),
    subjects=("咨询者", "由咨询者成为的客户"),
    purpose_codes=("care.identity", "marketing"),
    retention_code="lead",
    recipients=("线索的归属人与其主管", "消息通道服务商（只得到手机号与正文）"),
    security=(
        "以咨询线索的密钥加密，线索删除时一并不可恢复",
        "号码不另存，只留带密钥的标识，同一号码合用一个上限",
        "每次发送留存决定与理由，每条都能一步退订",
    ),
    erase=erase_enquiry_messages,
)
registry.holding(
    "outbox.number",
    title="网上预约的验证码短信",
    categories=("手机号与正文（发出后即删除）", "发送时间与结果"),
    subjects=("网上预约的访客",),
    purpose_codes=("care.identity", "security"),
    retention_code="online",
    recipients=("消息通道服务商（只得到手机号与正文）",),
    security=("单独加密，发出后即销毁密钥", "一天后删除记录"),
)
registry.holding(
    "outbox.stop",
    title="拒收营销的号码",
    categories=("号码的带密钥标识（不能还原）", "何时以何种方式拒收"),
    subjects=("客户", "咨询者"),
    purpose_codes=("marketing",),
    retention_code="message",
    security=("只留带密钥的标识，不留号码",),
)
registry.holding(
    "outbox.notification",
    title="员工站内通知",
    categories=("不含客户姓名的提示文字",),
    subjects=("员工",),
    purpose_codes=("staff",),
    retention_code="notification",
    recipients=("本人",),
    security=("只有本人可见",),
    erase=erase_notifications,
)

registry.expires(retention.forget_old)
registry.expires(codes.forget_old)
