"""Permissions, scopes and the seed of roles (domain: 7.2). Admin rights never imply clinical rights."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """How far a permission reaches, from narrow to wide."""

    OWN = "own", _("本人")
    DEPARTMENT = "department", _("本科室")
    CAMPUS = "campus", _("本院区")
    GROUP = "group", _("全集团")


class Permission(models.TextChoices):
    """One thing that a member of staff may do."""

    PATIENT_VIEW = "patient.view", _("查看客户")
    PATIENT_WRITE = "patient.write", _("登记与修改客户")
    PATIENT_REVEAL = "patient.reveal", _("显示完整联系方式")
    PATIENT_MERGE = "patient.merge", _("核对重复档案与并档")
    CLINICAL_VIEW = "clinical.view", _("查看病历")
    CLINICAL_WRITE = "clinical.write", _("书写病历")
    BOOKING_VIEW = "booking.view", _("查看预约")
    BOOKING_WRITE = "booking.write", _("登记预约")
    RECEPTION_WRITE = "reception.write", _("到诊与分诊")
    CONSULT_WRITE = "consult.write", _("咨询与报价")
    TEST_WRITE = "test.write", _("录入检查结果")
    PLAN_WRITE = "plan.write", _("制定方案")
    CONSENT_WRITE = "consent.write", _("术前谈话与签署")
    ANAESTHESIA_WRITE = "anaesthesia.write", _("麻醉评估与谈话")
    SCHEDULE_VIEW = "schedule.view", _("查看手术排台")
    SCHEDULE_WRITE = "schedule.write", _("安排手术")
    SURGERY_WRITE = "surgery.write", _("手术核查与记录")
    RECOVERY_WRITE = "recovery.write", _("恢复室记录")
    AFTERCARE_VIEW = "aftercare.view", _("查看术后关怀")
    AFTERCARE_WRITE = "aftercare.write", _("记录回访与复查")
    MONEY_VIEW = "money.view", _("查看费用")
    MONEY_WRITE = "money.write", _("收款")
    REFUND_WRITE = "refund.write", _("退款")
    COST_WRITE = "cost.write", _("登记全部支出")
    SPEND_WRITE = "spend.write", _("登记广告花费")
    PRIVACY_VIEW = "privacy.view", _("查看合规")
    PRIVACY_WRITE = "privacy.write", _("办理个人信息事务")
    AUDIT_VIEW = "audit.view", _("查看审计日志")
    INSIGHT_VIEW = "insight.view", _("查看经营数据")
    INSIGHT_PAGE = "insight.page", _("查看本岗位看板")
    INSIGHT_FINANCE = "insight.finance", _("查看收入指标")
    INSIGHT_STAFF = "insight.staff", _("经营数据中显示员工姓名")
    INSIGHT_EXPORT = "insight.export", _("下载汇总数据")
    INSIGHT_REPORT = "insight.report", _("编写报告")
    INSIGHT_SIGN = "insight.sign", _("签发报告")
    INSIGHT_SQL = "insight.sql", _("用 SQL 查询去标识数据")
    LEAD_VIEW = "lead.view", _("查看线索")
    LEAD_WRITE = "lead.write", _("登记与跟进线索")
    LEAD_ASSIGN = "lead.assign", _("分配线索与查看漏斗")
    CREDIT_VIEW = "credit.view", _("查看业绩归属")
    CREDIT_RULE = "credit.rule", _("裁定业绩归属与制定规则")
    GROWTH_VIEW = "growth.view", _("查看分群与旅程")
    GROWTH_WRITE = "growth.write", _("编辑与启用分群和旅程")
    INSIGHT_IMPORT = "insight.import", _("导入外部数据")
    MEMBER_VIEW = "member.view", _("查看会员")
    MEMBER_WRITE = "member.write", _("办理会员、积分与权益")
    PROMOTION_WRITE = "promotion.write", _("策划活动与会员规则")
    PROMOTION_APPROVE = "promotion.approve", _("批准活动与价格底线")
    COUPON_WRITE = "coupon.write", _("发放与使用优惠券")
    FEEDBACK_WRITE = "feedback.write", _("处理意见与改进")
    FEEDBACK_ASSIGN = "feedback.assign", _("分派意见与查看统计")
    STORY_WRITE = "story.write", _("编写、放置与撤下客户故事")
    STORY_MEDICAL = "story.medical", _("客户故事的医学审核")
    STORY_LAW = "story.law", _("客户故事的广告法审核")
    STORY_SHOW = "story.show", _("面诊与培训中打开客户故事")
    EVENT_WRITE = "event.write", _("筹办活动日与讲座")
    EVENT_DOOR = "event.door", _("活动签到")
    PARTNER_VIEW = "partner.view", _("查看渠道合作方")
    PARTNER_WRITE = "partner.write", _("维护渠道合作方与编制结算")
    PARTNER_SETTLE = "partner.settle", _("批准渠道合同与结算、登记付款")
    CATALOGUE_WRITE = "catalogue.write", _("维护基础资料")
    ROSTER_WRITE = "roster.write", _("排班")
    STAFF_WRITE = "staff.write", _("维护员工与权限")


class RoleCode(models.TextChoices):
    """Seeded roles; a hospital may add its own."""

    ADMIN = "admin", _("系统管理员")
    ONLINE = "online", _("网电咨询")
    RECEPTION = "reception", _("前台")
    CONSULTANT = "consultant", _("现场咨询")
    SURGEON = "surgeon", _("主诊医师")
    ANAESTHETIST = "anaesthetist", _("麻醉师")
    NURSE = "nurse", _("护士")
    SCHEDULER = "scheduler", _("手术室排班")
    CASHIER = "cashier", _("收银")
    AFTERCARE = "aftercare", _("客服")
    MARKETING = "marketing", _("运营")
    PRIVACY = "privacy", _("个人信息保护负责人")
    AUDITOR = "auditor", _("审计员")
    DIRECTOR = "director", _("院长")
    ANALYST = "analyst", _("数据分析")


P, S = Permission, Scope

SEED_GRANTS: Mapping[RoleCode, Mapping[Permission, Scope]] = {
    RoleCode.ADMIN: {P.STAFF_WRITE: S.GROUP, P.CATALOGUE_WRITE: S.GROUP, P.ROSTER_WRITE: S.GROUP},
    RoleCode.ONLINE: {
        P.PATIENT_VIEW: S.OWN,
        P.PATIENT_WRITE: S.OWN,
        P.PATIENT_REVEAL: S.OWN,
        P.BOOKING_VIEW: S.OWN,
        P.BOOKING_WRITE: S.OWN,
        P.LEAD_VIEW: S.OWN,
        P.LEAD_WRITE: S.OWN,
        P.CREDIT_VIEW: S.OWN,
        P.FEEDBACK_WRITE: S.OWN,
        P.EVENT_DOOR: S.CAMPUS,
    },
    RoleCode.RECEPTION: {
        P.PATIENT_VIEW: S.CAMPUS,
        P.PATIENT_WRITE: S.CAMPUS,
        P.PATIENT_REVEAL: S.CAMPUS,
        P.PATIENT_MERGE: S.CAMPUS,
        P.BOOKING_VIEW: S.CAMPUS,
        P.BOOKING_WRITE: S.CAMPUS,
        P.RECEPTION_WRITE: S.CAMPUS,
        P.MEMBER_VIEW: S.CAMPUS,
        P.MEMBER_WRITE: S.CAMPUS,
        P.COUPON_WRITE: S.CAMPUS,
        P.FEEDBACK_WRITE: S.OWN,
        P.EVENT_DOOR: S.CAMPUS,
    },
    RoleCode.CONSULTANT: {
        P.PATIENT_VIEW: S.OWN,
        P.PATIENT_REVEAL: S.OWN,
        P.BOOKING_VIEW: S.OWN,
        P.BOOKING_WRITE: S.OWN,
        P.CONSULT_WRITE: S.OWN,
        P.MONEY_VIEW: S.OWN,
        P.SCHEDULE_VIEW: S.CAMPUS,
        P.LEAD_VIEW: S.OWN,
        P.LEAD_WRITE: S.OWN,
        P.CREDIT_VIEW: S.OWN,
        P.MEMBER_VIEW: S.OWN,
        P.MEMBER_WRITE: S.OWN,
        P.COUPON_WRITE: S.OWN,
        P.FEEDBACK_WRITE: S.OWN,
        P.STORY_SHOW: S.CAMPUS,
    },
    RoleCode.SURGEON: {
        P.PATIENT_VIEW: S.OWN,
        P.CLINICAL_VIEW: S.OWN,
        P.CLINICAL_WRITE: S.OWN,
        P.BOOKING_VIEW: S.OWN,
        P.TEST_WRITE: S.OWN,
        P.PLAN_WRITE: S.OWN,
        P.CONSENT_WRITE: S.OWN,
        P.SCHEDULE_VIEW: S.CAMPUS,
        P.SURGERY_WRITE: S.OWN,
        P.RECOVERY_WRITE: S.OWN,
        P.AFTERCARE_VIEW: S.OWN,
        P.AFTERCARE_WRITE: S.OWN,
        P.FEEDBACK_WRITE: S.OWN,
        P.STORY_MEDICAL: S.CAMPUS,
        P.STORY_SHOW: S.CAMPUS,
    },
    RoleCode.ANAESTHETIST: {
        P.PATIENT_VIEW: S.OWN,
        P.CLINICAL_VIEW: S.OWN,
        P.CLINICAL_WRITE: S.OWN,
        P.ANAESTHESIA_WRITE: S.OWN,
        P.CONSENT_WRITE: S.OWN,
        P.SCHEDULE_VIEW: S.CAMPUS,
        P.SURGERY_WRITE: S.OWN,
        P.RECOVERY_WRITE: S.OWN,
        P.FEEDBACK_WRITE: S.OWN,
        P.STORY_SHOW: S.CAMPUS,
    },
    RoleCode.NURSE: {
        P.PATIENT_VIEW: S.CAMPUS,
        P.CLINICAL_VIEW: S.CAMPUS,
        P.TEST_WRITE: S.CAMPUS,
        P.SCHEDULE_VIEW: S.CAMPUS,
        P.SURGERY_WRITE: S.CAMPUS,
        P.RECOVERY_WRITE: S.CAMPUS,
        P.AFTERCARE_VIEW: S.CAMPUS,
        P.AFTERCARE_WRITE: S.CAMPUS,
        P.FEEDBACK_WRITE: S.OWN,
        P.STORY_SHOW: S.CAMPUS,
    },
    RoleCode.SCHEDULER: {
        P.PATIENT_VIEW: S.CAMPUS,
        P.BOOKING_VIEW: S.CAMPUS,
        P.SCHEDULE_VIEW: S.CAMPUS,
        P.SCHEDULE_WRITE: S.CAMPUS,
        P.ROSTER_WRITE: S.CAMPUS,
    },
    RoleCode.CASHIER: {
        P.PATIENT_VIEW: S.CAMPUS,
        P.MONEY_VIEW: S.CAMPUS,
        P.MONEY_WRITE: S.CAMPUS,
        P.REFUND_WRITE: S.CAMPUS,
        P.PARTNER_VIEW: S.CAMPUS,
        P.PARTNER_SETTLE: S.CAMPUS,
        P.COST_WRITE: S.CAMPUS,
        P.SPEND_WRITE: S.CAMPUS,
        P.INSIGHT_PAGE: S.CAMPUS,
        P.MEMBER_VIEW: S.CAMPUS,
        P.MEMBER_WRITE: S.CAMPUS,
        P.COUPON_WRITE: S.CAMPUS,
        P.FEEDBACK_WRITE: S.OWN,
    },
    RoleCode.AFTERCARE: {
        P.PATIENT_VIEW: S.CAMPUS,
        P.PATIENT_REVEAL: S.CAMPUS,
        P.BOOKING_VIEW: S.CAMPUS,
        P.BOOKING_WRITE: S.CAMPUS,
        P.AFTERCARE_VIEW: S.CAMPUS,
        P.AFTERCARE_WRITE: S.CAMPUS,
        P.INSIGHT_PAGE: S.CAMPUS,
        P.LEAD_VIEW: S.OWN,
        P.LEAD_WRITE: S.OWN,
        P.MEMBER_VIEW: S.CAMPUS,
        P.MEMBER_WRITE: S.CAMPUS,
        P.COUPON_WRITE: S.CAMPUS,
        P.GROWTH_VIEW: S.CAMPUS,
        P.FEEDBACK_WRITE: S.CAMPUS,
        P.FEEDBACK_ASSIGN: S.CAMPUS,
        P.EVENT_DOOR: S.CAMPUS,
        P.STORY_WRITE: S.CAMPUS,
        P.STORY_SHOW: S.CAMPUS,
    },
    RoleCode.MARKETING: {
        P.ROSTER_WRITE: S.CAMPUS,
        P.SPEND_WRITE: S.CAMPUS,
        P.INSIGHT_VIEW: S.CAMPUS,
        P.INSIGHT_EXPORT: S.CAMPUS,
        P.INSIGHT_REPORT: S.CAMPUS,
        P.LEAD_VIEW: S.CAMPUS,
        P.LEAD_WRITE: S.CAMPUS,
        P.LEAD_ASSIGN: S.CAMPUS,
        P.CREDIT_VIEW: S.CAMPUS,
        P.CREDIT_RULE: S.CAMPUS,
        P.PROMOTION_WRITE: S.CAMPUS,
        P.PARTNER_VIEW: S.CAMPUS,
        P.PARTNER_WRITE: S.CAMPUS,
        P.GROWTH_VIEW: S.CAMPUS,
        P.GROWTH_WRITE: S.CAMPUS,
        P.FEEDBACK_WRITE: S.CAMPUS,
        P.EVENT_WRITE: S.CAMPUS,
        P.EVENT_DOOR: S.CAMPUS,
        P.STORY_WRITE: S.CAMPUS,
    },
    RoleCode.ANALYST: {
        P.INSIGHT_VIEW: S.GROUP,
        P.INSIGHT_FINANCE: S.GROUP,
        P.INSIGHT_EXPORT: S.GROUP,
        P.INSIGHT_SQL: S.GROUP,
        P.INSIGHT_REPORT: S.GROUP,
        P.INSIGHT_IMPORT: S.GROUP,
    },
    RoleCode.PRIVACY: {
        P.PRIVACY_VIEW: S.GROUP,
        P.PRIVACY_WRITE: S.GROUP,
        P.AUDIT_VIEW: S.GROUP,
        P.PATIENT_VIEW: S.GROUP,
        P.PATIENT_MERGE: S.GROUP,
        P.STORY_LAW: S.GROUP,
    },
    RoleCode.AUDITOR: {P.AUDIT_VIEW: S.GROUP, P.PRIVACY_VIEW: S.GROUP},
    RoleCode.DIRECTOR: {
        P.INSIGHT_VIEW: S.GROUP,
        P.INSIGHT_FINANCE: S.GROUP,
        P.INSIGHT_STAFF: S.GROUP,
        P.INSIGHT_EXPORT: S.GROUP,
        P.INSIGHT_REPORT: S.GROUP,
        P.INSIGHT_SIGN: S.GROUP,
        P.MONEY_VIEW: S.GROUP,
        P.COST_WRITE: S.GROUP,
        P.SPEND_WRITE: S.GROUP,
        P.SCHEDULE_VIEW: S.GROUP,
        P.BOOKING_VIEW: S.GROUP,
        P.AFTERCARE_VIEW: S.GROUP,
        P.PRIVACY_VIEW: S.GROUP,
        P.LEAD_VIEW: S.GROUP,
        P.LEAD_ASSIGN: S.GROUP,
        P.CREDIT_VIEW: S.GROUP,
        P.CREDIT_RULE: S.GROUP,
        P.PROMOTION_WRITE: S.GROUP,
        P.PROMOTION_APPROVE: S.GROUP,
        P.PARTNER_VIEW: S.GROUP,
        P.PARTNER_SETTLE: S.GROUP,
        P.GROWTH_VIEW: S.GROUP,
        P.GROWTH_WRITE: S.GROUP,
        P.FEEDBACK_WRITE: S.GROUP,
        P.FEEDBACK_ASSIGN: S.GROUP,
        P.EVENT_WRITE: S.GROUP,
        P.STORY_LAW: S.GROUP,
    },
}

TOTP_ROLES = frozenset(
    {RoleCode.ADMIN, RoleCode.PRIVACY, RoleCode.AUDITOR, RoleCode.DIRECTOR, RoleCode.ANALYST}
)
"""Roles that must sign in with a second factor (等保三级 8.1.4.1: two factors, one cryptographic)."""

CLINICAL_ROLES = frozenset({RoleCode.SURGEON, RoleCode.ANAESTHETIST, RoleCode.NURSE})

APPROVERS = frozenset({RoleCode.SURGEON, RoleCode.ANAESTHETIST})
"""Physicians of the treating team may approve a look at their minor patient; the officer at anybody's."""
