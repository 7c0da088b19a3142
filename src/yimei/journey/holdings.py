"""What the journey keeps about people."""

from yimei.privacy import registry

KEPT_SAFE = (
    "按人加密（AES-256-GCM 或 SM4-GCM），销毁密钥即删除",
    "按角色、范围与诊疗关系授权",
    "每次查看留痕",
)

registry.holding(
    "journey.booking",
    title="预约与到诊",
    categories=("预约时间、项目与接诊人", "到诊、改期、取消与爽约的经过", "预约备注"),
    subjects=("客户",),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=("本院按岗位授权的服务人员",),
    security=KEPT_SAFE,
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
    recipients=("照护该患者的医务人员",),
    security=(*KEPT_SAFE, "签署后的文件不可改动，附哈希值"),
)
registry.holding(
    "journey.photo",
    title="诊疗影像",
    categories=("术前、术后与复查照片", "角度、时间与拍摄人", "教学与宣传用途的放行"),
    subjects=("患者",),
    purpose_codes=("image.clinical", "image.teaching", "image.publicity"),
    retention_code="record.outpatient",
    recipients=("照护该患者的医务人员", "经本人同意时的现场咨询"),
    security=(*KEPT_SAFE, "去除全部元数据", "查看时加查看人水印", "私密部位只限有诊疗关系的医务人员"),
)
registry.holding(
    "journey.claim",
    title="人员、房间与设备的占用时段",
    categories=("占用时段（不含姓名与项目）",),
    subjects=("客户", "员工"),
    purpose_codes=("care.identity",),
    retention_code="record.outpatient",
    recipients=("本院排班与前台",),
    security=("按角色与范围授权", "数据库拒绝同一时段的重复占用"),
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
)
