"""Rail and commands of figures, growth, members and feedback."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def insight() -> None:
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


def growth() -> None:
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


def members() -> None:
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


def feedback() -> None:
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
