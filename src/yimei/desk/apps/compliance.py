"""Rail and commands of the privacy officer and the auditor."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def requests() -> None:
    """Rail and commands of people's requests."""
    from yimei.people.roles import Permission
    from yimei.privacy.queries.requests.clocks import late_count
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


def governance() -> None:
    """Rail and commands of the officer's registers."""
    from yimei.desk.views import posture
    from yimei.desk.views.roles import own_roles
    from yimei.journey.registry import today_source
    from yimei.people.roles import Permission, RoleCode
    from yimei.privacy.queries.incidents import clocks
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
        badge=lambda staff: clocks.late_count(staff, timezone.now()),
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


def guard() -> None:
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
