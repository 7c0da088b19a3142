"""What this part keeps, and what the parts below it keep: they may not know this one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from yimei.core.clock import local_date
from yimei.people.enums import Relation, Sex
from yimei.people.models import DuplicatePair, Guardian, Merge, Patient, Person
from yimei.privacy import registry
from yimei.privacy.enums import Anchor
from yimei.privacy.models import CentreCode, CentreSession, ComingOfAge
from yimei.privacy.queries.rows import described
from yimei.vault import keys
from yimei.vault.models import StoredFile

TREATING_STAFF = "本院有照护关系的医务人员"
SERVICE_STAFF = "本院按岗位授权的服务人员"
OFFICER = "个人信息保护负责人"
AUDITOR = "审计员"

PER_PERSON = "按人加密（AES-256-GCM 或 SM4-GCM），销毁密钥即删除"
BLIND = "加密索引检索，不存明文"
SCOPED = "按角色与范围授权"
LOGGED = "每次查看留痕，日志不可篡改"
SIGNED = "只增不改，改动会被数据库拒绝"


def first_contact(patients: Collection[int]) -> Mapping[int, Mapping[Anchor, date]]:
    rows = Patient.objects.filter(pk__in=patients).order_by().values_list("pk", "created_at")
    return {pk: {Anchor.LAST_CONTACT: local_date(at)} for pk, at in rows}


def erase_identity(patient: Patient, now: datetime) -> int:
    """Destroy the key: name, phone, numbers, and all else that it opened, backups included."""
    Person.objects.filter(pk=patient.person_id).update(sex=Sex.UNKNOWN)
    keys.destroy(patient.person.vault_key, at=now)
    return 1


def erase_tokens(patient: Patient, now: datetime) -> int:
    """Nobody finds this person any more."""
    return patient.person.tokens.all().delete()[0]


def erase_file(patient: Patient, now: datetime) -> int:
    """Take the file number and the owners off the row, and end every care relation."""
    patient.care_relations.filter(until=None).update(until=now)
    return Patient.objects.filter(pk=patient.pk).update(
        file_no=None,
        registered_at=None,
        registered_by=None,
        is_vip=False,
        online=None,
        consultant=None,
        surgeon=None,
    )


def erase_guardians(patient: Patient, now: datetime) -> int:
    """Destroy the keys of those who are here only as this person's guardians."""
    guardians = Guardian.objects.filter(patient=patient)
    for guardian in guardians.select_related("person__vault_key"):
        person = guardian.person
        is_elsewhere = Q(guards__patient__person__vault_key__destroyed_at=None) & ~Q(guards__patient=patient)
        known = Person.objects.filter(Q(patient__isnull=False) | is_elsewhere, pk=person.pk)
        if not known.exists():
            person.tokens.all().delete()
            Person.objects.filter(pk=person.pk).update(sex=Sex.UNKNOWN)
            keys.destroy(person.vault_key, at=now)
    ComingOfAge.objects.filter(patient=patient).delete()
    return guardians.update(relation=Relation.OTHER)


def told_merges(patient: Patient) -> Iterator[Mapping[str, object]]:
    """What was joined to this person's file, or hers to another; a mere suspicion tells of others."""
    rows = Merge.objects.filter(Q(kept=patient) | Q(absorbed=patient), made_at__isnull=False)
    yield from described(rows)


def erase_pairs(patient: Patient, now: datetime) -> int:
    """Forget with whom this file was compared; a merge keeps its days and names and loses its words."""
    mine = DuplicatePair.objects.filter(Q(one=patient) | Q(two=patient))
    merges = Merge.objects.filter(Q(kept=patient) | Q(absorbed=patient))
    merges.update(pair=None, doubts=[], evidence=[])
    return mine.delete()[0]


def erase_files(patient: Patient, now: datetime) -> int:
    """Remove the bytes from the disk once the change is kept; the bare row stays for those that name it."""
    files = StoredFile.objects.filter(key=patient.person.vault_key_id)
    for file in files:
        transaction.on_commit(partial(_remove, file.path))
    return files.exclude(sha256="", size=0).update(sha256="", size=0)


def erase_centre(patient: Patient, now: datetime) -> int:
    """End every visit and forget every code: nobody gets in any more."""
    codes = CentreCode.objects.filter(patient=patient).delete()[0]
    return codes + CentreSession.objects.filter(patient=patient).delete()[0]


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


