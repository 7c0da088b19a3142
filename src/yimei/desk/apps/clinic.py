"""Rail and commands of reception, the ward and their settings."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from yimei.people.models import Staff
    from yimei.ui.registry import Campus


def people() -> None:
    """Rail and commands of people and compliance."""
    from yimei.desk.views.today import late_count
    from yimei.outbox.queries import unread_count
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
    registry.campuses(_places)


def _places(staff: "Staff") -> "list[Campus]":
    """Where somebody may work, called as short as tells them apart."""
    from yimei.hospital.rules.places import brief
    from yimei.people.access import campuses_of
    from yimei.ui.registry import Campus

    found = campuses_of(staff)
    names = brief([one.name for one in found])
    return [
        Campus(one.public_id, name, one.pk == staff.campus_id) for one, name in zip(found, names, strict=True)
    ]


def bookings() -> None:
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


def clinical() -> None:
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


def waiting() -> None:
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


def questionnaires() -> None:
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
