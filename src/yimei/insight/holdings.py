"""What analysis keeps about customers: rows under a random number, taken out with the person."""

from datetime import datetime
from functools import partial

from django.db import transaction

from yimei.insight.actions.imports import clear_expired
from yimei.insight.actions.requests import refresh
from yimei.insight.models import Doubt, ImportBlock, Pseudonym
from yimei.insight.queries.imports import person_token
from yimei.insight.rules.imports.templates import TEMPLATES, Kind
from yimei.people.models import Patient
from yimei.privacy import registry


def erase(patient: Patient, now: datetime) -> int:
    """Throw the number away: what the mart still holds leads to nobody, and the next build takes it out."""
    count, _rows = Pseudonym.objects.filter(patient=patient).delete()
    if count:
        _follow(patient, now)
    return count


def _follow(patient: Patient, now: datetime) -> None:
    """Have the mart built without her at once, not only at the next round."""
    transaction.on_commit(partial(refresh, str(patient.public_id), now=now), robust=True)


def erase_imported(patient: Patient, now: datetime) -> int:
    """Take the rows that speak of this person out of every table that was brought."""
    person = patient.person
    said = {Kind.PHONE: person.phone, Kind.ID_NO: person.id_no, Kind.FILE_NO: patient.file_no or ""}
    tokens = {person_token(kind.value, str(word).upper()) for kind, word in said.items() if word}
    named = [one.code for one in TEMPLATES.values() if any(column.identifies for column in one.columns)]
    count = 0
    blocks = ImportBlock.objects.filter(batch__template__in=named).select_related("batch__vault_key")
    for block in blocks.iterator(chunk_size=50):
        rows = block.facts or []
        stay = [row for row in rows if row[1] not in tokens]
        if len(stay) < len(rows):
            count += len(rows) - len(stay)
            gone = [row[0] for row in rows if row[1] in tokens]
            Doubt.objects.filter(batch=block.batch_id, number__in=gone).delete()
            block.facts, block.rows = stay, len(stay)
            block.save(update_fields=["facts", "rows"])
    if count:
        _follow(patient, now)
    return count


registry.holding(
    "insight.import",
    title="导入的外部数据",
    categories=(
        "上传的文件与没有入库的行（密封，三十天销毁）",
        "入库的行：不含姓名电话证件号，人以加密代号区分",
    ),
    subjects=("客户",),
    purpose_codes=("care.health", "money"),
    retention_code="record.outpatient",
    recipients=("数据分析岗位（标识遮蔽）",),
    security=("文件与入库行各用一把密钥", "整批可撤销，撤销即销毁密钥", "屏幕上姓名与号码遮蔽"),
    erase=erase_imported,
)
registry.holding(
    "insight.mart",
    title="统计用数据（不含姓名）",
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
    "insight.report",
    title="报告、共享链接、数据接口令牌",
    categories=("报告的版本、签发内容与评论、决定（汇总数字，不含客户信息）", "共享链接与接口令牌的指纹"),
    retention_code="reference",
    security=("少于 10 人的数字不显示", "签发后数据库拒绝改动", "链接与令牌只存指纹，可随时收回"),
)
registry.holding(
    "insight.reference",
    title="看板与数据集市的建造记录",
    categories=("看板与图块、院区房间项目岗位的历次样貌、建造记录（不含客户信息）",),
    retention_code="reference",
    security=("按角色与范围授权",),
)

registry.expires(clear_expired)
