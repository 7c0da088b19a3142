"""Registers the desk's rail, commands and sources with the shell."""

from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Staff screens."""

    name = "yimei.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        _people()
        _bookings()
        _clinical()
        _requests()
        _governance()
        _waiting()
        _questionnaires()
        _guard()
        _insight()
        _growth()
        _members()
        _feedback()


def _people() -> None:
    """Rail and commands of people and compliance."""
    from yimei.desk.views.today import late_count
    from yimei.outbox.queries import unread_count
    from yimei.people.access import campuses_of
    from yimei.people.queries import break_glasses_awaiting, minor_looks_waiting
    from yimei.people.queries.merges import waiting_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item("", _("今日"), "sun-high", "desk:today", None, late_count, tab=True)
    registry.rail_item("", _("客户"), "users", "desk:patients", Permission.PATIENT_VIEW, tab=True)
    registry.rail_item(
        "", _("疑似重复"), "user", "desk:duplicates", Permission.PATIENT_MERGE, badge=waiting_count
    )
    registry.command(
        _("重复档案与并档"), "desk:duplicates", Permission.PATIENT_MERGE, keywords="chongfu bingdang hebing"
    )
    registry.rail_item(_("合规"), _("个人信息"), "shield-lock", "desk:privacy", Permission.PRIVACY_VIEW)
    registry.rail_item(
        _("合规"),
        _("紧急访问"),
        "door-enter",
        "desk:break-glasses",
        Permission.PRIVACY_VIEW,
        badge=lambda staff: break_glasses_awaiting(staff).count(),
    )
    registry.rail_item(
        _("合规"),
        _("未成年人查看"),
        "users",
        "desk:minor-looks",
        Permission.PRIVACY_WRITE,
        badge=minor_looks_waiting,
    )
    registry.command(
        _("未成年人病历查看"), "desk:minor-looks", Permission.CLINICAL_VIEW, keywords="weichengnian shenpi"
    )
    registry.rail_item(_("设置"), _("员工与权限"), "id-badge-2", "desk:staff", Permission.STAFF_WRITE)
    registry.command(_("角色与权限"), "desk:roles", Permission.AUDIT_VIEW, keywords="juese quanxian 授权")
    registry.rail_item(
        _("设置"), _("院区与房间"), "building-hospital", "desk:places", Permission.CATALOGUE_WRITE
    )
    registry.rail_item(
        _("设置"), _("项目与价格"), "clipboard-list", "desk:catalogue", Permission.CATALOGUE_WRITE
    )
    registry.rail_item(_("设置"), _("知情同意与文书"), "file-text", "desk:papers", Permission.CATALOGUE_WRITE)
    registry.command(
        _("项目目录：查看与临床确认"),
        "desk:catalogue",
        Permission.PLAN_WRITE,
        keywords="xiangmu mulu 临床确认 价格",
    )
    registry.command(
        _("节假日与调休"),
        "desk:working-days",
        Permission.CATALOGUE_WRITE,
        keywords="jiejiari tiaoxiu 放假 春节",
    )
    registry.rail_item(_("设置"), _("排班"), "calendar-event", "desk:roster", Permission.ROSTER_WRITE)
    registry.command(_("排班"), "desk:roster", Permission.BOOKING_VIEW, keywords="paiban zhiban 值班 班次")
    registry.command(
        _("登记新客户"), "desk:patient-new", Permission.PATIENT_WRITE, keywords="建档 xinkehu dengji"
    )
    registry.command(
        _("开通员工账号"), "desk:staff-new", Permission.STAFF_WRITE, keywords="yuangong zhanghao"
    )
    registry.command(_("修改密码"), "desk:password-change", None, keywords="mima password")
    registry.notifications(unread_count)
    registry.campuses(
        lambda staff: [
            registry.Campus(one.public_id, one.name, one.pk == staff.campus_id) for one in campuses_of(staff)
        ]
    )


def _questionnaires() -> None:
    """The library of questionnaires."""
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item(
        _("设置"), _("问卷库"), "clipboard-list", "desk:questionnaires", Permission.CATALOGUE_WRITE
    )
    registry.rail_item(
        _("设置"), _("参考范围与停药"), "clipboard-check", "desk:clinical-ranges", Permission.CATALOGUE_WRITE
    )
    registry.command(
        _("参考范围与停药规则：查看与确认"),
        "desk:clinical-ranges",
        Permission.PLAN_WRITE,
        keywords="cankaofanwei tingyao 危急值 确认",
    )
    registry.rail_item(_("经营"), _("价格差异"), "chart-bar", "desk:money-variance", Permission.MONEY_VIEW)
    registry.rail_item(_("经营"), _("支出登记"), "coin", "desk:costs", Permission.SPEND_WRITE)
    registry.command(
        _("登记支出"), "desk:cost-new", Permission.SPEND_WRITE, keywords="zhichu guanggao chengben 费用 房租"
    )
    registry.rail_item(_("设置"), _("网上可约"), "world", "desk:online-terms", Permission.CATALOGUE_WRITE)
    registry.rail_item(
        _("设置"), _("服务设置"), "settings", "desk:journey-numbers", Permission.CATALOGUE_WRITE
    )
    registry.rail_item(_("设置"), _("优惠权限"), "coin", "desk:discount-limits", Permission.CATALOGUE_WRITE)
    registry.command(
        _("问卷库"), "desk:questionnaires", Permission.CONSULT_WRITE, keywords="wenjuan 量表 questionnaire"
    )


def _bookings() -> None:
    """Rail and commands of bookings and money."""
    from yimei.journey.queries.bookings import waiting_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item("", _("预约"), "calendar-check", "desk:bookings", Permission.BOOKING_VIEW, tab=True)
    registry.rail_item(
        "", _("接待"), "door-enter", "desk:reception", Permission.RECEPTION_WRITE, waiting_count, tab=True
    )
    registry.rail_item(_("经营"), _("收银"), "cash", "desk:money", Permission.MONEY_VIEW, tab=True)
    registry.command(
        _("新建预约"), "desk:booking-new", Permission.BOOKING_WRITE, keywords="yuyue dianhua 来电"
    )
    registry.command(
        _("组合预约：一次做几项"), "desk:visit-new", Permission.BOOKING_WRITE, keywords="zuhe yuyue 多项"
    )
    registry.command(
        _("预约疗程"), "desk:course-new", Permission.BOOKING_WRITE, keywords="liaocheng 多次 光电"
    )
    registry.command(
        _("日程：医生、房间与设备"), "desk:calendar", Permission.BOOKING_VIEW, keywords="richeng rili 周视图"
    )
    registry.command(_("今天的预约"), "desk:bookings", Permission.BOOKING_VIEW, keywords="yuyue rili 日程")


def _clinical() -> None:
    """Rail and commands of clinical work."""
    from yimei.journey.queries.aftercare import late_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item("", _("手术排台"), "layout-board", "desk:schedule", Permission.SCHEDULE_VIEW)
    registry.rail_item(
        "",
        _("术后关怀"),
        "heart-handshake",
        "desk:aftercare",
        Permission.AFTERCARE_VIEW,
        badge=lambda staff: late_count(staff, timezone.now()),
    )
    registry.rail_item("", _("检验导入"), "clipboard-check", "desk:labs", Permission.TEST_WRITE)
    registry.command(_("导入检验结果"), "desk:labs", Permission.TEST_WRITE, keywords="jianyan daoru csv")
    registry.command(_("手术排台"), "desk:schedule", Permission.SCHEDULE_VIEW, keywords="paitai shoushu")
    registry.command(_("术后回访"), "desk:aftercare", Permission.AFTERCARE_VIEW, keywords="huifang")


def _requests() -> None:
    """Rail and commands of people's requests."""
    from yimei.people.roles import Permission
    from yimei.privacy.queries.requests import late_count
    from yimei.ui import registry

    registry.rail_item(
        _("合规"),
        _("主体权利"),
        "file-text",
        "desk:requests",
        Permission.PRIVACY_VIEW,
        badge=lambda staff: late_count(staff, timezone.now()),
    )
    registry.command(
        _("主体权利请求"), "desk:requests", Permission.PRIVACY_VIEW, keywords="qingqiu shanchu chayue"
    )
    registry.command(_("封存资料"), "desk:sealed", Permission.PRIVACY_WRITE, keywords="fengcun jiefeng")
    registry.command(
        _("封存与保全"), "desk:holds", Permission.PRIVACY_VIEW, keywords="fengcun baoquan jiufen"
    )
    registry.rail_item(_("合规"), _("告知与同意"), "article", "desk:notice-list", Permission.PRIVACY_VIEW)
    registry.command(_("保存与删除"), "desk:retention", Permission.PRIVACY_VIEW, keywords="baocun shanchu")
    registry.command(_("最小必要"), "desk:minimise", Permission.PRIVACY_VIEW, keywords="zuixiao biyao")
    registry.command(
        _("成年交接"), "desk:majority", Permission.PRIVACY_VIEW, keywords="chengnian jianhuren 监护 18"
    )
    registry.command(
        _("重新征求同意"), "desk:consents-again", Permission.PRIVACY_VIEW, keywords="tongyi gaozhi"
    )