CUSTOMERS = ("客户",)
STAFF = ("员工",)

registry.holding(
    "core.jobs",
    title="后台任务",
    categories=("任务编号与状态（只含内部编号）",),
    retention_code="job",
    security=(SCOPED,),
)
registry.holding(
    "vault.keys",
    title="数据密钥",
    categories=("经主密钥包裹的数据密钥",),
    subjects=("客户", "员工", "监护人"),
    purpose_codes=("security",),
    retention_code="record.outpatient",
    security=("主密钥存放在数据库之外", "支持主密钥轮换"),
)
registry.holding(
    "vault.files",
    title="图片与文件",
    categories=("签署文件、影像、证据文件",),
    subjects=("客户", "监护人"),
    purpose_codes=("care.health",),
    retention_code="record.outpatient",
    recipients=(TREATING_STAFF,),
    security=(PER_PERSON, LOGGED),
    erase=erase_files,
)
registry.holding(
    "audit.log",
    title="审计日志与删除台账",
    categories=("操作人编号、时间、地址与设备", "被操作对象的内部编号", "用途与理由"),
    subjects=("员工", "客户（仅不透明编号）"),
    purpose_codes=("audit",),
    retention_code="log.access",
    recipients=(AUDITOR, OFFICER),
    security=(SIGNED, "哈希链，可用命令验证"),
)
registry.holding(
    "hospital.reference",
    title="医院基础资料",
    categories=("院区、科室、房间、设备、班次、项目、价格、文书模板（不含个人信息）",),
    retention_code="reference",
    security=(SCOPED,),
)
registry.holding(
    "people.access",
    title="角色与权限",
    categories=("角色、权限与范围（不含个人信息）",),
    retention_code="reference",
    security=(SCOPED, LOGGED),
)
registry.holding(
    "people.staff",
    title="员工、资质与登录",
    categories=("姓名、用户名、邮箱", "执业证照与授权", "排班", "登录会话、地址与设备", "密码与动态口令密钥"),
    subjects=STAFF,
    purpose_codes=("staff", "security"),
    retention_code="staff",
    recipients=("系统管理员", "人力资源与医务管理岗位"),
    security=("口令单向散列", "动态口令密钥加密", SCOPED, LOGGED),
)
registry.holding(
    "people.identity",
    title="身份与联系方式",
    categories=("姓名", "手机", "证件号", "出生日期", "性别"),
    subjects=("客户", "监护人"),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=(SERVICE_STAFF,),
    security=(PER_PERSON, BLIND, "默认打码显示，揭示须说明用途", LOGGED),
    erase=erase_identity,
)
registry.holding(
    "people.patient",
    title="客户档案",
    categories=("档案号", "首次来源", "归属人员", "照护关系"),
    subjects=CUSTOMERS,
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=(SERVICE_STAFF,),
    security=(SCOPED, LOGGED),
    erase=erase_file,
    anchors=first_contact,
)
registry.holding(
    "people.search",
    title="查找用的编码（看不出内容）",
    categories=("姓名、手机、证件号与档案号的加密散列",),
    subjects=CUSTOMERS,
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    security=(BLIND,),
    erase=erase_tokens,
)
registry.holding(
    "people.alert",
    title="安全提示",
    categories=("过敏、用药、妊娠、疾病史",),
    subjects=CUSTOMERS,
    purpose_codes=("care.health",),
    retention_code="record.outpatient",
    recipients=(TREATING_STAFF,),
    security=(PER_PERSON, SCOPED, LOGGED),
)
registry.holding(
    "people.merge",
    title="重复档案核对与并档",
    categories=("疑似重复的两份档案与逐项相似程度（不含字段的值）", "并档与撤销的经办人、时间、理由"),
    subjects=CUSTOMERS,
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=(SERVICE_STAFF, OFFICER),
    security=(PER_PERSON, SCOPED, LOGGED),
    export=told_merges,
    erase=erase_pairs,
)
registry.holding(
    "people.guardian",
    title="监护人",
    categories=("监护关系", "关系证明", "成年交接的时间与随之终止的事项"),
    subjects=("未成年客户", "监护人"),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=(SERVICE_STAFF, TREATING_STAFF),
    security=(PER_PERSON, LOGGED),
    erase=erase_guardians,
)
registry.holding(
    "people.breakglass",
    title="紧急访问与解封查阅记录",
    categories=("访问人、时间、理由与复核结论",),
    subjects=("员工", "客户"),
    purpose_codes=("audit",),
    retention_code="log.access",
    recipients=(OFFICER, AUDITOR),
    security=(PER_PERSON, "一个工作日内复核"),
)
registry.holding(
    "privacy.register",
    title="目的、告知、保存期限与参数登记",
    categories=("处理目的、法律依据、告知文本、保存期限（不含个人信息）",),
    retention_code="processing",
    recipients=("公开",),
    security=(SIGNED,),
)
registry.holding(
    "privacy.consent",
    title="同意、拒绝与撤回记录",
    categories=("同意的目的、时间、渠道与设备", "监护人", "签署证据"),
    subjects=("客户", "监护人"),
    purpose_codes=("audit",),
    retention_code="consent.proof",
    recipients=(OFFICER,),
    security=(SIGNED, "证据文件按人加密并留存哈希", LOGGED),
)
registry.holding(
    "privacy.centre",
    title="登录隐私中心的记录",
    categories=("索取验证码与登录的时间", "手机号、来源地址与验证码的加密散列"),
    subjects=("客户", "监护人"),
    purpose_codes=("security",),
    retention_code="centre",
    security=(BLIND, "验证码只能用一次，十分钟失效", "连续出错即锁定"),
    erase=erase_centre,
)
registry.holding(
    "privacy.hold",
    title="病历封存与保全",
    categories=("封存的性质、事由、在场各方", "封存清单（类别、条数与摘要）", "解除人、理由与时间"),
    subjects=("客户",),
    purpose_codes=("audit",),
    retention_code="processing",
    recipients=(OFFICER, "争议各方"),
    security=(PER_PERSON, "清单附哈希值", LOGGED),
)
registry.holding(
    "privacy.addendum",
    title="病历的更正补充",
    categories=("本人要求更正、经核实的内容",),
    subjects=CUSTOMERS,
    purpose_codes=("care.health",),
    retention_code="record.inpatient",
    recipients=(TREATING_STAFF,),
    security=(PER_PERSON, SIGNED, LOGGED),
)
registry.holding(
    "privacy.request",
    title="主体权利请求",
    categories=("请求的类别、时间、身份核验方式与结论", "请求内容与答复", "个人信息副本"),
    subjects=("客户", "监护人", "近亲属", "受托人"),
    purpose_codes=("audit",),
    retention_code="processing",
    recipients=(OFFICER,),
    security=(PER_PERSON, "办理经过只增不改", LOGGED),
)
registry.holding(
    "privacy.incident",
    title="个人信息安全事件",
    categories=("事件经过、原因、危害与措施", "受影响的客户", "告知内容与送达情况"),
    subjects=("客户", "监护人", "员工"),
    purpose_codes=("audit",),
    retention_code="processing",
    recipients=(OFFICER, "履行个人信息保护职责的部门"),
    security=(PER_PERSON, "时间线只增不改", LOGGED),
)
registry.holding(
    "privacy.party",
    title="合作方与接收方登记",
    categories=("名称、服务内容与合同", "联系人与事件联系人", "尽职调查、复核与终止证明"),
    subjects=("合作方联系人",),
    purpose_codes=("audit",),
    retention_code="sharing",
    recipients=(OFFICER,),
    security=(SCOPED, "经过只增不改", LOGGED),
)
registry.holding(
    "privacy.transfer",
    title="个人信息出境记录",
    categories=("出境活动、路径与备案", "出境人员的不透明编号与年度"),
    subjects=("客户（仅不透明编号）",),
    purpose_codes=("audit",),
    retention_code="sharing",
    recipients=(OFFICER,),
    security=(SIGNED, LOGGED),
)
registry.holding(
    "privacy.exports",
    title="导出台账与访问预警",
    categories=("谁、何时、为何导出或批量查看", "涉及人数与文件水印编号", "访问预警与核查结论"),
    subjects=("员工", "客户（仅不透明编号）"),
    purpose_codes=("audit",),
    retention_code="log.access",
    recipients=(OFFICER, AUDITOR),
    security=(SIGNED, "导出文件加密、限时限次、到期删除", LOGGED),
)
