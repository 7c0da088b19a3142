"""What the journey keeps about people."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.hospital.enums import StepKind
from yimei.journey.enums import SurgeryStatus, TaskStatus
from yimei.journey.models import (
    AftercareTask,
    AnswerSet,
    Booking,
    Case,
    Discharge,
    Photo,
    ResourceClaim,
    Surgery,
    Survey,
    WaitingEntry,
)
from yimei.journey.queries import questionnaires
from yimei.journey.rules.bookings import HOLDING
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.enums import Anchor


def contacts(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last call that asked for a time."""
    last = Booking.objects.filter(patient__in=patients).order_by().values_list("patient")
    return {
        patient: {Anchor.LAST_CONTACT: local_date(at)}
        for patient, at in last.annotate(last=Max("created_at"))
    }


def visits(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    """The last visit and the last discharge, from which the record's years are counted."""
    sources = (
        (Anchor.LAST_VISIT, Booking.objects.exclude(arrived_at=None), "patient", "arrived_at"),
        (Anchor.LAST_VISIT, Surgery.objects.exclude(entered_at=None), "case__patient", "entered_at"),
        (Anchor.LAST_DISCHARGE, Discharge.objects.all(), "surgery__case__patient", "at"),
    )
    found: dict[int, dict[Anchor, date]] = {}
    for anchor, rows, path, moment in sources:
        of_these = rows.filter(**{f"{path}__in": patients}).order_by().values_list(path)
        for patient, at in of_these.annotate(last=Max(moment)):
            dates = found.setdefault(patient, {})
            dates[anchor] = max(local_date(at), dates.get(anchor, date.min))
    return found


def open_bookings(patient: Patient, now: datetime) -> Iterator[Missing]:
    """Times that are still to come are called off first, and places in the queue given back."""
    for booking in Booking.objects.filter(patient=patient, status__in=HOLDING, ends_at__gt=now):
        yield Missing(
            _("%(day)s 的预约还没有结束") % {"day": local_date(booking.starts_at)},
            _("先取消预约或等就诊结束"),
            f"desk:booking:{booking.public_id}",
        )
    if WaitingEntry.objects.open().filter(patient=patient).exists():
        yield Missing(_("还在候补名单上"), _("先移出候补名单"), "desk:bookings")


def open_operations(patient: Patient, now: datetime) -> Iterator[Missing]:
    """Nobody is forgotten in the middle of a treatment."""
    over = [SurgeryStatus.CANCELLED, SurgeryStatus.DISCHARGED]
    for surgery in (
        Surgery.objects.filter(case__patient=patient).exclude(status__in=over).select_related("case")
    ):
        yield Missing(
            _("手术尚未完成"), _("先取消排台或完成手术并离院"), f"desk:case:{surgery.case.public_id}"
        )


def aftercare_to_come(patient: Patient, now: datetime) -> Iterator[Missing]:
    """Calls, stitches and reviews after an operation; a step whose time is over is waited for no more."""
    rows = AftercareTask.objects.filter(case__patient=patient, status=TaskStatus.OPEN, late_at__gt=now)
    rows = rows.exclude(kind=StepKind.SURVEY).order_by("due_at").select_related("case")
    by_case: dict[Case, list[AftercareTask]] = {}
    for task in rows:
        by_case.setdefault(task.case, []).append(task)
    for case, tasks in by_case.items():
        words = {"n": len(tasks), "day": local_date(tasks[-1].due_at)}
        yield Missing(
            _("术后回访与复查还有 %(n)d 项，最后一项在 %(day)s") % words,
            _("逐项做完，或结束这次诊疗"),
            f"desk:case:{case.public_id}",
        )


def erase_claims(patient: Patient, now: datetime) -> int:
    """Give back the past stretches; those to come were called off before."""
    mine = Q(booking__patient=patient) | Q(surgery__case__patient=patient) | Q(offer__entry__patient=patient)
    return ResourceClaim.objects.filter(mine).delete()[0]


def erase_surveys(patient: Patient, now: datetime) -> int:
    """Remove the opinions with their links."""
    return Survey.objects.filter(case__patient=patient).delete()[0]


def erase_drafts(patient: Patient, now: datetime) -> int:
    """Remove what was never completed; complete sets are part of the record and go with the key."""
    drafts = AnswerSet.objects.filter(case__patient=patient, completed_at=None, referral=None)
    return drafts.delete()[0]


@registry.counter("faces")
def people_photographed() -> int:
    """Of how many living files photographs are kept: faces among them, so all are counted."""
    kept = Photo.objects.filter(voided_at=None, case__patient__person__vault_key__destroyed_at=None)
    heads = kept.annotate(person=Coalesce("case__patient__merged_into", "case__patient"))
    return heads.order_by().values("person").distinct().count()


KEPT_SAFE = (
    "按人加密（AES-256-GCM 或 SM4-GCM），销毁密钥即删除",
    "按角色、范围与诊疗关系授权",
    "每次查看留痕",
)

registry.holding(
    "journey.online",
    title="网上预约的保留与核验",
    categories=("选定的时间与项目（不含姓名与号码）", "手机号、来源地址与验证码的加密散列"),
    subjects=("网上预约的访客",),
    purpose_codes=("care.identity", "security"),
    retention_code="online",
    security=(
        "只存加密散列，不存姓名与号码",
        "保留到期即释放，一天后删除",
        "验证码只能用一次，连续出错即作废",
    ),
)
registry.holding(
    "journey.booking",
    title="预约与到诊",
    categories=(
        "预约时间、项目与接诊人",
        "到诊、改期、取消与爽约的经过",
        "预约备注",
        "候补时间与邀约",
        "未能接待的请求与原因",
    ),
    subjects=("客户",),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=("本院按岗位授权的服务人员",),
    security=KEPT_SAFE,
    anchors=contacts,
    pending=open_bookings,
)
registry.holding(
    "journey.record",
    title="病历",
    categories=(
        "诊疗经过、咨询与评估",
        "检查与结果",
        "方案与知情同意书",
        "手术、麻醉与恢复记录",
        "复查、并发症与术后回访",
    ),
    subjects=("患者", "监护人", "陪同人"),
    purpose_codes=("care.health",),
    retention_code="record.inpatient",
    recipients=("参与诊疗的医务人员",),
    security=(*KEPT_SAFE, "签署后的文件不可改动，附哈希值"),
    anchors=visits,
    pending=open_operations,
    running=aftercare_to_come,
)
registry.holding(
    "journey.lab_import",
    title="检验结果文件",
    categories=("检验机构的结果文件", "没有入库的行与原因"),
    subjects=("患者",),
    purpose_codes=("care.health",),
    retention_code="record.outpatient",
    recipients=("录入检查结果的医务人员",),
    security=("每个文件一把密钥，修完或满三十天即销毁", "按角色与院区授权", "入库与修改留痕"),
)
registry.holding(
    "journey.questionnaire",
    title="问卷与筛查",
    categories=("健康史、用药与期望的回答", "筛查得分与医师的决定", "诊前填写链接的发出与收回"),
    subjects=("患者",),
    purpose_codes=("care.health", "survey", "research"),
    retention_code="record.inpatient",
    recipients=("参与诊疗的医务人员", "有服务关系的现场咨询"),
    security=(
        *KEPT_SAFE,
        "隐藏分支不收集",
        "每题写明目的，停用后不问不存",
        "完成后冻结，附哈希值",
        "链接只存哈希值，到期失效",
    ),
    export=questionnaires.export,
    erase=erase_drafts,
    anchors=visits,
)
registry.holding(
    "journey.photo",
    title="诊疗影像",
    categories=("术前、术后与复查照片", "角度、时间与拍摄人", "教学与宣传用途的放行"),
    subjects=("患者",),
    purpose_codes=("image.clinical", "image.teaching", "image.publicity"),
    retention_code="record.outpatient",
    recipients=("参与诊疗的医务人员", "经本人同意时的现场咨询"),
    security=(*KEPT_SAFE, "去除全部元数据", "查看时加查看人水印", "私密部位只限有诊疗关系的医务人员"),
)
registry.holding(
    "journey.claim",
    title="预留的人员、房间与时间",
    categories=("占用时段（不含姓名与项目）",),
    subjects=("客户", "员工"),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=("本院排班与前台",),
    security=("按角色与范围授权", "数据库拒绝同一时段的重复占用"),
    erase=erase_claims,
)
registry.holding(
    "journey.survey",
    title="满意度调查",
    categories=("评分、分项与评价",),
    subjects=("客户",),
    purpose_codes=("survey",),
    retention_code="record.outpatient",
    recipients=("质控与院长",),
    security=(*KEPT_SAFE, "链接只存哈希值，到期失效"),
    erase=erase_surveys,
)
registry.holding(
    "journey.feed",
    title="员工日历订阅",
    categories=("订阅的建立、读取与停用时间",),
    subjects=("员工",),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=("员工本人",),
    security=("地址只存哈希值，可随时停用", "日历中没有客户的任何信息"),
)