def _governance() -> None:
    """Rail and commands of the officer's registers."""
    from yimei.desk.views import posture
    from yimei.desk.views.roles import own_roles
    from yimei.journey.registry import today_source
    from yimei.people.roles import Permission, RoleCode
    from yimei.privacy.queries import incidents
    from yimei.ui import registry

    today_source(RoleCode.PRIVACY)(posture.officers_day)
    today_source()(posture.training_owed)
    today_source(RoleCode.PRIVACY, RoleCode.AUDITOR)(own_roles)
    registry.rail_item(_("合规"), _("合规总览"), "shield-check", "desk:posture", Permission.PRIVACY_VIEW)
    registry.rail_item(
        _("合规"),
        _("事件与泄露"),
        "alert-triangle",
        "desk:incidents",
        Permission.PRIVACY_VIEW,
        badge=lambda staff: incidents.late_count(staff, timezone.now()),
    )
    registry.command(
        _("报告安全事件"), "desk:incident-report", None, keywords="shijian xielou 泄露 诈骗 jubao"
    )
    registry.rail_item(
        _("合规"), _("影响评估"), "clipboard-check", "desk:assessments", Permission.PRIVACY_VIEW
    )
    registry.rail_item(_("合规"), _("处理目的"), "target-arrow", "desk:purposes", Permission.PRIVACY_VIEW)
    registry.command(_("处理目的"), "desk:purposes", Permission.PRIVACY_VIEW, keywords="mudi 依据 停用 启用")
    registry.rail_item(_("合规"), _("合作方"), "building-hospital", "desk:parties", Permission.PRIVACY_VIEW)
    registry.rail_item(_("合规"), _("出境"), "world", "desk:transfers", Permission.PRIVACY_VIEW)
    registry.command(_("影响评估"), "desk:assessments", Permission.PRIVACY_VIEW, keywords="pia pinggu 风险")
    registry.command(
        _("登记合作方"), "desk:party-new", Permission.PRIVACY_WRITE, keywords="hezuofang 供应商 受托"
    )
    registry.command(_("出境登记"), "desk:transfers", Permission.PRIVACY_VIEW, keywords="chujing 跨境 境外")
    registry.rail_item(_("合规"), _("合规审计"), "clipboard-list", "desk:audits", Permission.PRIVACY_VIEW)
    registry.rail_item(_("合规"), _("培训"), "certificate", "desk:training", None)
    registry.command(_("合规总览"), "desk:posture", Permission.PRIVACY_VIEW, keywords="hegui zonglan 总览")
    registry.command(_("合规审计"), "desk:audits", Permission.PRIVACY_VIEW, keywords="shenji 审计")
    registry.command(_("我的培训"), "desk:training", None, keywords="peixun 课程 测验 证书")
    registry.rail_item(_("合规"), _("法规规则"), "article", "desk:rules", Permission.PRIVACY_VIEW)
    registry.command(_("法规规则"), "desk:rules", Permission.PRIVACY_VIEW, keywords="guize fagui 期限 参数")


