"""What this part keeps."""

from yimei.privacy import registry

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
)
