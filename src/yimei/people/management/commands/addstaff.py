from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.hospital.actions import places
from yimei.hospital.enums import Grade, InstitutionKind
from yimei.hospital.models import Campus
from yimei.hospital.queries import campuses
from yimei.people.actions import staff
from yimei.people.roles import RoleCode


class Command(BaseCommand):
    help = gettext_noop("开通员工账号（首位管理员由此开通），显示一次性密码")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help=_("用户名"))
        parser.add_argument("--name", required=True, help=_("姓名"))
        parser.add_argument("--role", default=RoleCode.ADMIN.value, help=_("角色编码，默认 admin"))
        parser.add_argument("--campus", help=_("院区编码；只有一个院区时可省略"))
        parser.add_argument("--campus-name", help=_("还没有院区时：一并登记第一个院区的名称"))

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        known = {campus.code: campus for campus in campuses()}
        if not known:
            known = _first_campus(options["campus"] or "", options["campus_name"] or "", now)
        code = options["campus"] or (next(iter(known)) if len(known) == 1 else "")
        if code not in known:
            raise CommandError(
                _("请用 --campus 指明院区，现有：%(codes)s。") % {"codes": "、".join(known) or _("无")}
            )
        staff.seed_roles(now)
        password = token_urlsafe(12)
        staff.create(
            username=options["username"],
            name=options["name"],
            role=options["role"],
            campus=known[code],
            password=password,
            by=None,
            at=now,
        )
        self.stdout.write(_("已开通。一次性密码：%(password)s（首次登录须修改）") % {"password": password})


def _first_campus(code: str, name: str, now: datetime) -> dict[str, Campus]:
    """A hospital begins with one campus that may do least, until its licence is written down."""
    if not code or not name:
        said = _(
            "还没有院区：请加上 --campus 编码 --campus-name 名称，登记第一个；类别与级别随后在页面上改。"
        )
        raise CommandError(said)
    campus = places.create_campus(
        code=code, name=name, institution_kind=InstitutionKind.CLINIC, max_grade=Grade.ONE, by=None, at=now
    )
    return {code: campus}