def _guard() -> None:
    """Rail, commands and lists of the watch over the log."""
    from yimei.journey.queries.exports import CUSTOMERS
    from yimei.people.roles import Permission
    from yimei.privacy.queries.alarms import open_count
    from yimei.privacy.queries.exports import waiting_count
    from yimei.privacy.registry import export_source
    from yimei.ui import registry

    export_source(CUSTOMERS)
    registry.rail_item(
        _("合规"), _("访问预警"), "alert-triangle", "desk:alarms", Permission.PRIVACY_VIEW, open_count
    )
    registry.command(
        _("诱饵档案"), "desk:canaries", Permission.PRIVACY_WRITE, keywords="youer 外流 溯源 canary"
    )
    registry.rail_item(_("合规"), _("谁看过"), "eye", "desk:access-log", Permission.AUDIT_VIEW)
    registry.rail_item(_("合规"), _("日志封签"), "certificate", "desk:seals", Permission.AUDIT_VIEW)
    registry.rail_item(
        _("合规"), _("导出台账"), "download", "desk:exports", Permission.PRIVACY_VIEW, waiting_count
    )
    registry.command(
        _("我的导出"), "desk:exports", Permission.PATIENT_VIEW, keywords="daochu excel 名单 超量查看"
    )


def _waiting() -> None:
    """Rail and commands of the waiting list and of one's own calendar."""
    from yimei.journey.queries.waiting import waiting_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item("", _("候补"), "hourglass", "desk:waiting", Permission.BOOKING_VIEW, waiting_count)
    registry.command(
        _("逾期的下一步"),
        "desk:overdue",
        Permission.INSIGHT_VIEW,
        keywords="yuqi cuiban",
        also=Permission.BOOKING_VIEW,
    )
    registry.rail_item(_("设置"), _("日历订阅"), "calendar", "desk:feeds", None)
    registry.command(
        _("登记候补"), "desk:waiting-new", Permission.BOOKING_WRITE, keywords="houbu dengdai 排队"
    )
    registry.command(_("未接待记录"), "desk:turn-aways", Permission.BOOKING_VIEW, keywords="weijiedai 约不上")
    registry.command(_("日历订阅"), "desk:feeds", None, keywords="rili ics calendar")


