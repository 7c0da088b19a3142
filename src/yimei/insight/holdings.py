"""What analysis keeps about customers: rows under a random number, taken out with the person."""

from datetime import datetime
from functools import partial

from django.db import transaction

from yimei.core import jobs
from yimei.insight.models import Pseudonym
from yimei.people.models import Patient
from yimei.privacy import registry


def erase(patient: Patient, now: datetime) -> int:
    """Throw the number away: what the mart still holds leads to nobody, and the next build takes it out."""
    count, _rows = Pseudonym.objects.filter(patient=patient).delete()
    if count:
        key = f"insight.mart.build:{patient.public_id}:{now.isoformat()}"
        transaction.on_commit(partial(jobs.enqueue, "insight.mart.build", {}, key=key), robust=True)
    return count


registry.holding(
    "insight.mart",
    title="数据集市（去标识化）",
    categories=("随机代号", "出生年段、性别、省份、首次来源", "就诊、手术、费用、回访、评价的时间与结果"),
    subjects=("客户",),
    purpose_codes=("care.health", "money"),
    retention_code="record.outpatient",
    recipients=("数据分析岗位", "院长与运营（仅汇总数字，小样本隐藏）"),
    security=(
        "不含姓名、电话、证件号、档案号与任何文字记录",
        "代号随机产生，删除或封存时作废并移出",
        "少于 10 人的数字不显示",
        "只读打开，不能访问文件与网络",
    ),
    erase=erase,
)
registry.holding(
    "insight.reference",
    title="看板与数据集市的建造记录",
    categories=("看板与图块、院区房间项目岗位的历次样貌、建造记录（不含客户信息）",),
    retention_code="reference",
    security=("按角色与范围授权",),
)