def _insight() -> None:
    """Rail and commands of figures."""
    from yimei.people.roles import Permission
    from yimei.ui import registry

    section = _("数据")
    registry.rail_item(section, _("看板"), "chart-bar", "desk:insight", Permission.INSIGHT_VIEW, tab=True)
    registry.rail_item(section, _("本岗位看板"), "chart-bar", "desk:insight-own", Permission.INSIGHT_PAGE)
    registry.rail_item(section, _("数据接口"), "link", "desk:insight-feeds", Permission.INSIGHT_EXPORT)
    registry.rail_item(section, _("报告"), "file-text", "desk:insight-reports", Permission.INSIGHT_VIEW)
    registry.command(
        _("写一份报告"),
        "desk:insight-report-new",
        Permission.INSIGHT_REPORT,
        keywords="baogao yuebao zhoubao report",
    )
    registry.rail_item(section, _("探索"), "search", "desk:insight-explore", Permission.INSIGHT_VIEW)
    registry.rail_item(
        section, _("统计分析"), "chart-line", "desk:insight-statistics", Permission.INSIGHT_VIEW
    )
    registry.rail_item(section, _("SQL 查询"), "file-text", "desk:insight-sql", Permission.INSIGHT_SQL)
    registry.rail_item(section, _("导入数据"), "upload", "desk:insight-imports", Permission.INSIGHT_IMPORT)
    registry.command(
        _("导入数据"), "desk:insight-imports", Permission.INSIGHT_IMPORT, keywords="daoru excel csv spss"
    )
    registry.command(
        _("允许取数的主机"), "desk:insight-hosts", Permission.CATALOGUE_WRITE, keywords="zhuji shujuku host"
    )
    registry.rail_item(section, _("指标与字典"), "list", "desk:insight-dictionary", Permission.INSIGHT_VIEW)
    registry.command(
        _("探索指标"), "desk:insight-explore", Permission.INSIGHT_VIEW, keywords="tansuo zhibiao metric"
    )
    registry.command(
        _("统计检验"), "desk:insight-statistics", Permission.INSIGHT_VIEW, keywords="tongji jianyan"
    )


def _growth() -> None:
    """Rail and commands of leads."""
    from yimei.growth.queries.today import overdue_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item(
        "",
        _("线索"),
        "speakerphone",
        "desk:leads",
        Permission.LEAD_VIEW,
        badge=lambda staff: overdue_count(staff, timezone.now()),
    )
    registry.command(
        _("登记线索"), "desk:lead-new", Permission.LEAD_WRITE, keywords="xiansuo dengji 咨询 lead"
    )
    registry.rail_item("", _("业绩归属"), "coin", "desk:credit", Permission.CREDIT_VIEW)
    registry.command(
        _("业绩归属规则"),
        "desk:credit-rules",
        Permission.CREDIT_VIEW,
        keywords="yeji guishu ticheng guize credit",
    )
    registry.rail_item(_("增长"), _("分群"), "users", "desk:segments", Permission.GROWTH_VIEW)
    registry.rail_item(_("增长"), _("旅程"), "route", "desk:flows", Permission.GROWTH_VIEW)
    registry.command(
        _("新建旅程"), "desk:flow-new", Permission.GROWTH_WRITE, keywords="lvcheng flow zidonghua"
    )
    registry.rail_item(_("设置"), _("增长设置"), "settings", "desk:growth-numbers", Permission.GROWTH_VIEW)
    registry.command(_("旅程任务"), "desk:flow-tasks", None, keywords="renwu task lvcheng")
    registry.command(
        _("新建分群"), "desk:segment-new", Permission.GROWTH_WRITE, keywords="fenqun segment renqun"
    )
    registry.command(_("公海与线索"), "desk:leads", Permission.LEAD_VIEW, keywords="gonghai xiansuo genjin")


def _members() -> None:
    """Rail and commands of members and what they get."""
    from yimei.growth.queries.partners import waiting_count as partners_waiting
    from yimei.growth.queries.referrals import waiting_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    section = _("会员与活动")
    registry.rail_item(section, _("会员"), "id-badge-2", "desk:members", Permission.MEMBER_VIEW)
    registry.rail_item(section, _("活动与券"), "coin", "desk:promotions", Permission.PROMOTION_WRITE)
    registry.rail_item(section, _("价格真实"), "receipt", "desk:price-truth", Permission.PROMOTION_WRITE)
    registry.command(
        _("活动与优惠券"), "desk:promotions", Permission.COUPON_WRITE, keywords="huodong youhuiquan 券 促销"
    )
    registry.command(
        _("价格真实与底线"), "desk:price-truth", Permission.MONEY_VIEW, keywords="jiage dixian 比较价格 原价"
    )
    registry.rail_item(
        section, _("会员规则"), "clipboard-list", "desk:member-rules", Permission.PROMOTION_WRITE
    )
    registry.rail_item(
        section,
        _("老带新"),
        "heart-handshake",
        "desk:referrals",
        Permission.MEMBER_VIEW,
        badge=waiting_count,
    )
    registry.rail_item(
        section, _("渠道合作方"), "link", "desk:partners", Permission.PARTNER_VIEW, badge=partners_waiting
    )
    registry.command(
        _("登记渠道合作方"),
        "desk:partner-new",
        Permission.PARTNER_WRITE,
        keywords="qudao hezuo 美容院 partner",
    )
    registry.command(
        _("老带新与推荐码"),
        "desk:referrals",
        Permission.PROMOTION_WRITE,
        keywords="laodaixin tuijian 推荐 referral",
    )
    registry.command(_("会员"), "desk:members", Permission.MEMBER_VIEW, keywords="huiyuan jifen 积分 权益")
    registry.command(
        _("会员规则"), "desk:member-rules", Permission.PROMOTION_WRITE, keywords="huiyuan guize dengji 等级"
    )


def _feedback() -> None:
    """Rail and commands of what people say and what is changed because of it."""
    from yimei.growth.queries.feedback import late_count
    from yimei.growth.queries.stories import down_count
    from yimei.people.roles import Permission
    from yimei.ui import registry

    registry.rail_item(
        "",
        _("意见"),
        "message-circle",
        "desk:feedback",
        Permission.FEEDBACK_WRITE,
        badge=lambda staff: late_count(staff, timezone.now()),
    )
    registry.command(
        _("登记意见"),
        "desk:feedback-new",
        Permission.FEEDBACK_WRITE,
        keywords="yijian tousu 投诉 建议 feedback",
    )
    registry.command(
        _("意见码"), "desk:feedback-places", Permission.FEEDBACK_ASSIGN, keywords="yijianma qr 地点"
    )
    registry.command(
        _("导入平台评价"),
        "desk:feedback-reviews",
        Permission.FEEDBACK_ASSIGN,
        keywords="pingjia chaping 差评",
    )
    registry.command(
        _("改进措施"), "desk:improvements", Permission.FEEDBACK_WRITE, keywords="gaijin zhenggai 整改"
    )
    registry.rail_item(
        _("会员与活动"),
        _("客户故事"),
        "article",
        "desk:stories",
        Permission.STORY_WRITE,
        badge=down_count,
    )
    registry.command(
        _("客户故事审核"),
        "desk:stories",
        Permission.STORY_MEDICAL,
        keywords="gushi shenhe 案例 审核 story",
        also=Permission.STORY_LAW,
    )
    registry.rail_item(_("会员与活动"), _("面诊参考册"), "photo", "desk:story-album", Permission.STORY_SHOW)
    registry.command(
        _("培训用故事"), "desk:story-lessons", Permission.STORY_SHOW, keywords="peixun gushi 案例 lesson"
    )
    registry.rail_item(
        _("会员与活动"), _("活动日与讲座"), "calendar-event", "desk:events", Permission.EVENT_WRITE
    )
    registry.command(
        _("活动签到"), "desk:event-doors", Permission.EVENT_DOOR, keywords="huodong qiandao 入场 door"
    )
    registry.command(
        _("筹办活动"),
        "desk:event-new",
        Permission.EVENT_WRITE,
        keywords="huodong jiangzuo 咨询日 博览会 event",
    )
